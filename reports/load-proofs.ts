import type { Load, LoadFigures } from "./load-shapes.ts"
import type { Results } from "./results.ts"
import type { Requirement, Scenario, Sentence } from "./result-shapes.ts"

type Claim = Exclude<Requirement["proof"], "scenario">["load"]
type Finding = Pick<Scenario, "status" | "messages" | "ids" | "observed">

/** Suite under which a load's proofs stand beside those of scenarios. */
export const loadSuite = "load"
const examplesShown = 5
const idsShown = 20

/**
 * What the load of a run says of each requirement that it proves, in the shape of a scenario. None where the run was asked
 * for no load, or did not get as far. What the ledger counted is a fact, whatever the rate was: a loss at half the pressure is a loss. That nobody
 * was lost, and how fast or willing the platform was, says something only where the load was honest.
 */
export function loadProofs({ run, requirements, load }: Results): Scenario[] {
  const { profile } = run
  if (profile === null || (load === null && run.state !== "finished")) return []
  return (requirements ?? []).flatMap(({ id, proof, bounds }) => proof === "scenario" ? [] : [{
    title: `load ${profile}: ${titles[proof.load]}`, suite: loadSuite, file: `load/${profile}.json`, requirements: [id],
    mode: "exclusive" as const, startedAt: null, durationMs: durationOf(load), ...findingOf(proof.load, load, bounds, profile),
  }])
}

const titles: Record<Claim, string> = {
  lost: "every recipient of an acknowledged message has it", duplicated: "nobody has a message twice",
  unexpected: "nobody else has a message", altered: "every text is as it was sent", refused: "no message is refused",
  "everybody-reached": "every member of a list has its mail in time",
}

/** Why a load proves nothing, in one sentence; null where it proves what it says. */
export function loadDoubt({ load }: Results): Sentence | null {
  if (load === null) return { fr: "la charge n'est pas allée à son terme", en: "the load was not run to its end" }
  if (load.failure) return { fr: `la charge a échoué : ${load.failure.message}`, en: `the load failed: ${load.failure.message}` }
  const gap = load.ledger?.gaps[0]
  if (!load.ledger?.figures) {
    const words = gap ? `${gap.what} (${gap.where})` : ""
    return { fr: `le relevé de la charge n'est pas complet : ${words}`, en: `the record of the load is not whole: ${words}` }
  }
  const [broken, ...others] = load.honesty.filter(({ held }) => !held)
  if (load.honest || !broken) return null
  const more = others.length === 0 ? { fr: "", en: "" } : { fr: ` (et ${others.length} autres)`, en: ` (and ${others.length} more)` }
  return { fr: `la charge n'est pas probante : ${broken.sentence.fr}${more.fr}`, en: `the load is not honest: ${broken.sentence.en}${more.en}` }
}

function findingOf(claim: Claim, load: Load | null, bounds: Requirement["bounds"], profile: string): Finding {
  if (load === null) return labError([`load/${profile}.json is missing: the load was not run to its end`])
  if (load.failure) return labError([`the load failed: ${load.failure.message} (where: ${load.failure.where}; what to do: ${load.failure.remedy})`])
  const figures = load.ledger?.figures
  if (!figures) return labError(gapsOf(load))
  const finding = judgements[claim](figures, load, Number(bounds["everybodyMsMax"]))
  const isFact = finding.status === "failed" && claim !== "refused" && claim !== "everybody-reached"
  if (load.honest || isFact) return finding
  return labError(load.honesty.filter(({ held }) => !held).map(({ sentence }) => `the load is not honest: ${sentence.en}`))
}

function labError(messages: string[]): Finding {
  return { status: "lab-error", messages, ids: [], observed: [] }
}

function gapsOf({ ledger }: Load): string[] {
  if (!ledger) return ["the ledger is missing: nothing was reconciled"]
  return ledger.gaps.map(({ what, where, missing }) => `the record is not whole: ${what} (${where}${missing === null ? "" : `, ${missing} missing`})`)
}

const judgements: Record<Claim, (figures: LoadFigures, load: Load, everybodyMsMax: number) => Finding> = {
  // Whoever was told of a bounce knows, but the recipient does not have the message: here every server takes every recipient.
  lost: (figures) => counted(figures, { lost: figures.total.fates.lost, bounced: figures.total.fates.bounced }),
  duplicated: (figures) => counted(figures, { duplicated: figures.total.fates.duplicated - figures.total.duplicatedUnanswered }),
  unexpected: (figures) => counted(figures, { unexpected: figures.total.fates.unexpected }),
  altered: (figures) => counted(figures, { altered: figures.total.marks.altered }),
  refused: (figures) => counted(figures, { refused: figures.total.fates.refused }),
  "everybody-reached": reachedInTime,
}

/** Failed where any offence has recipients: the count, then the first ones with their way. */
function counted(figures: LoadFigures, offences: Record<string, number>): Finding {
  const found = Object.entries(offences).filter(([, count]) => count > 0)
  if (found.length === 0) return { status: "passed", messages: [], ids: [], observed: [fatesText(figures)] }
  const examples = figures.examples.filter(({ offence }) => offence in offences).flatMap(({ offence, first }) => first.map((one) => ({ offence, ...one })))
  return {
    status: "failed", observed: [fatesText(figures)],
    ids: [...new Set(examples.map(({ id }) => id))].slice(0, idsShown),
    messages: [
      [`${found.map(([offence, count]) => `${count} ${offence}`).join(", ")} of ${figures.total.recipients} recipients`,
        ...examples.slice(0, examplesShown).map(exampleText)].join("\n"),
    ],
  }
}

function exampleText({ offence, id, recipient, stream, copies, told, bounce, transactions, path }: LoadFigures["examples"][number]["first"][number] & { offence: string }): string {
  return [
    `${offence}: ${id} to ${recipient} (stream ${stream}, ${copies} copies, sender was told: ${told}${bounce ? `, then: ${bounce}` : ""})`,
    ...transactions.map((transaction) => `  copy: ${transaction}`),
    ...path.map(({ node, line }) => `  logs/${node}.log: ${line}`),
  ].join("\n")
}

function reachedInTime(figures: LoadFigures, { streams }: Load, everybodyMsMax: number): Finding {
  const lists = new Set(streams.filter(({ target }) => target !== "direct").map(({ audience }) => audience))
  const reached = figures.audiences.filter(({ name }) => lists.has(name))
    .flatMap(({ name, counts, reached: shares }) => shares.filter(({ percent }) => percent === 100).map((share) => ({ name, members: counts.recipients, ...share })))
  if (reached.length === 0) return labError(["no list had a message in this load: zero samples"])
  const late = reached.filter(({ never, maxUs }) => never > 0 || maxUs === null || maxUs > everybodyMsMax * 1_000)
  const text = ({ name, never, maxUs }: (typeof reached)[number]) =>
    `${name}: ${never > 0 || maxUs === null ? "not everybody was reached" : `everybody after ${(maxUs / 1e6).toFixed(1)} s`}, ${everybodyMsMax / 1_000} s at most`
  return { status: late.length > 0 ? "failed" : "passed", messages: late.map(text), ids: [], observed: reached.map(text) }
}

function fatesText({ total: { recipients, fates } }: LoadFigures): string {
  const parts = Object.entries(fates).filter(([, count]) => count > 0).map(([fate, count]) => `${count} ${fate}`)
  return `${recipients} recipients: ${parts.join(", ")}`
}

function durationOf(load: Load | null): number | null {
  return load?.startedUs == null || load.drainedUs === null ? null : Math.round((load.drainedUs - load.startedUs) / 1_000)
}
