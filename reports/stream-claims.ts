import type { ClaimMatter, Finding } from "./load-claims.ts"
import { streamsOf, type Load, type LoadFigures } from "./load-shapes.ts"

// Claims that compare streams with a bound, with each other, or with what happens meanwhile. The figures of a stream are those
// of its audience: a list that a stream posts to, or the people whom it writes to.

type Stream = Load["streams"][number]
type Group = LoadFigures["audiences"][number]

/** Fewer samples have no 99th percentile. */
const samplesMin = 100
/** So much of the streams' time must fall into that of the lists beside them. */
const besideRatioMin = 0.8
/** Of fewer lists any order may be chance. */
const listsMin = 8

export function judgeP99({ figures, load, bounds, proof }: ClaimMatter): Finding {
  const msMax = Number(bounds["p99MsMax"])
  const streams = streamsOf(load, proof.streams)
  if (streams.length === 0) return labError([`the load has no stream ${proof.streams!.join(", ")}`])
  const alone = proof.beside === undefined ? undefined : notBeside({ figures, load, proof }, streams)
  if (alone !== undefined) return labError([alone])
  return judged(streams.map((stream) => {
    const group = groupOf(figures, stream)
    const p99Us = group?.latency?.p99Us
    const { recipients = 0, fates } = group?.counts ?? {}
    if (recipients < samplesMin || p99Us === undefined) return { text: `${stream.name}: ${recipients} recipients are too few to say what 99 of 100 have`, holds: undefined }
    const missing = (fates?.lost ?? 0) + (fates?.bounced ?? 0) + (fates?.refused ?? 0)
    const text = `${stream.name}: p99 ${seconds(p99Us)}, ${msMax / 1_000} s at most${missing > 0 ? `, and ${missing} of ${recipients} never` : ""}`
    return { text, holds: p99Us <= msMax * 1_000 && missing * 100 <= recipients }
  }))
}

export function judgePace({ figures, load, bounds, proof }: ClaimMatter): Finding {
  const min = Number(bounds["membersPerSecondMin"])
  const lists = streamsOf(load, proof.streams).filter(({ target, audienceRecipients }) => target !== "direct" && audienceRecipients > 0)
  if (lists.length === 0) return labError([`the load has no list ${proof.streams!.join(", ")}`])
  return judged(lists.map((stream) => {
    const all = groupOf(figures, stream)?.reached.find(({ percent }) => percent === 100)
    if (!all) return { text: `${stream.name}: nothing says when its members were served`, holds: undefined }
    if (all.never > 0 || all.maxUs === null) return { text: `${stream.name}: not everybody was reached`, holds: false }
    const perSecond = Math.round(stream.audienceRecipients / all.maxUs * 1e7) / 10
    return { text: `${stream.name}: ${stream.audienceRecipients} members in ${seconds(all.maxUs)}, ${perSecond} a second, ${min} at least`, holds: perSecond >= min }
  }))
}

/** Why the lists were not under way meanwhile, or undefined. */
function notBeside({ figures, load, proof }: Pick<ClaimMatter, "figures" | "load" | "proof">, streams: readonly Stream[]): string | undefined {
  const lists = streamsOf(load, proof.beside)
  const spans = lists.map((list) => {
    const all = groupOf(figures, list)?.reached.find(({ percent }) => percent === 100)
    const until = all === undefined ? 0 : all.never > 0 || all.maxUs === null ? Infinity : all.maxUs / 1e6
    return { from: list.asked.startSeconds, until: list.asked.startSeconds + until }
  })
  if (spans.length === 0) return `the load has no list ${proof.beside!.join(", ")}`
  const [from, until] = [Math.min(...spans.map((one) => one.from)), Math.max(...spans.map((one) => one.until))]
  const outside = streams.find(({ asked: { startSeconds, messages, perSecond } }) => {
    const length = messages / perSecond
    return Math.min(until, startSeconds + length) - Math.max(from, startSeconds) < length * besideRatioMin
  })
  return outside && `the lists were served from second ${from} to ${until.toFixed(0)}: too little of ${outside.name} went meanwhile`
}

export function judgeNoLater({ figures, load, bounds, proof }: ClaimMatter): Finding {
  const addedMsMax = Number(bounds["addedMsMax"])
  return judged(proof.streams!.map((name, index) => {
    const than = proof.than![index]!
    const [is, was] = [name, than].map((one) => arrivalUs(figures, streamsOf(load, [one])))
    if (is === undefined || was === undefined) return { text: `${is === undefined ? name : than}: nothing says when its mail arrived`, holds: undefined }
    return { text: `${name}: ${seconds(is)}, ${than}: ${seconds(was)}, ${addedMsMax / 1_000} s more at most`, holds: is - was <= addedMsMax * 1_000 }
  }))
}

/** When 99 of 100 have a direct message, and 90 of 100 members that of a list: some of them may be where nobody answers. */
function arrivalUs(figures: LoadFigures, streams: readonly Stream[]): number | undefined {
  const times = streams.map((stream) => {
    const group = groupOf(figures, stream)
    if (stream.target === "direct") return group?.latency?.p99Us
    const share = group?.reached.find(({ percent }) => percent === 90)
    return share === undefined ? undefined : share.never > 0 || share.maxUs === null ? Infinity : share.maxUs
  })
  if (times.length === 0 || times.includes(undefined)) return undefined
  return Math.max(...times as number[])
}

