import { mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { ReportFailure } from "./failure.ts"

/** Writes a file whole or not at all. Throws a ReportFailure with `exitCode` where the disk refuses. */
export async function writeWhole(path: string, content: string, { remedy, exitCode }: { remedy: string; exitCode: 2 | 3 | 4 }): Promise<void> {
  const temporary = `${path}.${process.pid}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, content)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw new ReportFailure(`${path} could not be written: ${(cause as Error).message}`, { where: dirname(path), remedy, exitCode, cause })
  }
}
