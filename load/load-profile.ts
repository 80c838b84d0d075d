import type { ListName } from "../fixtures/lists.ts"

/** Where the messages of a stream go. */
export type StreamTarget =
  /** People of the 30 academies, `each` in every one; each message to the next of them. */
  | { kind: "academies"; each: number }
  /** Accounts of the platform, made for this load; each message to the next of them. */
  | { kind: "mailboxes"; count: number }
  /** Aliases of one source, made for this load, each of which leads to one person of the 30 academies, `each` in every one. */
  | { kind: "aliases"; source: "database" | "directory"; each: number }
  /** A list made for this load, whose members are spread over the 30 academies. Its first owner sends. */
  | { kind: "list"; list: ListName; members: number }

/** One flow of messages: one sender class towards one kind of target. */
export interface LoadStream {
  /** Small letters and digits; second part of its messages' ids. */
  name: string
  senderClass: "institution" | "minister" | "union" | "application" | "person"
  target: StreamTarget
  messages: number
  /** Arrival rate. Messages are due at equal distances, whatever becomes of those before. */
  perSecond: number
  /** When its first message is due, from the beginning of the load. Default 0. */
  startSeconds?: number
  /** Header and text of a message. */
  bytes: number
  /** Sessions kept for it, at least as many as messages that may be under way at once. */
  vus: number
}

/** What the harness itself must have kept to, for the load to say anything of the platform. */
export interface HonestyBounds {
  /** Messages begun of messages asked, and rate reached of rate asked, in each stream: 0 to 1. */
  rateRatioMin: number
  /** Processor time of generator and academies together, of that of the platform. */
  cpuPercentMax: number
}

/** A load: what goes to the platform, how fast, and what makes it count. */
export interface LoadProfile {
  /** Small letters, digits and `-`: names `load/<name>.json` and `ledger/<name>/`. */
  name: string
  streams: readonly LoadStream[]
  /** Path of the k6 script; it reads `streams.json` (ScriptStream) beside it. Default: profiles/streams.k6.ts. */
  script?: string
  /** k6 is told to end then: the load is cut off and says nothing. */
  sendMsMax: number
  /** The platform has so long to drain once all is sent. */
  drainMsMax: number
  honesty: HonestyBounds
}

/** One stream as the k6 script reads it in `streams.json`. */
export interface ScriptStream {
  name: string
  sender: string
  password: string
  /** The list's address, or `direct`. */
  target: string
  /** A list's address, or the file of recipients beside the script, an address a line. */
  to: { list: string } | { file: string }
  messages: number
  perSecond: number
  startSeconds: number
  bytes: number
  vus: number
}