/** How far apart the medians of the lists lie, of the time until all of them are served: 0 together, 100 one after the other. */
export function judgeTogether({ figures, load, bounds, proof }: ClaimMatter): Finding {
  const percentMax = Number(bounds["medianSpreadPercentMax"])
  const lists = streamsOf(load, proof.streams).map((stream) => {
    const at = (percent: number) => groupOf(figures, stream)?.reached.find((one) => one.percent === percent)
    return { name: stream.name, startUs: stream.asked.startSeconds * 1e6, median: at(50), all: at(100) }
  })
  if (lists.length < 2) return labError([`the load has ${lists.length} lists ${proof.streams!.join(", ")}: there is nothing to compare`])
  const starved = lists.filter(({ median }) => !median || median.never > 0 || median.maxUs === null).map(({ name }) => name)
  if (starved.length > 0) return judged([{ text: `${starved.join(", ")}: half of the members never had the message`, holds: false }])
  const inOrder = lists.map(({ name, median }) => ({ name, us: median!.maxUs! })).sort((one, other) => one.us - other.us)
  const [first, last] = [inOrder[0]!, inOrder.at(-1)!]
  const wholeUs = Math.max(...lists.map(({ startUs, all }) => startUs + (all?.maxUs ?? 0))) - Math.min(...lists.map(({ startUs }) => startUs))
  const percent = Math.round((last.us - first.us) / Math.max(wholeUs, 1) * 1_000) / 10
  return judged([{
    text: `${lists.length} lists: half of the members after ${seconds(first.us)} (${first.name}) to ${seconds(last.us)} (${last.name}), `
      + `which is ${percent} % of the ${seconds(wholeUs)} that all take, ${percentMax} % at most`,
    holds: percent <= percentMax,
  }])
}

/** Whether the medians of lists follow their names: Spearman's rank correlation of the two orders, 0 none, 1 the same or the reverse. */
export function judgeAnyOrder({ figures, load, bounds, proof }: ClaimMatter): Finding {
  const max = Number(bounds["rankCorrelationRatioMax"])
  const lists = streamsOf(load, proof.streams).flatMap((stream) => {
    const us = groupOf(figures, stream)?.reached.find(({ percent }) => percent === 50)?.maxUs
    return us == null ? [] : [{ name: stream.name, us }]
  }).sort((one, other) => (one.name < other.name ? -1 : 1))
  if (lists.length < listsMin) return labError([`${lists.length} lists ${proof.streams!.join(", ")} are too few to tell an order from chance`])
  const served = [...lists].sort((one, other) => one.us - other.us)
  const squares = lists.reduce((sum, list, index) => sum + (index - served.indexOf(list)) ** 2, 0)
  const correlation = Math.round((1 - 6 * squares / (lists.length * (lists.length ** 2 - 1))) * 100) / 100
  return judged([{ text: `${served.map(({ name }) => name).join(", ")}: rank correlation with the names ${correlation}, ${max} at most`, holds: Math.abs(correlation) <= max }])
}

export function judgePutOff({ figures, load, proof }: ClaimMatter): Finding {
  const refusals = load.world?.refusals ?? 0
  if (refusals === 0) return labError(["the limits were never reached: nothing was put off"])
  const streams = streamsOf(load, proof.streams)
  if (streams.length === 0) return labError([`the load has no stream ${proof.streams!.join(", ")}`])
  return judged(streams.map((stream) => {
    const group = groupOf(figures, stream)
    if (!group) return { text: `${stream.name}: nothing is known of its recipients`, holds: undefined }
    const { recipients, fates } = group.counts
    const wrong = recipients - fates["delivered-once"]
    return {
      text: `${stream.name}: ${fates["delivered-once"]} of ${recipients} delivered once, ${refusals} refusals for a while, the last one after ${group.latency ? seconds(group.latency.maxUs) : "?"}`,
      holds: wrong === 0,
    }
  }))
}

/** Failed where one does not hold, undecided where of one it is not known. */
function judged(parts: readonly { text: string; holds: boolean | undefined }[]): Finding {
  const texts = (holds: boolean | undefined) => parts.filter((one) => one.holds === holds).map(({ text }) => text)
  if (texts(false).length > 0) return { status: "failed", messages: texts(false), ids: [], observed: parts.map(({ text }) => text) }
  if (texts(undefined).length > 0) return labError(texts(undefined))
  return { status: "passed", messages: [], ids: [], observed: parts.map(({ text }) => text) }
}

/** Nothing is decided, and why. */
export function labError(messages: string[]): Finding {
  return { status: "lab-error", messages, ids: [], observed: [] }
}

function groupOf({ audiences }: LoadFigures, { audience }: Stream): Group | undefined {
  return audiences.find(({ name }) => name === audience)
}

function seconds(us: number): string {
  return us === Infinity ? "never" : `${(us / 1e6).toFixed(1)} s`
}
