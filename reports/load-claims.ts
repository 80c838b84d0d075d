import { streamsOf, type Load, type LoadFigures } from "./load-shapes.ts"
import { judgeAnyOrder, judgeNoLater, judgePace, judgePutOff, judgeP99, judgeTogether, labError } from "./stream-claims.ts"
import type { Requirement, Scenario } from "./result-shapes.ts"

export type LoadProof = Exclude<Requirement["proof"], "scenario">
export type Claim = LoadProof["load"]
export type Finding = Pick<Scenario, "status" | "messages" | "ids" | "observed">

/** What a claim is judged by: the figures, all else of the load, the bounds, and the streams that are meant. */
export interface ClaimMatter { figures: LoadFigures; load: Load; bounds: Requirement["bounds"]; proof: LoadProof }

const examplesShown = 5
const idsShown = 20

export const claimTitles: Record<Claim, string> = {
  lost: "every recipient of an acknowledged message has it", duplicated: "nobody has a message twice",
  unexpected: "nobody else has a message", altered: "every text is as it was sent", refused: "no message is refused",
  "everybody-reached": "every member of a list has its mail in time", pace: "a list keeps its pace", p99: "99 of 100 recipients have it in time while lists are served",
  "no-later": "mail arrives no later than without what happens meanwhile", together: "the lists of all are served together", "any-order": "the order of lists does not follow their names",
  "not-passed-on": "nobody gets an answer to a list", "put-off": "what is put off arrives, once",
}

/** Claims whose failure is a count, and stands whatever the rate was. */
export const countedClaims: readonly Claim[] = ["lost", "duplicated", "unexpected", "altered", "not-passed-on"]

export const judgements: Record<Claim, (matter: ClaimMatter) => Finding> = {
  // Whoever was told of a bounce knows, but the recipient does not have the message: here every server takes every recipient.
  lost: ({ figures }) => counted(figures, { lost: figures.total.fates.lost, bounced: figures.total.fates.bounced }),
  duplicated: ({ figures }) => counted(figures, { duplicated: figures.total.fates.duplicated - figures.total.duplicatedUnanswered }),
  unexpected: ({ figures }) => counted(figures, { unexpected: figures.total.fates.unexpected }),
  altered: ({ figures }) => counted(figures, { altered: figures.total.marks.altered }),
  refused: ({ figures }) => counted(figures, { refused: figures.total.fates.refused }),
  "everybody-reached": reachedInTime,
  pace: judgePace, p99: judgeP99, "no-later": judgeNoLater, together: judgeTogether, "any-order": judgeAnyOrder, "put-off": judgePutOff,
  "not-passed-on": notPassedOn,
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

function reachedInTime({ figures, load, bounds, proof }: ClaimMatter): Finding {
  const everybodyMsMax = Number(bounds["everybodyMsMax"])
  const lists = new Set(streamsOf(load, proof.streams).filter(({ target, audienceRecipients }) => target !== "direct" && audienceRecipients > 0).map(({ audience }) => audience))
  const reached = figures.audiences.filter(({ name }) => lists.has(name))
    .flatMap(({ name, counts, reached: shares }) => shares.filter(({ percent }) => percent === 100).map((share) => ({ name, members: counts.recipients, ...share })))
  if (reached.length === 0) return labError(["no list had a message in this load: zero samples"])
  const late = reached.filter(({ never, maxUs }) => never > 0 || maxUs === null || maxUs > everybodyMsMax * 1_000)
  const text = ({ name, never, maxUs }: (typeof reached)[number]) =>
    `${name}: ${never > 0 || maxUs === null ? "not everybody was reached" : `everybody after ${(maxUs / 1e6).toFixed(1)} s`}, ${everybodyMsMax / 1_000} s at most`
  return { status: late.length > 0 ? "failed" : "passed", messages: late.map(text), ids: [], observed: reached.map(text) }
}

/** The answers were taken, and nobody has one. A platform that refuses them all at once would show nothing of its list engine. */
function notPassedOn({ figures, load, proof }: ClaimMatter): Finding {
  const streams = streamsOf(load, proof.streams)
  const sent = streams.reduce((sum, { achieved }) => sum + achieved.messages, 0)
  if (sent === 0) return labError(["no answer was sent to a list: zero samples"])
  const accepted = streams.reduce((sum, { achieved }) => sum + achieved.accepted, 0)
  const passedOn = streams.map(({ name, audience }) => ({ name, copies: figures.audiences.find((one) => one.name === audience)?.counts.fates.unexpected ?? 0 }))
  const text = passedOn.map(({ name, copies }) => `${name}: ${copies} copies`).join(", ")
  const observed = [`${sent} answers, ${accepted} of them taken at the edge; passed on: ${text}`]
  const isClean = passedOn.every(({ copies }) => copies === 0)
  return { status: isClean ? "passed" : "failed", ids: [], observed, messages: isClean ? [] : [`answers to a list were passed on: ${text}, of ${sent} answers`] }
}

function fatesText({ total: { recipients, fates } }: LoadFigures): string {
  const parts = Object.entries(fates).filter(([, count]) => count > 0).map(([fate, count]) => `${count} ${fate}`)
  return `${recipients} recipients: ${parts.join(", ")}`
}
