import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { LabFailure } from "../../lab/failure.ts"
import type { LedgerSummary } from "./ledger-summary.ts"
import type { ReconcileOptions } from "./reconcile.ts"

export interface LedgerOutcome {
  summary: LedgerSummary
  /** Of the process that reconciled, by its own account (getrusage). */
  maxRssKb: number
  /** User and system time of that process. */
  cpuMs: number
}

/** Like `reconcile`, in a process of its own. Throws a LabFailure with that process's words where it does not get through. */
export async function inOwnProcess(options: ReconcileOptions): Promise<LedgerOutcome> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "ledger-process.ts"), JSON.stringify(options)],
    { stdio: ["ignore", "pipe", "pipe"] })
  const [output, errors, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
  if (code === 0) return JSON.parse(output) as LedgerOutcome
  throw new LabFailure(`The ledger ended with ${code === null ? String(signal) : `exit code ${code}`}: ${errors.trim()}`, {
    where: options.folder, remedy: "read the words above; where memory was short, free some",
  })
}
