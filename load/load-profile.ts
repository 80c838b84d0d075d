import type { ListName } from "../fixtures/lists.ts"
import type { Behaviour } from "../lab/world/behaviour.ts"

export interface Sentence { fr: string; en: string }

/** Something that the shape of a load supposes, with where it comes from. */
export interface Assumption { what: Sentence; value: string; source: string }

/** Where the messages of a stream go. */
export type StreamTarget =
  /** People of the 30 academies, `each` in every one, or of those named; each message to the next of them. */
  | { kind: "academies"; each: number; only?: readonly string[]; except?: readonly string[] }
  /** The first `count` of the load's electors, who are spread over the 30 academies; each message to the next of them. */
  | { kind: "electors"; count: number }
  /** Accounts of the platform, made for this load; each message to the next of them. */
  | { kind: "mailboxes"; count: number }
  /** Aliases of one source, made for this load, each of which leads to one person of the 30 academies, `each` in every one. */
  | { kind: "aliases"; source: "database" | "directory"; each: number }
  /**
   * Anybody in the 30 academies, `each` in every one, written to by an application under test with that login on CONFINEMENT:
   * each copy must be kept in the application's tree.
   */
  | { kind: "kept"; application: string; each: number }
  /**
   * A list made for this load, whose members are spread over the 30 academies. Its first owner sends. `electors`: the members
   * are the first of the load's electors, who may be on other lists as well. `atOnce`: what its owners and moderators post
   * waits for nobody, whatever its template says.
   */
  | { kind: "list"; list: ListName; members: number; electors?: boolean; atOnce?: boolean }
  /** Answers to a list, by the name of its stream, from `people` of its members: nobody must get them. */
  | { kind: "answers"; to: string; people: number }

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
  /** Further header fields. */
  headers?: Readonly<Record<string, string>>
  /** Name of an earlier stream of direct mail whose sender, and sessions, are used; these end with each of the streams. */
  senderOf?: string
}

/** How servers of the world behave for a while, in seconds from the beginning of the load. */
export interface WorldChange {
  /** Short names of academies. */
  academies: readonly string[]
  behaviour: Behaviour
  fromSeconds: number
  /** Then they take everything again, or as soon as the platform is empty. */
  untilSeconds: number
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
  summary?: Sentence
  /** What it was made with, and what it supposes; none of a profile that is always the same. */
  parameters?: Readonly<Record<string, number>>
  assumptions?: readonly Assumption[]
  streams: readonly LoadStream[]
  /** What the academies do meanwhile; nothing: they take everything. */
  world?: readonly WorldChange[]
  /** Its streams are steps of a rising rate: what is late or not begun is what is looked for. */
  isRamp?: boolean
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
  senders: readonly { address: string; password: string }[]
  /** The list's address, or `direct`. */
  target: string
  /** A list's address, or the file of recipients beside the script, an address a line. */
  to: { list: string } | { file: string }
  messages: number
  perSecond: number
  startSeconds: number
  bytes: number
  vus: number
  headers: Readonly<Record<string, string>>
  /** Its sessions end with it. */
  ends: boolean
}
