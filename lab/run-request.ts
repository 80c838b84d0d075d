import { resolve } from "node:path"
import { forPlatform, isProvedByLoad } from "../fixtures/requirements.ts"
import { baselineOf } from "./comparison.ts"
import type { Delay } from "./delay.ts"
import { loadLabOverrides } from "./lab-overrides.ts"
import { platformNamed, type PlatformDefinition } from "./platform.ts"
import { loadRelease, type Release } from "./release.ts"
import { loadRequirements } from "./requirements.ts"
import { newRunId, projectCommit, RunRecord } from "./run-record.ts"
import { projectFolder } from "./state-folder.ts"

/** What a command asks of a run. */
export interface RunRequest {
  level: "quick" | "full" | "election"
  /** Requirement ids and suites; absent: all of the level. */
  only?: string[]
  /** Name of the load's profile, or `none`; absent: that of the level. */
  profile?: string
  /** Path of a team's overlay. */
  requirements?: string
  /** Release to compare with, or `none`; absent: the one that the release replaces. */
  baseline?: string
  /** Folder in which the run's folder is made. */
  out: string
  seed: number
  lang: "fr" | "en"
}

/** What a run is about, read and checked before anything is started. */
export interface RunInput {
  release: Release
  platform: PlatformDefinition
  requirements: ReturnType<typeof forPlatform>
  /** Delays between nodes; only a lab that stays up takes them. */
  delays?: readonly Delay[]
}

/** Reads release, platform and register. Throws InputError that says what, where and what to do. */
export async function readInput(name: string, { requirements: overlay }: Pick<RunRequest, "requirements">): Promise<RunInput> {
  const release = await loadRelease(name, { projectFolder })
  const platform = platformNamed(release.platform, release.folder)
  const register = await loadRequirements({ overlay })
  return { release, platform, requirements: forPlatform(register, platform.name, release.generation) }
}

/** What a run does: scenarios (those that are named; `null`: all) and a load. */
export interface RunParts { scenarios: string[] | null; load: boolean; /** Names in `--only` that mean the load. */ loadNames: string[] }

/** Of `--only`, the requirements that a load proves, and `load` itself, mean the load; the rest are scenarios. */
export function partsOf(only: readonly string[] | undefined, requirements: RunInput["requirements"]): RunParts {
  const loadNames = ["load", ...requirements.filter(isProvedByLoad).map(({ id }) => id)]
  if (only === undefined) return { scenarios: null, load: true, loadNames }
  return { scenarios: only.filter((one) => !loadNames.includes(one)), load: only.some((one) => loadNames.includes(one)), loadNames }
}

/** Finds the baseline, then makes the run's folder, with `run.json` and `requirements.json`. */
export async function openRecord(name: string, { release, platform, requirements }: RunInput, request: RunRequest): Promise<RunRecord> {
  const { level, only, seed, lang, profile = "none" } = request
  const baseline = await baselineOf(release, request.baseline)
  const record = await RunRecord.create(resolve(request.out), {
    run: newRunId(), seed, level, only: only ?? null, profile: profile === "none" ? null : profile, lang, object: "replica", platform: platform.name,
    release: {
      name: release.name, version: release.version, path: release.folder, digest: release.digest, shipped: release.shipped,
      replaces: release.replaces ?? null, summary: release.summary, expects: release.expects,
    },
    baseline, generation: release.generation, packages: {}, packageDifferences: [],
    effectiveSettings: {}, images: {}, isolation: "unproved", leavesOut: platform.leavesOut,
    overrides: loadLabOverrides().map(({ component, setting, value, why }) => ({ component, setting, value, why })),
    commit: await projectCommit(projectFolder), command: replayCommand(name, request),
    times: { startedAt: new Date().toISOString() },
  })
  await record.write("requirements.json", { schema: "recette.requirements/v1", requirements })
  return record
}

function replayCommand(name: string, { level, only, profile, requirements, baseline, seed }: RunRequest): string {
  return ["npm run qualify --", name, `--level ${level}`, `--seed ${seed}`, ...(profile ? [`--profile ${profile}`] : []), ...(only ? [`--only ${only.join(",")}`] : []),
    ...(requirements ? [`--requirements ${requirements}`] : []), ...(baseline ? [`--baseline ${baseline}`] : [])].join(" ")
}
