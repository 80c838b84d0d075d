import { isProvedByLoad, type Level, type Requirement } from "../fixtures/requirements.ts"
import { secondsOf } from "../lab/duration.ts"
import { InputError } from "../lab/failure.ts"
import type { PlatformDefinition } from "../lab/platform.ts"
import { electorsOf2018 } from "./electorate.ts"
import { estimatedSeconds } from "./estimate.ts"
import type { LoadProfile } from "./load-profile.ts"
import { profileAt } from "./profile-definition.ts"
import { checkOwn, definitionNamed } from "./profile-list.ts"

/** A load of the set that the budget has no room for. */
export interface LeftOut { profile: string; seconds: number }
export interface LoadSet { chosen: LoadProfile[]; leftOut: LeftOut[] }

export interface LoadSetOrder {
  level: Level
  /** Names, separated by commas, or `none`; absent: those of the level. */
  profile?: string | undefined
  /** What `--only` names; its requirements that a load proves ask for the loads which do. */
  only?: readonly string[] | undefined
  requirements?: readonly Pick<Requirement, "id" | "proof">[]
  budgetSeconds?: number | undefined
}

/**
 * What a level gives its profiles; each takes what it has a parameter for. `full` is bounded so that all of them take under an
 * hour on 2 quiet cores; `election` is the volume, as far as one machine carries it in hours: beyond, lists are made smaller.
 */
const scales: Readonly<Record<Level, Readonly<Record<string, number>>>> = {
  quick: {},
  full: { electors: 3_000, minutes: 5 },
  election: { electors: electorsOf2018, deliveriesMax: 4_000_000, secondsMax: 14_000, minutes: 230, seconds: 3_600, answers: 2_000, stepSeconds: 60 },
}

/**
 * The loads of a qualification, in the order in which they are run: those that are named, or those of the level that the
 * platform has: the first one alone for `quick`, all of them beyond. A budget takes them in that order as long as their own
 * estimates fit, and says which it left out. Throws an InputError for a profile that the platform has not or nobody knows.
 */
export function loadSet(
  { level, profile, only, requirements = [], budgetSeconds = Infinity }: LoadSetOrder, platform: Pick<PlatformDefinition, "name" | "profiles" | "places">,
): LoadSet {
  const known = platform.profiles.map((name) => definitionNamed(name, platform.places[`profiles/${name}`]))
  if (profile === "none" || known.length === 0 && profile === undefined) return { chosen: [], leftOut: [] }
  for (const name of profile?.split(",") ?? []) checkOwn(name, platform)
  const names = profile?.split(",") ?? asked(only, requirements, platform.profiles) ?? (level === "quick" ? platform.profiles.slice(0, 1) : platform.profiles)
  const set: LoadSet = { chosen: [], leftOut: [] }
  let left = budgetSeconds
  for (const definition of known.filter((one) => names.includes(one.name))) {
    const given = Object.fromEntries(Object.entries(scales[level]).filter(([key]) => Object.hasOwn(definition.parameters, key)))
    const load = profileAt(definition, given)
    const seconds = estimatedSeconds(load)
    if (seconds > left) {
      set.leftOut.push({ profile: load.name, seconds })
      continue
    }
    left -= seconds
    set.chosen.push(load)
  }
  return set
}

/** The loads that prove what `--only` names; undefined where it does not narrow them. */
function asked(only: readonly string[] | undefined, requirements: NonNullable<LoadSetOrder["requirements"]>, own: readonly string[]): string[] | undefined {
  if (only === undefined || only.includes("load")) return undefined
  return requirements.filter((one) => only.includes(one.id) && isProvedByLoad(one)).flatMap(({ proof }) => proof === "scenario" ? [] : proof.profiles ?? own.slice(0, 1))
}

/** As `--profile` takes it. */
export function namesOf(profiles: readonly LoadProfile[]): string {
  return profiles.map(({ name }) => name).join(",") || "none"
}

/** Reads `60m`. Throws an InputError for what is no duration. */
export function parseBudget(text: string): number {
  const seconds = secondsOf(text, "")
  if (seconds !== undefined && seconds > 0) return seconds
  throw new InputError(`This is no time: ${text}`, { where: `--budget ${text}`, remedy: "write a number with its unit, for example 60m or 4h" })
}

/** Several loads with how long they are likely to take, and what the budget left out, for a person; nothing of a single load. */
export function setLines({ chosen, leftOut }: LoadSet, lang: "fr" | "en"): string[] {
  const estimates = chosen.map((load): LeftOut => ({ profile: load.name, seconds: estimatedSeconds(load) }))
  const text = (loads: readonly LeftOut[]) => loads.map(({ profile, seconds }) => `${profile} (${minutes(seconds)})`).join(", ")
  const total = minutes(estimates.reduce((sum, { seconds }) => sum + seconds, 0))
  return [
    ...chosen.length < 2 ? [] : [lang === "fr" ? `charges, environ ${total} : ${text(estimates)}` : `loads, some ${total}: ${text(estimates)}`],
    ...leftOut.length === 0 ? [] : [lang === "fr" ? `charges laissées de côté, le temps donné n'y suffit pas : ${text(leftOut)}` : `loads left out, for the time given has no room for them: ${text(leftOut)}`],
  ]
}

export function minutes(seconds: number): string {
  return seconds < 90 ? `${seconds} s` : seconds < 5_400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`
}
