import type { Results } from "./results.ts"
import type { Isolation, Level, Sentence } from "./result-shapes.ts"
import { brokenRecord, type JudgedRequirement } from "./statuses.ts"
import { levelWords, objectWords, severityWords } from "./words.ts"

/** What one finding does to the verdict; the strongest one present decides. */
export type Effect = "no-verdict" | "no-go" | "inconclusive" | "reservation" | "go"

/** One finding, as a sentence in both languages, with the requirements it speaks of. */
export interface Decision { effect: Effect; requirements: string[]; sentence: Sentence }

/** What is judged: one run, or several of one digest joined. `requirements` are those of `level`, ordered by id. */
export interface Matter { runs: Results[]; level: Level; requirements: JudgedRequirement[] }

/**
 * Every finding of ARCHITECTURE.md 3.3, in the order of its rules: no verdict, failures, what was not decided,
 * reservations. Empty when the verdict is a plain GO.
 */
export function findings(matter: Matter): Decision[] {
  const noVerdict = rule1(matter)
  if (noVerdict.length > 0) return noVerdict
  return [...rule2(matter), ...rule3(matter), ...rule4(matter)]
}

/** Rule 1: the lab failed before anything was judged, or let mail out. */
function rule1({ runs }: Matter): Decision[] {
  const leaks = runs.flatMap(({ run, isolation }) => leaksOf(isolation).map(({ fr, en }) => ({
    effect: "no-verdict" as const, requirements: [], sentence: named(runs, run.run, { fr, en }),
  })))
  if (leaks.length > 0) return leaks
  const outcomes = runs.flatMap(({ scenarios }) => scenarios?.scenarios ?? []).map(({ status }) => status)
  if (outcomes.some((status) => status === "passed" || status === "failed")) return []
  const labFailed = outcomes.includes("lab-error")
  return runs.flatMap((results) => {
    const broken = results.run.state === "finished" ? null : brokenRecord(results)
    const reason = broken ?? (labFailed
      ? { fr: "le laboratoire a lâché dans chaque scénario", en: "the lab failed in every scenario" } : null)
    if (!reason) return []
    return [{
      effect: "no-verdict" as const, requirements: [],
      sentence: named(runs, results.run.run, {
        fr: `Rien n'a été jugé : ${reason.fr}${placeOf(results, "fr")}.`,
        en: `Nothing was judged: ${reason.en}${placeOf(results, "en")}.`,
      }),
    }]
  })
}

function placeOf({ run: { failure } }: Results, lang: "fr" | "en"): string {
  if (!failure) return ""
  return lang === "fr"
    ? ` (où : ${failure.where} ; que faire : ${failure.remedy})`
    : ` (where: ${failure.where}; what to do: ${failure.remedy})`
}

/** The ways out that the proof found. A control that does not get through proves nothing either. */
function leaksOf(isolation: Isolation | null): Sentence[] {
  if (!isolation || isolationHolds(isolation)) return []
  const ways = isolation.failures.map(({ node, wayOut, remedy }) => ({
    fr: `L'isolement n'est pas prouvé : ${node}, ${wayOut}. Que faire : ${remedy}.`,
    en: `Isolation is not proved: ${node}, ${wayOut}. What to do: ${remedy}.`,
  }))
  if (ways.length > 0) return ways
  return [{
    fr: "L'isolement n'est pas prouvé : une sonde a une autre réponse que celle attendue (isolation.json).",
    en: "Isolation is not proved: a probe has another answer than the expected one (isolation.json).",
  }]
}

function isolationHolds({ passed, failures, nodes, controls }: Isolation): boolean {
  const probes = [...nodes.flatMap((node) => node.probes), ...controls]
  return passed && failures.length === 0 && probes.every((probe) => probe.passed)
}

/** Rule 2: what failed. */
function rule2({ requirements }: Matter): Decision[] {
  return requirements.filter(({ status }) => status === "failed").map((requirement) => {
    const { id, text } = requirement
    const lenient = leniency(requirement)
    const weight = severityWords[requirement.severity]
    return {
      effect: lenient || requirement.severity === "mineure" ? "reservation" as const : "no-go" as const,
      requirements: [id],
      sentence: {
        fr: `${id} (${weight.fr}${lenient?.fr ?? ""}) n'est pas satisfaite : ${text.fr}`,
        en: `${id} (${weight.en}${lenient?.en ?? ""}) failed: ${text.en}`,
      },
    }
  })
}

