import { dirname, resolve } from "node:path"
import { familyOf, forPlatform, isProvedByLoad } from "../fixtures/requirements.ts"
import { baselineOf } from "./comparison.ts"
import type { Delay } from "./delay.ts"
import { InputError } from "./failure.ts"
import { loadLabOverrides } from "./lab-overrides.ts"
import { platformNamed, type PlatformDefinition } from "./platform.ts"
import { loadRelease, type Release } from "./release.ts"
import { loadRequirements, type AppliedRegister } from "./requirements.ts"
import { newRunId, projectCommit, RunRecord } from "./run-record.ts"
import { projectFolder } from "./state-folder.ts"

/** The platform of a command that names none. */
export const defaultPlatform = "ariel-pr"

/** What a command asks of a run. */
export interface RunRequest {
  level: "quick" | "full" | "election"
  /** Requirement ids and suites; absent: all of the level. */
  only?: string[]
  /** Names of the loads' profiles, separated by commas, or `none`; absent: those of the level that the platform has. */
  profile?: string
  /** Loads of the level that the time given has no room for, with how long they are likely to take. */
  leftOut?: readonly { profile: string; seconds: number }[]
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
  /** Absolute paths of the team's own scenario files. */
  scenarios: readonly string[]
  /** Delays between nodes; only a lab that stays up takes them. */
  delays?: readonly Delay[]
  /** Settings of lab-overrides.yaml whose timers stay as long as the release has them: a benchmark of what takes its time. */
  unshortened?: readonly string[]
}

/** Reads release and platform of a lab that is only kept up: no requirement need hold for it. Throws as `readInput`. */
export async function readLabInput(name: string | undefined, architecture: string | undefined): Promise<RunInput> {
  const asked = architecture === undefined ? undefined : platformNamed(architecture, "--platform")
  const release = await loadRelease(name ?? releaseOf(asked), {
    projectFolder, ...name === undefined && asked?.release !== undefined ? { from: dirname(asked.file) } : {}, ...asked ? { platform: asked } : {},
  })
  const { definition: platform } = release
  return { release, platform, requirements: forPlatform(await loadRequirements({}), platform.name, release.generation, platform.requirements), scenarios: [] }
}

/** Where no release is named: the one that the platform's file names, else the newest shipped one. */
function releaseOf(asked: PlatformDefinition | undefined): string {
  if (asked === undefined) return defaultPlatform
  if (asked.release !== undefined) return asked.release
  if (asked.shipped) return asked.name
  throw new InputError(`No release is named whose files the nodes of ${asked.name} would take`, {
    where: asked.file, remedy: "name one before --platform (recette lab up <release> --platform <file>), or say `release: <folder or shipped release>` in that file",
  })
}

/** Reads release, platform and register. Throws InputError that says what, where and what to do. */
export async function readInput(name: string, { requirements: overlay }: Pick<RunRequest, "requirements">): Promise<RunInput> {
  const release = await loadRelease(name, { projectFolder })
  const { definition: platform } = release
  const register = await loadRequirements({ overlay })
  return { release, platform, requirements: requirementsOf(register, platform, release.generation), scenarios: register.scenarios }
}

/** What holds for a platform, of the register as applied. Throws InputError for a family or an id that nothing there has. */
export function requirementsOf(
  { requirements }: Pick<AppliedRegister, "requirements">, platform: PlatformDefinition, generation = "",
): RunInput["requirements"] {
  const known = new Set(requirements.flatMap(({ id }) => [id, familyOf(id)]))
  const unknown = platform.requirements.find((one) => !known.has(one))
  if (unknown !== undefined) {
    throw new InputError(`The platform ${platform.name} asks for ${unknown}, and there is no such requirement or family`, {
      where: platform.places[`requirements/${unknown}`]!,
      remedy: "take it from fixtures/requirements.yaml, or give the overlay that adds it (--requirements)",
    })
  }
  const applied = forPlatform({ requirements }, platform.name, generation, platform.requirements)
  if (applied.length > 0) return provedSomehow(applied, platform)
  throw new InputError(`No requirement holds for the platform ${platform.name}: there would be nothing to judge`, {
    where: platform.file, remedy: "name families or ids under requirements, or the platform in an overlay's own requirements",
  })
}

