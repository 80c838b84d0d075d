import { constants } from "node:fs"
import { cp, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { z } from "zod"
import { InputError } from "../lab/failure.ts"
import type { LabHandle } from "../lab/handle.ts"
import { isAlive } from "../lab/ownership.ts"
import type { Release } from "../lab/release.ts"
import type { RunRecord } from "../lab/run-record.ts"
import { LoadFile } from "./load-file.ts"
import type { LoadProfile } from "./load-profile.ts"
import type { LeftOut } from "./load-set.ts"

const Part = z.object({ run: z.string(), loads: z.array(z.string()) })

/** What of `run.json` a run that goes on needs. */
const InterruptedRun = z.object({
  run: z.string(), state: z.string(), seed: z.int(), level: z.enum(["quick", "full", "election"]), only: z.array(z.string()).nullable(),
  profiles: z.array(z.string()), leftOut: z.array(z.object({ profile: z.string(), seconds: z.number() })).default([]),
  release: z.object({ name: z.string(), path: z.string(), shipped: z.boolean(), digest: z.string() }), resumed: z.array(Part).default([]),
})

/** Loads that earlier runs of one digest, level and seed put on labs of their own. */
export type ResumedPart = z.infer<typeof Part>

/** What a command may say of the run that it resumes, as far as somebody wrote it. */
export interface AskedOfResumed { seed?: number; level?: string; only?: unknown; profile?: unknown; budget?: unknown }

/** A run that did not get to its end, and another may take up (`qualify --resume`). */
export class Interrupted {
  private readonly folder: string
  private readonly facts: z.infer<typeof InterruptedRun>
  private constructor(folder: string, facts: z.infer<typeof InterruptedRun>) {
    this.folder = folder
    this.facts = facts
  }

  /** Throws an InputError for a run that is none, has ended, or still goes on, and for another seed or level. */
  static async read(path: string, asked: AskedOfResumed = {}): Promise<Interrupted> {
    const folder = resolve(path)
    const refuse = (what: string, remedy: string): never => { throw new InputError(what, { where: `--resume ${path}`, remedy }) }
    const { data: facts } = InterruptedRun.safeParse(await json(join(folder, "run.json")))
    if (!facts) return refuse("This is not the folder of a run that could be resumed: it has no run.json with its release, seed, level and loads", "name a folder of results/")
    if (facts.state === "finished") refuse(`Run ${facts.run} has finished: nothing is left to resume`, "run qualify without --resume")
    const handle = await json(join(folder, "lab.json")) as Pick<LabHandle, "owner"> | undefined
    if (facts.state === "running" && handle && isAlive(handle.owner)) refuse(`Run ${facts.run} still goes on`, "let it end, or end it with Ctrl-C first")
    for (const key of ["seed", "level"] as const) {
      if (asked[key] !== undefined && asked[key] !== facts[key]) {
        refuse(`Run ${facts.run} has ${key} ${facts[key]}, and ${asked[key]} was asked for`, `leave --${key} out: what is resumed keeps its own`)
      }
    }
    const own = (["only", "profile", "budget"] as const).find((key) => asked[key] !== undefined)
    if (own) refuse(`What is resumed keeps its own --${own}`, `leave --${own} out`)
    return new Interrupted(folder, facts)
  }

  /** The release, as a command names it. */
  get release(): string {
    const { shipped, name, path } = this.facts.release
    return shipped ? name : path
  }

  /** What the run was asked for. */
  get request(): { seed: number; level: "quick" | "full" | "election"; profile: string; leftOut: LeftOut[]; only?: string[] } {
    const { seed, level, only, profiles, leftOut } = this.facts
    return { seed, level, profile: profiles.join(",") || "none", leftOut, ...(only ? { only } : {}) }
  }

  /** Throws an InputError where the release is not what it was. */
  requireSame({ digest }: Pick<Release, "digest">): void {
    const { run, release } = this.facts
    if (digest === release.digest) return
    throw new InputError(`Run ${run} qualified another release: its digest is ${release.digest}, and now it is ${digest}`, {
      where: release.path, remedy: "restore the release as it was, or qualify it from the beginning",
    })
  }

  /**
   * Takes the loads over whose file is whole, with what lies behind them, into the folder of the run that goes on. Those that
   * failed, or were asked for otherwise, are left. Returns which, by the run whose lab carried them.
   */
  async takeOver(folder: string, profiles: readonly LoadProfile[]): Promise<ResumedPart[]> {
    const taken: string[] = []
    for (const profile of profiles) {
      if (!this.isWhole(await json(join(this.folder, "load", `${profile.name}.json`)), profile)) continue
      for (const path of [join("load", profile.name), join("ledger", profile.name), join("load", `${profile.name}.json`)]) {
        await cp(join(this.folder, path), join(folder, path), { recursive: true, mode: constants.COPYFILE_FICLONE }).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOENT") throw error
        })
      }
      taken.push(profile.name)
    }
    const { run, resumed } = this.facts
    const before = resumed.map((part) => ({ run: part.run, loads: part.loads.filter((name) => taken.includes(name)) }))
    const own = taken.filter((name) => before.every(({ loads }) => !loads.includes(name)))
    return [...before, { run, loads: own }].filter(({ loads }) => loads.length > 0)
  }

  private isWhole(content: unknown, { parameters = {} }: LoadProfile): boolean {
    const { data: file } = LoadFile.safeParse(content)
    return file !== undefined && file.failure === null && file.seed === this.facts.seed && file.ledger !== null
      && JSON.stringify(Object.entries(file.parameters).sort()) === JSON.stringify(Object.entries(parameters).sort())
  }
}

/** Takes over what an interrupted run has, and says in `run.json` what that was. Returns the loads that are still to be run. */
export async function goOn(interrupted: Interrupted | undefined, record: RunRecord, profiles: readonly LoadProfile[]): Promise<LoadProfile[]> {
  if (!interrupted) return [...profiles]
  const resumed = await interrupted.takeOver(record.folder, profiles)
  await record.add({ resumed })
  const taken = new Set(resumed.flatMap(({ loads }) => loads))
  return profiles.filter(({ name }) => !taken.has(name))
}

/** `undefined` where there is no such file, or no JSON in it. */
async function json(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown
  } catch {
    return undefined
  }
}
