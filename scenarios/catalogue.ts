import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
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
}

/** Suites that begin once the scenarios of all others have ended. */
export const lastSuites: readonly string[] = ["logs"]

const room = dirname(fileURLToPath(import.meta.url))
const suffix = ".scenario.ts"
const announcement =
  /^test\(\s*("(?:[^"\\]|\\.)*"),\s*\{\s*meta:\s*\{\s*requirements:\s*(\[[^\]]*\])(?:,\s*mode:\s*"(\w+)")?\s*,?\s*\}/gm

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

export function scenariosIn(text: string, fileName: string): AnnouncedScenario[] {
  return [...text.matchAll(announcement)].map(([, title, requirements, mode]) => ({
    title: JSON.parse(title!) as string,
    suite: fileName.slice(0, -suffix.length),
    file: `scenarios/${fileName}`,
    requirements: [...requirements!.matchAll(/"([^"]+)"/g)].map((match) => match[1]!),
    mode: mode === "exclusive" ? "exclusive" : "shared",
  }))
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
