import { readdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import type { Owner } from "./ownership.ts"
import { stateFolder } from "./state-folder.ts"
import { writeWhole } from "./whole-file.ts"

/** A run that may have made something, known before it makes it. `image` is the world's, which can remove its rules. */
export interface RegisteredRun { run: string; owner: Owner; image: string; /** Absolute path of the run's folder. */ folder?: string }

/**
 * Notes a run in `<folder>/runs/<run>.json`. Call it before anything is made; `removeRun` forgets it.
 *
 * The registry belongs to one clone, while two clones may share an engine, so it is only the second net: the first is
 * the engine itself, whose labelled networks are made before a run's rules and removed after them, and so tell every
 * clone of a dead run. The registry adds the runs whose networks somebody removed by hand.
 */
export async function registerRun(registered: RegisteredRun, folder = stateFolder): Promise<void> {
  await writeWhole(fileOf(folder, registered.run), registered)
}

/** Every run that is noted in this clone, alive or dead. A file that is no such note is left out, and left alone. */
export async function registeredRuns(folder = stateFolder): Promise<RegisteredRun[]> {
  const names = await readdir(join(folder, "runs")).catch(() => [])
  const runs = await Promise.all(names.filter((name) => name.endsWith(".json")).map(async (name) => {
    try {
      const noted = JSON.parse(await readFile(join(folder, "runs", name), "utf8")) as RegisteredRun
      return noted.run === name.slice(0, -".json".length) && noted.owner ? [noted] : []
    } catch {
      return []
    }
  }))
  return runs.flat()
}

export async function forgetRun(folder: string, run: string): Promise<void> {
  await rm(fileOf(folder, run), { force: true })
}

function fileOf(folder: string, run: string): string {
  return join(folder, "runs", `${run}.json`)
}
