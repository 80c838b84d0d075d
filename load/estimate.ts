import type { LoadProfile, LoadStream } from "./load-profile.ts"

// How long a load takes is estimated from what was measured on 2 quiet cores (load/README.md): it fits loads into a time and
// bounds their drain, and no figure of a report comes from it.

/** Copies a second of a list that nobody may leave, whose copies go in packets. */
export const packetsPerSecond = 127
/** Of a list that one may leave, whose copies are each their own (one click, RFC 8058). */
export const copiesPerSecond = 10
/** Senders, mailboxes and records before and after; each list takes a moment to make. */
const aroundSeconds = 45
const secondsOfAList = 3
/** What a limit of the world puts off waits so long. */
const windowSeconds = 90
/** A machine that is busy with other work is so many times slower. */
const slownessMax = 6
const drainMsSpare = 600_000

/** When the last message is due, from the beginning. */
export function sentAfterSeconds(streams: readonly LoadStream[]): number {
  return Math.max(0, ...streams.map(({ startSeconds = 0, messages, perSecond }) => startSeconds + messages / perSecond))
}

/** The list engine's work: all copies of all lists, one after the other. */
export function listSeconds(streams: readonly LoadStream[]): number {
  return streams.reduce((total, { target, messages }) => total
    + (target.kind === "list" ? messages * target.members / (target.list === "info-elections" ? packetsPerSecond : copiesPerSecond) : 0), 0)
}

/** From its first mailbox to its ledger. */
export function estimatedSeconds({ streams, world = [] }: Pick<LoadProfile, "streams" | "world">): number {
  const firstList = Math.min(...streams.filter(({ target }) => target.kind === "list").map(({ startSeconds = 0 }) => startSeconds))
  const lists = streams.filter(({ target }) => target.kind === "list").length
  const sent = sentAfterSeconds(streams)
  const held = world.map(({ behaviour, untilSeconds }) => behaviour.down ? untilSeconds : behaviour.limits ? sent + windowSeconds : 0)
  const end = Math.max(sent, lists === 0 ? 0 : firstList + listSeconds(streams), ...held)
  return Math.ceil(aroundSeconds + lists * secondsOfAList + end)
}

/** How long the platform has to drain: what its lists take on a busy machine, and more. */
export function listMsMax(streams: readonly LoadStream[]): number {
  return Math.ceil(listSeconds(streams)) * 1_000 * slownessMax + drainMsSpare
}
