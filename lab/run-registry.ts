import { mkdir, readdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Owner } from "./ownership.ts"
import { writeWhole } from "./whole-file.ts"

/** A run that may have made something, known before it makes it. `image` is the world's, which can remove its rules. */
export interface RegisteredRun { run: string; owner: Owner; image: string }

/**
 * Notes a run in `<stateFolder>/runs/<run>.json`. Call it before anything is made; `removeRun` forgets it.
 *
 * The registry belongs to one clone, while two clones may share an engine, so it is only the second net: the first is
 * the engine itself, whose labelled networks are made before a run's rules and removed after them, and tell every
 * clone of a dead run. The registry adds what the engine cannot tell: temporary folders of this clone, and runs whose
 * networks somebody removed by hand.
 */
export async function registerRun(stateFolder: string, registered: RegisteredRun): Promise<void> {
  await mkdir(join(stateFolder, "runs"), { recursive: true })
  await writeWhole(fileOf(stateFolder, registered.run), registered)
}

/** Every run that is noted in this clone, alive or dead. A file that is no such note is left out, and left alone. */
export async function registeredRuns(stateFolder: string): Promise<RegisteredRun[]> {
  const names = await readdir(join(stateFolder, "runs")).catch(() => [])
  const runs = await Promise.all(names.filter((name) => name.endsWith(".json")).map(async (name) => {
    try {
      const noted = JSON.parse(await readFile(join(stateFolder, "runs", name), "utf8")) as RegisteredRun
      return noted.run === name.slice(0, -".json".length) && noted.owner ? [noted] : []
    } catch {
      return []
    }
  }))
  return runs.flat()
}

/** Removes the run's temporary folder, then the note itself: in this order, so that a death in between is found. */
export async function forgetRun(stateFolder: string, run: string): Promise<void> {
  await rm(join(stateFolder, "tmp", run), { recursive: true, force: true })
  await rm(fileOf(stateFolder, run), { force: true })
}

function fileOf(stateFolder: string, run: string): string {
  return join(stateFolder, "runs", `${run}.json`)
}
