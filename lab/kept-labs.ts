import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { InputError } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { isAlive, type Owner } from "./ownership.ts"
import { registeredRuns, type RegisteredRun } from "./run-registry.ts"
import { stateFolder as ownStateFolder } from "./state-folder.ts"
import { writeWhole } from "./whole-file.ts"

const noteFile = "kept-lab.json"

/** What the owner of a lab that is kept up says of it, in `kept-lab.json` of its run's folder. */
export interface KeptLabNote {
  schema: "recette.kept-lab/v1"
  /** Platform and the last four letters of the run: `maquette-k3f9`. */
  name: string
  run: string
  owner: Owner
  /** `ariel-pr/2026.1`. */
  release: string
  startedAt: string
  /** Absent while it starts. */
  readyAt?: string
  /** Address of its page, on 127.0.0.1. */
  page?: string
}

/** A lab that is kept up, or was: `isAlive` says which. */
export interface KeptLab { note: KeptLabNote; folder: string; isAlive: boolean }

export function keptName(platform: string, run: string): string {
  return `${platform}-${run.slice(run.lastIndexOf("-") + 1)}`
}

export async function writeNote(folder: string, note: KeptLabNote): Promise<void> {
  await writeWhole(join(folder, noteFile), note)
}

/** The note in a run's folder; `undefined` for a run that is no kept lab. */
export async function readNote(folder: string): Promise<KeptLabNote | undefined> {
  const text = await readFile(join(folder, noteFile), "utf8").catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text) as KeptLabNote
}

/** Every kept lab of this clone whose things may still be there, the oldest first. */
export async function keptLabs(stateFolder = ownStateFolder): Promise<KeptLab[]> {
  const runs = await registeredRuns(stateFolder)
  const labs = await Promise.all(runs.map(async ({ owner, folder }: RegisteredRun): Promise<KeptLab[]> => {
    const note = folder === undefined ? undefined : await readNote(folder)
    return note ? [{ note, folder: folder!, isAlive: isAlive(owner) }] : []
  }))
  return labs.flat().sort((a, b) => a.note.startedAt < b.note.startedAt ? -1 : 1)
}

/** The kept lab of that name or run, or the only one of that platform. Throws InputError with the names that there are. */
export async function keptLabNamed(wanted: string, stateFolder = ownStateFolder): Promise<KeptLab> {
  const labs = await keptLabs(stateFolder)
  const exact = labs.filter(({ note: { name, run } }) => name === wanted || run === wanted)
  const found = exact.length > 0 ? exact : labs.filter(({ note: { name } }) => name.slice(0, name.lastIndexOf("-")) === wanted)
  if (found.length === 1) return found[0]!
  const names = labs.map(({ note: { name } }) => name).join(", ")
  throw new InputError(found.length > 1 ? `More than one lab is called ${wanted}: ${found.map(({ note }) => note.name).join(", ")}` : `There is no lab ${wanted}`, {
    where: "the command line", remedy: names === "" ? "start one: recette lab up" : `use one of ${names}; recette lab status shows them`,
  })
}

/** What another process needs to reach it. Throws InputError while it is not ready. */
export async function handleOf({ folder, note: { name } }: KeptLab): Promise<LabHandle> {
  const text = await readFile(join(folder, "lab.json"), "utf8").catch((cause: unknown) => {
    throw new InputError(`The lab ${name} is not ready yet`, { where: join(folder, "logs/owner.log"), remedy: "wait until it is: that log says what it does", cause })
  })
  return JSON.parse(text) as LabHandle
}