/** A hypothesis or an analogy that the team has not confirmed costs a reservation at most. */
function leniency({ class: source, confirmed }: JudgedRequirement): Sentence | null {
  if (confirmed) return null
  if (source === "hypothesis") return { fr: ", hypothèse non confirmée", en: ", unconfirmed hypothesis" }
  return source === "analogy" ? { fr: ", analogie non confirmée", en: ", unconfirmed analogy" } : null
}

/** Rule 3: what was not decided; never green. */
function rule3(matter: Matter): Decision[] {
  const { runs, requirements } = matter
  const sentences: Sentence[] = [...wholeRuns(matter), ...isolationUnproved(runs)]
  if (!runs.some(({ scenarios }) => (scenarios?.scenarios.length ?? 0) > 0)) {
    sentences.push({ fr: "Aucun scénario n'a été joué.", en: "No scenario was run." })
  }
  if (requirements.every(({ status }) => status === "not-applicable")) {
    const level = levelWords[matter.level]
    sentences.push({
      fr: `Aucune exigence du niveau ${level.fr} ne s'applique : il n'y a rien à juger.`,
      en: `No requirement of level ${level.en} applies: there is nothing to judge.`,
    })
  }
  return [
    ...sentences.map((sentence) => ({ effect: "inconclusive" as const, requirements: [], sentence })),
    ...undecided(matter), ...strayFailures(matter),
  ]
}

/** One run alone must be whole and unlimited; of several joined, one without `--only` is enough. */
function wholeRuns({ runs }: Matter): Sentence[] {
  const sentences: Sentence[] = []
  const broken = runs.length === 1 ? brokenRecord(runs[0]!) : null
  if (broken) sentences.push({ fr: `Le relevé n'est pas complet : ${broken.fr}.`, en: `The record is incomplete: ${broken.en}.` })
  if (runs.every(({ run }) => run.only !== null)) {
    const only = [...new Set(runs.flatMap(({ run }) => run.only ?? []))].sort().join(", ")
    sentences.push({
      fr: `Seule une partie a été demandée (--only ${only}) : le reste n'est pas jugé.`,
      en: `Only a part was asked for (--only ${only}): the rest is not judged.`,
    })
  }
  return sentences
}

function isolationUnproved(runs: Results[]): Sentence[] {
  const missing = { fr: "La preuve de l'isolement manque (isolation.json).", en: "The proof of isolation is missing (isolation.json)." }
  return runs.filter(({ isolation }) => !isProof(isolation)).map(({ run }) => named(runs, run.run, missing))
}

/** By rules, every node was probed and so was the control; by inspection, there are nodes that were looked at. */
function isProof(isolation: Isolation | null): boolean {
  if (!isolation || isolation.nodes.length === 0) return false
  return isolation.means === "inspection"
    || (isolation.controls.length > 0 && isolation.nodes.every(({ probes }) => probes.length > 0))
}

/** Requirements that are `not-run` or `lab-error`, one sentence per reason. Under `--only`, those that were asked for. */
function undecided({ runs, requirements }: Matter): Decision[] {
  const groups = new Map<string, { reason: Sentence; status: string; ids: string[] }>()
  for (const requirement of requirements.filter((each) => asked(each, runs))) {
    const { id, status, note } = requirement
    if (status !== "not-run" && status !== "lab-error") continue
    const reason = note ?? (status === "not-run"
      ? { fr: "un scénario n'a pas été joué", en: "a scenario was not run" }
      : { fr: "le laboratoire a lâché pendant le scénario", en: "the lab failed during the scenario" })
    const group = groups.get(`${status} ${reason.en}`) ?? { reason, status, ids: [] }
    group.ids.push(id)
    groups.set(`${status} ${reason.en}`, group)
  }
  return [...groups.values()].map(({ reason, ids }) => ({
    effect: "inconclusive" as const, requirements: ids,
    sentence: {
      fr: `${ids.join(", ")} : non jugée${ids.length > 1 ? "s" : ""}, ${reason.fr}.`,
      en: `${ids.join(", ")}: not judged, ${reason.en}.`,
    },
  }))
}

function asked({ id, evidence }: JudgedRequirement, runs: Results[]): boolean {
  return runs.some(({ run: { only } }) => !only || only.includes(id) || evidence.some(({ suite }) => only.includes(suite)))
}

