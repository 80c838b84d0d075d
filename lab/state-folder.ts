import { mkdir, readdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { isAlive, thisOwner, thisPlace } from "./ownership.ts"

/** The project's own folder. */
export const projectFolder = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "")

/** What recette keeps between commands: logs, locks and temporary folders. Ignored by git, safe to delete. */
export const stateFolder = join(projectFolder, ".recette")

const temporary = join(stateFolder, "tmp")
const ownerOfFolder = /^(\d+)-(\d+)-(\w+)-(\w+)-/

/** Full path of a log of the set-up, its folder made. */
export async function logFile(name: string): Promise<string> {
  const folder = join(stateFolder, "log")
  await mkdir(folder, { recursive: true })
  return join(folder, `${name}.log`)
}

/** A folder of this process alone; removed by `await using`, or by the next command when this one was killed. */
export async function temporaryFolder(purpose: string): Promise<{ path: string } & AsyncDisposable> {
  const { pid, startTicks, pidNamespace, machine } = thisOwner()
  const path = join(temporary, [pid, startTicks, pidNamespace, machine, purpose].join("-"))
  await rm(path, { recursive: true, force: true })
  await mkdir(path, { recursive: true })
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) }
}

/**
 * Removes the temporary folders of processes that are dead, and returns how many there were. The clone may be shared by
 * containers or machines: what another one of them made stays (ownership.ts).
 */
export async function sweepTemporaryFolders(folder = temporary): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const dead = names.filter((name) => {
    const [, pid, startTicks, pidNamespace, machine] = ownerOfFolder.exec(name) ?? []
    if (!pid || !startTicks || !pidNamespace || !machine) return false
    const ours = machine === thisPlace().machine
    return ours && !isAlive({ pid: Number(pid), startTicks, pidNamespace, machine, bootId: thisPlace().bootId })
  })
  await Promise.all(dead.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })))
  return dead.length
}
