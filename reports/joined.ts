import { ReportFailure } from "./failure.ts"
import type { Results } from "./results.ts"
import type { Language, Requirement } from "./result-shapes.ts"
import { judgeRequirements, levels, type JudgedRequirement, type Status } from "./statuses.ts"
import { decide, verdictOf, type Verdict } from "./verdict.ts"

/**
 * Joins runs of one digest into one verdict at the highest of their levels (`recette verdict <run>...`). What one run
 * could not decide another may prove; what failed in any whole run stays failed. The order of the runs is kept in the
 * text and changes nothing in the verdict. Throws a ReportFailure (exit 2) where the runs do not belong together.
 */
export function joinedVerdict(runs: Results[], lang: Language): Verdict {
  const [first, ...others] = runs
  if (!first) {
    throw new ReportFailure("No run was named", {
      where: "the command line", remedy: "name at least one folder of results/",
    })
  }
  if (others.length === 0) return verdictOf(first, lang)
  for (const other of others) refuseStranger(first, other)
  const level = levels.findLast((each) => runs.some(({ run }) => run.level === each))!
  return decide(runs, join(runs), level, lang)
}

function refuseStranger(first: Results, other: Results): void {
  const where = `runs ${first.run.run} and ${other.run.run}`
  if (first.run.run === other.run.run) {
    throw new ReportFailure(`Run ${first.run.run} is named twice`, {
      where: "the command line", remedy: "name each run once",
    })
  }
  const [one, two] = [first.run.release?.digest, other.run.release?.digest]
  if (!one || !two || one !== two) {
    throw new ReportFailure(
      `These runs qualify different releases: ${one ?? "no digest"} in ${first.run.run}, ${two ?? "no digest"} in ${other.run.run}`,
      { where, remedy: "join runs of one digest only: a release that changed is qualified again" },
    )
  }
  if (first.run.object !== other.run.object) {
    throw new ReportFailure(`These runs judge different objects: ${first.run.object} and ${other.run.object}`, {
      where, remedy: "join runs of one object: what a stand-in shows says nothing of the original",
    })
  }
  for (const requirement of other.requirements ?? []) {
    const same = first.requirements?.find(({ id }) => id === requirement.id)
    if (!same || termsOf(same) === termsOf(requirement)) continue
    throw new ReportFailure(`These runs judge ${requirement.id} by different terms`, {
      where: `requirements.json of ${where}`,
      remedy: "run again with the same overlay of requirements (level, severity, class, bounds, confirmation, waiver)",
    })
  }
}

/** What of a requirement decides a verdict; its wording may change between two versions of the register. */
function termsOf({ level, severity, class: source, confirmed, bounds, waiver, standing }: Requirement): string {
  const sortedBounds = Object.entries(bounds).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.stringify([
    level, severity, source, confirmed, sortedBounds, waiver?.name, waiver?.reason, waiver?.expires, standing?.status,
  ])
}

/** The status that stands where runs differ: the earliest of this list. */
const precedence: readonly Status[] = [
  "failed", "waived", "known-limit", "not-observable", "passed", "lab-error", "not-run", "not-applicable",
]

function join(runs: Results[]): JudgedRequirement[] {
  const joined = new Map<string, JudgedRequirement>()
  for (const results of runs) {
    for (const judged of judgeRequirements(results)) {
      const evidence = judged.evidence.map((each) => ({ ...each, log: `${results.run.run}/${each.log}` }))
      const before = joined.get(judged.id)
      const stands = before && precedence.indexOf(before.status) <= precedence.indexOf(judged.status) ? before : judged
      joined.set(judged.id, { ...stands, evidence: [...(before?.evidence ?? []), ...evidence] })
    }
  }
  return [...joined.values()].sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0))
}
