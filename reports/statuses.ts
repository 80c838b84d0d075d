import { ReportFailure } from "./failure.ts"
import { loadDoubt, loadProofs, whyNoLoad } from "./load-proofs.ts"
import type { Results } from "./results.ts"
import type { Level, Requirement, Scenario, Sentence } from "./result-shapes.ts"

/** What a run says about one requirement (ARCHITECTURE.md 3.3). */
export type Status = "passed" | "failed" | "not-run" | "lab-error" | "not-applicable" | "known-limit"
  | "not-observable" | "waived"

/** One scenario's, or a load's, part in the proof of a requirement. `message` is the error, or the short facts that were seen. */
export interface Evidence {
  scenario: string
  suite: string
  status: Scenario["status"]
  message: string
  /** Message ids of the scenario: `X-Recette-Id`, and the names under which the logs have its mail. */
  ids: string[]
  /** Path in the run's folder, after the run's name where several are joined. */
  log: string
}

export interface JudgedRequirement {
  id: string
  text: Sentence
  source: string
  class: Requirement["class"]
  severity: Requirement["severity"]
  level: Level
  confirmed: boolean
  bounds: Requirement["bounds"]
  status: Status
  /** False for a requirement of a higher level: shown as left out, it decides nothing. */
  counted: boolean
  /** Why the status is not what the scenarios alone would say: a standing, a waiver, an incomplete record. */
  note: Sentence | null
  evidence: Evidence[]
}

export const levels: readonly Level[] = ["quick", "full", "election"]

/** Whether `level` belongs to what a run at `runLevel` must prove. */
export function isWithin(level: Level, runLevel: Level): boolean {
  return levels.indexOf(level) <= levels.indexOf(runLevel)
}

/**
 * Why the record of a run cannot carry a judgement, or null when it is whole: the lab failed, the run did not end,
 * scenarios are missing, or the platform had not drained.
 */
export function brokenRecord({ run, scenarios }: Results): Sentence | null {
  if (run.state === "lab-failed") {
    const what = run.failure ? `: ${run.failure.message}` : ""
    return { fr: `le laboratoire a lâché${what}`, en: `the lab failed${what}` }
  }
  if (run.state === "interrupted") return { fr: "l'essai a été interrompu", en: "the run was interrupted" }
  if (run.state === "running") return { fr: "l'essai n'est pas allé à son terme", en: "the run did not reach its end" }
  if (!scenarios) return { fr: "le fichier des scénarios manque", en: "the file of scenarios is missing" }
  if (!scenarios.complete) {
    return { fr: "le fichier des scénarios est incomplet", en: "the file of scenarios is incomplete" }
  }
  if (run.drained === false) {
    return {
      fr: "le relevé s'arrête avant que la plate-forme ait vidé ses files",
      en: "the record ends before the platform had drained",
    }
  }
  return null
}

/**
 * The status of every requirement of the register, ordered by id. Throws a ReportFailure (exit 2) on a waiver that had
 * expired when the run started.
 */
export function judgeRequirements(results: Results): JudgedRequirement[] {
  const broken = brokenRecord(results)
  const scenarios = [...results.scenarios?.scenarios ?? [], ...loadProofs(results)]
  return (results.requirements ?? []).map((requirement) => {
    refuseExpiredWaiver(requirement, results.run)
    const proofs = scenarios.filter(({ requirements }) => requirements.includes(requirement.id))
    return {
      id: requirement.id, text: requirement.text, source: requirement.source, class: requirement.class,
      severity: requirement.severity, level: requirement.level, confirmed: requirement.confirmed,
      bounds: requirement.bounds, counted: isWithin(requirement.level, results.run.level),
      ...statusOf(requirement, proofs, broken, results),
      evidence: proofs.map(evidenceOf),
    }
  }).sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0))
}

function statusOf(
  requirement: Requirement, proofs: Scenario[], broken: Sentence | null, results: Results,
): { status: Status; note: Sentence | null } {
  const { standing, waiver, proof } = requirement
  const { times: { startedAt } } = results.run
  if (standing) return { status: standing.status, note: standingNote(standing) }
  const status = proofStatus(proofs)
  if (broken && (status === "passed" || status === "failed")) {
    const ended = status === "failed"
      ? { fr: "un scénario avait échoué, mais ", en: "a scenario had failed, but " } : { fr: "", en: "" }
    return { status: "lab-error", note: { fr: `${ended.fr}${broken.fr}`, en: `${ended.en}${broken.en}` } }
  }
  if (status === "failed" && waiver && startedAt) return { status: "waived", note: waiverNote(waiver) }
  if (proofs.length === 0) return { status, note: proof === "scenario" ? noScenario : whyNoLoad(proof, results) }
  return { status, note: proof !== "scenario" && status === "lab-error" ? loadDoubt(proof, results.loads) : null }
}

const noScenario = { fr: "aucun scénario ne la prouve", en: "no scenario proves it" }

/** One failed scenario fails the requirement; a lab error leaves it undecided, and so does a scenario that was not run. */
function proofStatus(proofs: Scenario[]): "passed" | "failed" | "lab-error" | "not-run" {
  for (const status of ["failed", "lab-error", "not-run"] as const) {
    if (proofs.some((proof) => proof.status === status)) return status
  }
  return proofs.length > 0 ? "passed" : "not-run"
}

function refuseExpiredWaiver({ id, waiver }: Requirement, { run, times: { startedAt } }: Results["run"]): void {
  const day = startedAt?.slice(0, 10)
  if (!waiver || !day || waiver.expires >= day) return
  throw new ReportFailure(
    `The waiver of ${id} granted by ${waiver.name} expired on ${waiver.expires}, before the run of ${day}`,
    {
      where: `requirements.json of run ${run}`,
      remedy: "renew it or take it out of the overlay of requirements, then run again",
    },
  )
}

function standingNote({ reason, since }: NonNullable<Requirement["standing"]>): Sentence {
  if (!since) return reason
  return { fr: `${reason.fr} (possible à partir de ${since})`, en: `${reason.en} (possible from ${since})` }
}

function waiverNote({ reason, name, expires }: NonNullable<Requirement["waiver"]>): Sentence {
  return {
    fr: `dérogation de ${name} jusqu'au ${expires} : ${reason}`,
    en: `waived by ${name} until ${expires}: ${reason}`,
  }
}

function evidenceOf({ title, suite, status, messages, ids, observed }: Scenario): Evidence {
  return {
    scenario: title, suite, status, ids, log: logOf([...messages, ...observed]),
    message: status === "passed" ? observed.join("; ") : (messages[0] ?? ""),
  }
}

/** The log that an error names, else the folder of the logs. */
function logOf(texts: string[]): string {
  return /\blogs\/[\w.-]*\w/.exec(texts.join("\n"))?.[0] ?? "logs/"
}
