import { mkdir, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { startTicks } from "./ownership.ts"

/** The project's own folder. */
export const projectFolder = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "")

/** What recette keeps between commands: logs, locks and temporary folders. Ignored by git, safe to delete. */
export const stateFolder = join(projectFolder, ".recette")

const temporary = join(stateFolder, "tmp")
const ownerOfFolder = /^(\d+)-(\d+)-/

/** Full path of a log of the set-up, its folder made. */
export async function logFile(name: string): Promise<string> {
  const folder = join(stateFolder, "log")
  await mkdir(folder, { recursive: true })
  return join(folder, `${name}.log`)
}

/** A folder of this process alone; removed by `await using`, or by the next command when this one was killed. */
export async function temporaryFolder(purpose: string): Promise<{ path: string } & AsyncDisposable> {
  const path = join(temporary, `${process.pid}-${startTicks(process.pid) ?? "0"}-${purpose}`)
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true })
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/** Removes the temporary folders of processes that are dead, and returns how many there were. */
export async function sweepTemporaryFolders(folder = temporary): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const dead = names.filter((name) => {
    const [, pid, ticks] = ownerOfFolder.exec(name) ?? []
    return pid !== undefined && startTicks(Number(pid)) !== ticks
  })
  await Promise.all(dead.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })))
  return dead.length
}
