import { findings, type Decision, type Matter } from "./rules.ts"
import { profilesOf, type Results } from "./results.ts"
import type { Language, Level, Run, Sentence } from "./result-shapes.ts"
import { isWithin, judgeRequirements, type JudgedRequirement, type Status } from "./statuses.ts"
import { levelWords } from "./words.ts"

export type Outcome = "go" | "go-with-reservations" | "no-go" | "inconclusive" | "none"

/** `verdict.json`. `exitCode` is the one of the command line: 0, 1, 3 or 4. */
export interface Verdict {
  schema: "recette.verdict/v1"
  run: string
  /** The runs that this verdict joins; one for an ordinary verdict. */
  runs: string[]
  platform: string
  object: Run["object"]
  level: Level
  only: string[] | null
  release: { name: string; version: string; digest: string } | null
  verdict: Outcome
  exitCode: 0 | 1 | 3 | 4
  lang: Language
  /** One sentence each, in `lang`; those that decide the verdict come first. */
  reasons: string[]
  /** The same in both languages, with what each of them does. */
  decisions: Decision[]
  counts: Record<Status, number>
  /** The requirements of this level, ordered by id. */
  requirements: JudgedRequirement[]
  /** The requirements of higher levels, which decide nothing here. */
  higherLevels: { id: string; level: Level; status: Status }[]
  leavesOut: Sentence[]
  notCovered: Sentence[]
}

/** What no run of any level can prove on a replica. */
export const notCovered: readonly Sentence[] = [
  { fr: "Le noyau des serveurs de production", en: "The kernel of the production servers" },
  { fr: "Leur stockage : débit, latence, pannes de disque", en: "Their storage: throughput, latency, disk failures" },
  {
    fr: "Le réseau réel : opérateurs, pare-feu, réputation des adresses",
    en: "The real network: carriers, firewalls, reputation of addresses",
  },
]

/** The verdict of one run, by the rules of ARCHITECTURE.md 3.3. Throws a ReportFailure on an expired waiver. */
export function verdictOf(results: Results, lang: Language): Verdict {
  return decide([results], judgeRequirements(results), results.run.level, lang)
}

/** Applies the rules to requirements that are already judged; `runs` holds at least one run. */
export function decide(runs: Results[], judged: JudgedRequirement[], level: Level, lang: Language): Verdict {
  const requirements = judged.filter((requirement) => isWithin(requirement.level, level))
  const matter = { runs, level, requirements }
  const decisions = inOrderOfWeight(findings(matter))
  const verdict = outcomeOf(decisions)
  if (verdict === "go") decisions.push(goSentence(matter))
  const { run } = runs[0]!
  const only = runs.every((each) => each.run.only) ? [...new Set(runs.flatMap((each) => each.run.only ?? []))].sort() : null
  return {
    schema: "recette.verdict/v1",
    run: runs.map((each) => each.run.run).join(" + "), runs: runs.map((each) => each.run.run),
    platform: run.platform, object: run.object, level, only,
    release: run.release ? { name: run.release.name, version: run.release.version, digest: run.release.digest } : null,
    verdict, exitCode: exitCodes[verdict], lang,
    reasons: decisions.map(({ sentence }) => sentence[lang]), decisions,
    counts: countsOf(requirements), requirements,
    higherLevels: judged.filter((requirement) => !isWithin(requirement.level, level))
      .map(({ id, level: higher, status }) => ({ id, level: higher, status })),
    leavesOut: leavesOutOf(runs, level), notCovered: [...notCovered],
  }
}

const exitCodes = { "go": 0, "go-with-reservations": 0, "no-go": 1, "inconclusive": 4, "none": 3 } as const

const weights = ["no-verdict", "no-go", "inconclusive", "reservation", "go"] as const

function inOrderOfWeight(decisions: Decision[]): Decision[] {
  return weights.flatMap((weight) => decisions.filter(({ effect }) => effect === weight))
}

function outcomeOf(decisions: Decision[]): Outcome {
  switch (decisions[0]?.effect) {
    case "no-verdict": return "none"
    case "no-go": return "no-go"
    case "inconclusive": return "inconclusive"
    case "reservation": return "go-with-reservations"
    default: return "go"
  }
}

function goSentence({ level, requirements }: Matter): Decision {
  const held = requirements.filter(({ status }) => status === "passed").length
  const words = levelWords[level]
  return {
    effect: "go", requirements: [],
    sentence: {
      fr: `Toutes les exigences jugées au niveau ${words.fr} sont satisfaites (${held}).`,
      en: `All requirements judged at level ${words.en} hold (${held}).`,
    },
  }
}

function countsOf(requirements: JudgedRequirement[]): Record<Status, number> {
  const counts: Record<Status, number> = {
    "passed": 0, "failed": 0, "waived": 0, "lab-error": 0, "not-run": 0, "known-limit": 0, "not-observable": 0,
    "not-applicable": 0,
  }
  for (const { status } of requirements) counts[status] += 1
  return counts
}

/** What this level leaves out: of several runs, what each run of the verdict's own level leaves out. */
function leavesOutOf(runs: Results[], level: Level): Sentence[] {
  const own = runs.filter(({ run }) => run.level === level)
  const [first, ...others] = own.map(({ run }) => [...run.leavesOut, ...run.leftOut.map(({ profile }) =>
    ({ fr: `la charge ${profile}, à laquelle le temps donné (--budget) ne suffisait pas`, en: `the load ${profile}, for which the time given (--budget) had no room` })),
    ...resumption(run)])
  return (first ?? []).filter(({ en }) => others.every((list) => list.some((sentence) => sentence.en === en)))
}

/** Each load is whole, and on a lab of the same digest; what one lab would have done under all of them nobody has seen. */
function resumption({ run, resumed, ...asked }: Results["run"]): Sentence[] {
  if (resumed.length === 0) return []
  const taken = new Set(resumed.flatMap(({ loads }) => loads))
  const rest = profilesOf(asked).filter((profile) => !taken.has(profile))
  const parts = [...resumed, ...(rest.length > 0 ? [{ run, loads: rest }] : [])]
  const list = (of: string) => parts.map((part) => `${part.loads.join(", ")} ${of} ${part.run}`).join("; ")
  return [{
    fr: `ce qu'un même laboratoire aurait fait sous toutes les charges l'une après l'autre : l'essai a été interrompu et repris (charges ${list("au laboratoire")})`,
    en: `what one lab would have done under all loads one after the other: the run was interrupted and resumed (loads ${list("of lab")})`,
  }]
}
