import { createHash } from "node:crypto"

/** First part of a load's ids, and of all names that are made for it: another one for each load of a lab. */
export function loadMark(labRun: string): string {
  const hash = createHash("sha256").update(`${labRun} ${process.pid} ${performance.timeOrigin + performance.now()}`)
  return `l${BigInt(`0x${hash.digest("hex").slice(0, 12)}`).toString(36).padStart(8, "0").slice(-8)}`
}
