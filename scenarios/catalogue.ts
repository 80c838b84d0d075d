import { readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { InputError, LabFailure } from "../lab/failure.ts"

/** A scenario as its file announces it, without running it. */
export interface AnnouncedScenario {
  title: string
  suite: string
  /** Path in the project, for example `scenarios/lists.scenario.ts`. */
  file: string
  requirements: string[]
  mode: "shared" | "exclusive"
  /** Components that a platform must have for it. */
  needs: string[]
}

/** Suites that begin once the scenarios of all others have ended. */
export const lastSuites: readonly string[] = ["logs", "confinement-rate", "confinement-logs"]

const room = dirname(fileURLToPath(import.meta.url))
const suffix = ".scenario.ts"
const announcement =
  /^test\(\s*("(?:[^"\\]|\\.)*"),\s*\{\s*meta:\s*\{\s*requirements:\s*(\[[^\]]*\])(?:,\s*mode:\s*"(\w+)")?(?:,\s*needs:\s*(\[[^\]]*\]))?\s*,?\s*\}/gm

/**
 * Every scenario of this room, file by file, read from the text of the files: each begins with
 * `test("…", { meta: { requirements: ["LST-14"] } }` (`tidy.test.ts` keeps that form).
 * Throws a LabFailure for a file without any: an emptied suite must never look like a green one.
 */
export function announcedScenarios(folder = room): AnnouncedScenario[] {
  return readdirSync(folder).filter((name) => name.endsWith(suffix)).sort().flatMap((name) => {
    const scenarios = scenariosIn(readFileSync(join(folder, name), "utf8"), name)
    if (scenarios.length > 0) return scenarios
    throw new LabFailure(`The suite ${name} has no scenario`, {
      where: `scenarios/${name}`, remedy: "restore it (git status), or delete the file",
    })
  })
}

/** What decides which scenarios are run on a platform. */
export interface ScenarioChoice {
  /** Suites of this project, and where each is named (`suites/<name>`). */
  suites: readonly string[]
  places: Readonly<Record<string, string>>
  /** Absolute paths of a team's own scenario files. */
  scenarios: readonly string[]
  /** Ids of the requirements that hold for the platform. */
  requirements: readonly string[]
  /** Its servers and the world around it. */
  nodes: readonly { component: string }[]
}

/**
 * The scenarios of a platform: of its suites and of a team's own files, those that prove a requirement that holds for it
 * and need no component that it lacks.
 * Throws an InputError for a suite that is not there, and for an own file without scenarios, with a title that is taken,
 * or with an id that does not hold for the platform.
 */
export function scenariosOf({ suites, places, scenarios: own, requirements, nodes }: ScenarioChoice): AnnouncedScenario[] {
  const all = announcedScenarios()
  const known = [...new Set(all.map(({ suite }) => suite))]
  const unknown = suites.find((one) => !known.includes(one))
  if (unknown !== undefined) {
    throw new InputError(`There is no suite ${unknown}`, {
      where: places[`suites/${unknown}`]!, remedy: `use some of ${known.join(", ")}; files of your own are named in an overlay (scenarios)`,
    })
  }
  const isThere = (needed: string): boolean => nodes.some(({ component }) => component === needed)
  const ofSuites = all.filter(({ suite, requirements: proved, needs }) =>
    suites.includes(suite) && proved.some((id) => requirements.includes(id)) && needs.every(isThere))
  const found = own.reduce((some, file) => [...some, ...ownScenariosIn(file, requirements, some)], ofSuites)
  if (found.length > 0) return found
  throw new InputError("No scenario proves any of the platform's requirements", {
    where: Object.values(places)[0] ?? "the platform's definition", remedy: `name suites there (${known.join(", ")}), or scenarios in an overlay`,
  })
}

function ownScenariosIn(file: string, ids: readonly string[], others: readonly AnnouncedScenario[]): AnnouncedScenario[] {
  const text = readFileSync(file, "utf8")
  const found = scenariosIn(text, basename(file), file)
  const refuse = (what: string, at: string, remedy: string) =>
    new InputError(what, { where: `${file}:${text.slice(0, Math.max(text.indexOf(at), 0)).split("\n").length}`, remedy })
  if (found.length === 0) {
    throw refuse("This file announces no scenario", "test(", 'begin each with test("…", { meta: { requirements: ["DNE-01"] } }, async …')
  }
  for (const { title, requirements } of found) {
    const unknown = requirements.find((id) => !ids.includes(id))
    if (unknown !== undefined || requirements.length === 0) {
      throw refuse(`The scenario "${title}" proves ${unknown ?? "nothing"}, and no such requirement holds for the platform`,
        unknown ? `"${unknown}"` : title, `use some of ${ids.join(", ")}, or add it in the overlay (added)`)
    }
    if ([...others, ...found.filter((one) => one.requirements !== requirements)].some((one) => one.title === title)) {
      throw refuse(`Two scenarios are called "${title}"`, title, "give this one a title of its own")
    }
  }
  return found
}

export function scenariosIn(text: string, fileName: string, file = `scenarios/${fileName}`): AnnouncedScenario[] {
  return [...text.matchAll(announcement)].map(([, title, requirements, mode, needs = ""]) => ({
    title: JSON.parse(title!) as string,
    suite: fileName.slice(0, -suffix.length),
    file,
    requirements: quoted(requirements!),
    mode: mode === "exclusive" ? "exclusive" : "shared",
    needs: quoted(needs),
  }))
}

function quoted(list: string): string[] {
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1]!)
}

/** What `--only` may name. */
export function selectable(scenarios = announcedScenarios()): { suites: string[]; requirements: string[] } {
  const sorted = (values: string[]) => [...new Set(values)].sort()
  return {
    suites: sorted(scenarios.map(({ suite }) => suite)),
    requirements: sorted(scenarios.flatMap(({ requirements }) => requirements)),
  }
}

/**
 * The scenarios that `only` selects: those of a suite, and those that prove a requirement; all of them for `null`.
 * Throws an InputError that lists the valid values where a name is neither; `others` are valid elsewhere and listed too.
 */
export function selectScenarios(
  only: readonly string[] | null, scenarios = announcedScenarios(), others: readonly string[] = [],
): AnnouncedScenario[] {
  if (only === null) return scenarios
  const { suites, requirements } = selectable(scenarios)
  const unknown = only.filter((name) => !suites.includes(name) && !requirements.includes(name))
  if (unknown.length > 0 || only.length === 0) {
    const what = unknown.length > 0 ? `neither a suite nor a proved requirement: ${unknown.join(", ")}` : "empty"
    throw new InputError(`What --only names is ${what}`, {
      where: `--only ${only.join(",")}`,
      remedy: `use suites (${suites.join(", ")}) or requirements (${[...requirements, ...others].join(", ")})`,
    })
  }
  return scenarios.filter((one) => only.includes(one.suite) || one.requirements.some((id) => only.includes(id)))
}
