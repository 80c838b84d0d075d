import { readFile } from "node:fs/promises"
import { join, relative, resolve, isAbsolute } from "node:path"
import type { z } from "zod"
import { prettifyError } from "zod"
import { ReportFailure } from "./failure.ts"
import { LoadFile, type Load } from "./load-shapes.ts"
import { SeriesFile, type Series } from "./series-shapes.ts"
import {
  ComparisonFile, IsolationFile, KillsFile, RequirementsFile, RunFile, ScenariosFile, SubstitutionsFile,
  type Comparison, type Isolation, type Kills, type Requirement, type Run, type Scenarios, type Substitutions,
} from "./result-shapes.ts"

/** A load that a run asked for, and what it left; its course where it was watched. */
export interface RunLoad { profile: string; load: Load | null; series?: Series | null }

/** Everything that reports are made of. A part that its run never wrote is null and named in `missing`. */
export interface Results {
  run: Run
  requirements: Requirement[] | null
  scenarios: Scenarios | null
  substitutions: Substitutions["substitutions"] | null
  isolation: Isolation | null
  /** What changed against the baseline; null where the run names none, or ended before it compared. */
  comparison: Comparison | null
  /** What mutants say of the requirements' proofs; null where the run did not look. */
  kills: Kills | null
  /** The loads of the run's profiles in their order; null for one that left no file. */
  loads: RunLoad[]
  /** Names of files that are not there, in a fixed order. */
  missing: string[]
}

/**
 * Reads a run's folder (`results/<run>`). The folder of a killed run is read as well: what is not there is listed in
 * `missing`. Throws a ReportFailure where `run.json` is absent or a file does not have its shape.
 */
export async function readRun(folder: string): Promise<Results> {
  const missing: string[] = []
  const run = await readPart(folder, "run.json", RunFile, missing)
  if (!run) {
    throw new ReportFailure(`${folder} is not the folder of a run: it has no run.json`, {
      where: folder, remedy: "name a folder of results/, for example results/20261123-214407-k3f9",
    })
  }
  const requirements = await readPart(folder, "requirements.json", RequirementsFile, missing)
  const scenarios = await readPart(folder, "scenarios.json", ScenariosFile, missing)
  const isolation = await readPart(folder, "isolation.json", IsolationFile, missing)
  const substitutions = await readPart(folder, "substitutions.json", SubstitutionsFile, missing)
  const comparison = run.baseline?.applicable ? await readPart(folder, "comparison.json", ComparisonFile, missing) : null
  const kills = await readPart(folder, "kills.json", KillsFile, [])
  const loads: RunLoad[] = []
  for (const profile of profilesOf(run)) {
    const load = await readPart(folder, `load/${profile}.json`, LoadFile, missing)
    loads.push({ profile, load, series: await readPart(folder, `load/${profile}/series.json`, SeriesFile, []) })
  }
  for (const file of Object.values(run.effectiveSettings).sort()) {
    if (await readJson(folder, file) === undefined) missing.push(file)
  }
  return {
    run, scenarios, isolation, comparison, kills, loads, missing,
    requirements: requirements?.requirements ?? null,
    substitutions: substitutions?.substitutions ?? null,
  }
}

/** The loads that a run was asked for. */
export function profilesOf({ profile, profiles }: Pick<Run, "profile" | "profiles">): string[] {
  return profiles ?? (profile === null ? [] : [profile])
}

async function readPart<Shape extends z.ZodType>(
  folder: string, name: string, shape: Shape, missing: string[],
): Promise<z.infer<Shape> | null> {
  const value = await readJson(folder, name)
  if (value === undefined) {
    missing.push(name)
    return null
  }
  const parsed = shape.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ReportFailure(`${name} does not have the shape of a result file:\n${prettifyError(parsed.error)}`, {
    where: join(folder, name), remedy: "read it with the version of recette that wrote it", exitCode: 3,
  })
}

async function readJson(folder: string, name: string): Promise<unknown> {
  const path = resolve(folder, name)
  if (isAbsolute(name) || relative(resolve(folder), path).startsWith("..")) {
    throw new ReportFailure(`run.json names a file outside its own folder: ${name}`, {
      where: join(folder, "run.json"), remedy: "do not read this run: its record was changed by hand",
    })
  }
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === "ENOENT" || code === "ENOTDIR") return undefined
    throw new ReportFailure(`${name} cannot be read: ${message}`, {
      where: path, remedy: "look at the disk: recette writes a result file whole or not at all", exitCode: 3, cause,
    })
  }
}