/** What only a load proves would be undecided for ever on a platform that has not that load. */
function provedSomehow(applied: RunInput["requirements"], { name, profiles, places, file }: PlatformDefinition): RunInput["requirements"] {
  const missing = applied.filter(({ proof, standing }) => proof !== "scenario" && !standing && !(proof.profiles ?? profiles).some((one) => profiles.includes(one)))
  if (missing.length === 0) return applied
  const left = missing.map(({ id }) => id)
  const wanted = profiles.length === 0 ? "has no load profile" : `has none of the profiles ${[...new Set(missing.flatMap(({ proof }) => proof === "scenario" ? [] : proof.profiles ?? []))].join(", ")}`
  throw new InputError(`A load alone proves ${left.join(", ")}, and the platform ${name} ${wanted}`, {
    where: places[`requirements/${left[0]}`] ?? places[`requirements/${familyOf(left[0]!)}`] ?? file,
    remedy: "name one under profiles, or ask for no such requirement",
  })
}

/** What a run does: scenarios (those that are named; `null`: all) and a load. */
export interface RunParts { scenarios: string[] | null; load: boolean; /** Names in `--only` that mean the load. */ loadNames: string[] }

/** Of `--only`, the requirements that a load proves, and `load` itself, mean the load, where the platform has one; the rest are scenarios. */
export function partsOf(
  only: readonly string[] | undefined, { requirements, platform: { profiles } }: { requirements: RunInput["requirements"]; platform: Pick<PlatformDefinition, "profiles"> },
): RunParts {
  const loadNames = profiles.length === 0 ? [] : ["load", ...requirements.filter(isProvedByLoad).map(({ id }) => id)]
  if (only === undefined) return { scenarios: null, load: profiles.length > 0, loadNames }
  return { scenarios: only.filter((one) => !loadNames.includes(one)), load: only.some((one) => loadNames.includes(one)), loadNames }
}

/** Finds the baseline, then makes the run's folder, with `run.json` and `requirements.json`. */
export async function openRecord(
  name: string, { release, platform, requirements, scenarios, unshortened }: RunInput, request: RunRequest, run = newRunId(),
): Promise<RunRecord> {
  const { level, only, seed, lang, profile = "none", leftOut = [] } = request
  const profiles = profile === "none" ? [] : profile.split(",")
  const baseline = await baselineOf(release, request.baseline)
  const record = await RunRecord.create(resolve(request.out), {
    run, seed, level, only: only ?? null, profile: profiles[0] ?? null, profiles, leftOut, lang, object: "replica", platform: platform.name,
    release: {
      name: release.name, version: release.version, path: release.folder, digest: release.digest, shipped: release.shipped,
      replaces: release.replaces ?? null, summary: release.summary, expects: release.expects,
    },
    baseline, generation: release.generation, packages: {}, packageDifferences: [],
    effectiveSettings: {}, images: {}, isolation: "unproved", leavesOut: platform.leavesOut,
    overrides: loadLabOverrides(unshortened).map(({ component, setting, value, why }) => ({ component, setting, value, why })),
    commit: await projectCommit(projectFolder), command: replayCommand(name, request),
    times: { startedAt: new Date().toISOString() },
  })
  await record.write("requirements.json", { schema: "recette.requirements/v1", requirements })
  await record.write("platform.json", { schema: "recette.run-platform/v1", ...platform, scenarios })
  return record
}

function replayCommand(name: string, { level, only, profile, requirements, baseline, seed }: RunRequest): string {
  return ["npm run qualify --", name, `--level ${level}`, `--seed ${seed}`, ...(profile ? [`--profile ${profile}`] : []), ...(only ? [`--only ${only.join(",")}`] : []),
    ...(requirements ? [`--requirements ${requirements}`] : []), ...(baseline ? [`--baseline ${baseline}`] : [])].join(" ")
}