/** A scenario that failed but names no requirement of the register must not pass unseen. */
function strayFailures({ runs }: Matter): Decision[] {
  return runs.flatMap(({ requirements, scenarios }) => {
    const known = new Set(requirements?.map(({ id }) => id))
    return (scenarios?.scenarios ?? [])
      .filter((scenario) => scenario.status === "failed" && !scenario.requirements.some((id) => known.has(id)))
      .map(({ title }) => ({
        effect: "inconclusive" as const, requirements: [],
        sentence: {
          fr: `Un scénario échoué ne nomme aucune exigence du registre : « ${title} ».`,
          en: `A scenario that failed names no requirement of the register: "${title}".`,
        },
      }))
  })
}

/** Rule 4: what is said beside a GO. */
function rule4({ runs, level, requirements }: Matter): Decision[] {
  const standing = requirements.flatMap(({ id, status, note, text }) => {
    const words = reservationWords[status]
    if (!words) return []
    return [{
      effect: "reservation" as const, requirements: [id],
      sentence: { fr: `${id}, ${words.fr} : ${note?.fr ?? text.fr}`, en: `${id}, ${words.en}: ${note?.en ?? text.en}` },
    }]
  })
  const others = [
    ...runs.flatMap((results) => runReservations(results, level).map((sentence) => named(runs, results.run.run, sentence))),
    ...(runs.length > 1 ? endedEarly(runs) : []),
  ]
  return [...standing, ...unique(others).map((sentence) => ({ effect: "reservation" as const, requirements: [], sentence }))]
}

const reservationWords: Partial<Record<string, Sentence>> = {
  "known-limit": { fr: "limite connue", en: "known limit" },
  "waived": { fr: "non satisfaite", en: "failed" },
  "not-observable": { fr: "non observable", en: "not observable" },
}

function runReservations({ run, isolation }: Results, level: Level): Sentence[] {
  const sentences: Sentence[] = []
  if (isolation?.means === "inspection" || (isolation && run.isolation === "inspection")) {
    sentences.push({
      fr: "L'isolement est établi par inspection seulement, sans règles de filtrage ni double de l'extérieur.",
      en: "Isolation is shown by inspection only, without filter rules and outside double.",
    })
  }
  if (run.packageDifferences.length > 0) sentences.push(differenceSentence(run.packageDifferences))
  if (level !== "quick" && run.baseline?.applicable && run.baseline.missing) {
    const name = run.baseline.name ?? run.release?.replaces ?? ""
    sentences.push({
      fr: `La version de référence ${name} manque : la comparaison n'a pas eu lieu.`,
      en: `The baseline ${name} is missing: nothing was compared.`,
    })
  }
  if (run.object === "stand-in") {
    const { fr, en } = objectWords["stand-in"]
    sentences.push({
      fr: `Ce qui a été jugé est ${fr} : ce n'est pas un GO pour l'original.`,
      en: `What was judged is ${en}: this is no GO for the original.`,
    })
  }
  return sentences
}

function differenceSentence(differences: Results["run"]["packageDifferences"]): Sentence {
  const list = differences.map(({ component, package: name, locked, running }) => ({
    fr: `${component} ${name} ${running} au lieu de ${locked}`, en: `${component} ${name} ${running} instead of ${locked}`,
  }))
  return {
    fr: `Des paquets ont une autre version que packages.lock : ${list.map(({ fr }) => fr).join(", ")}.`,
    en: `Packages run in another version than packages.lock: ${list.map(({ en }) => en).join(", ")}.`,
  }
}

/** A run that ended early counts for nothing, but a failure it saw is not forgotten when others prove the rest. */
function endedEarly(runs: Results[]): Sentence[] {
  return runs.flatMap((results) => {
    const broken = brokenRecord(results)
    if (!broken) return []
    const failed = (results.scenarios?.scenarios ?? []).filter(({ status }) => status === "failed")
    const seen = [...new Set(failed.flatMap(({ requirements }) => requirements))].sort().join(", ")
    return [named(runs, results.run.run, {
      fr: `${broken.fr}${seen ? ` ; un échec y avait été vu : ${seen}` : ""}.`,
      en: `${broken.en}${seen ? `; a failure had been seen there: ${seen}` : ""}.`,
    })]
  })
}

/** Where several runs are joined, a sentence about one of them says which. */
function named(runs: Results[], run: string, { fr, en }: Sentence): Sentence {
  return runs.length > 1 ? { fr: `${run} : ${fr}`, en: `${run}: ${en}` } : { fr, en }
}

function unique(sentences: Sentence[]): Sentence[] {
  return [...new Map(sentences.map((sentence) => [sentence.en, sentence])).values()]
}
