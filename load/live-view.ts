import type { LoadStream } from "./load-profile.ts"
import type { PreparedStream } from "./prepare.ts"

export interface LiveSources {
  /** Messages that the generator has sent so far, and copies that servers outside have taken. */
  sent: () => Promise<number>
  taken: () => Promise<number>
  /** Messages that wait, the fullest queue first. */
  waiting: () => readonly { node: string; queue: string; messages: number }[]
  say: (line: string) => void
}

/** Where a load stands at one moment. */
export interface LiveMoment {
  elapsedMs: number; sent: number; messages: number; taken: number; copies: number
  /** Copies a second, lately. */
  takenPerSecond: number
  /** Copies that are due by now and that nobody has taken. */
  underWay: number
  /** `null`: nothing moves, so nobody can tell. */
  leftMs: number | null
  waiting: readonly { node: string; queue: string; messages: number }[]
}

/** Somebody who watches sees it move; a log need not. */
const watchedEveryMs = 2_000
const loggedEveryMs = 10_000
/** Over this time the rate is taken. */
const latelyMs = 20_000
const queuesShown = 3

/** Says again and again where a load stands, from its first message until `end`. Where a source gives no answer, it keeps to the last one. */
export class LiveView implements Disposable {
  private readonly plan: readonly PlannedStream[]
  private readonly sources: LiveSources
  private readonly lang: "fr" | "en"
  private readonly startedMs = performance.now()
  private readonly history: { atMs: number; taken: number }[] = [{ atMs: 0, taken: 0 }]
  private readonly timer: NodeJS.Timeout
  private sent = 0
  private isAsking = false

  constructor(prepared: readonly PreparedStream[], sources: LiveSources, { isWatched = false, lang = "en" }: { isWatched?: boolean; lang?: "fr" | "en" } = {}) {
    this.plan = prepared.map(plannedOf)
    this.sources = sources
    this.lang = lang
    this.timer = setInterval(() => void this.tell(), isWatched ? watchedEveryMs : loggedEveryMs)
  }

  /** The generator has ended, with so many messages sent. */
  allSent(messages: number): void {
    this.sent = Math.max(this.sent, messages)
  }

  end(): void {
    clearInterval(this.timer)
  }

  [Symbol.dispose](): void {
    this.end()
  }

  private async tell(): Promise<void> {
    if (this.isAsking) return
    this.isAsking = true
    const elapsedMs = performance.now() - this.startedMs
    const [sent, taken] = await Promise.allSettled([this.sources.sent(), this.sources.taken()])
    this.isAsking = false
    if (sent.status === "fulfilled") this.sent = Math.max(this.sent, sent.value)
    if (taken.status === "fulfilled") this.history.push({ atMs: elapsedMs, taken: taken.value })
    while (this.history.length > 2 && this.history[1]!.atMs < elapsedMs - latelyMs) this.history.shift()
    this.sources.say(liveLine(momentOf(this.plan, { elapsedMs, sent: this.sent, history: this.history, waiting: this.sources.waiting() }), this.lang))
  }
}

/** What of a stream can be seen while it runs: copies that go to servers outside. */
export interface PlannedStream extends Pick<LoadStream, "messages" | "perSecond"> { startSeconds: number; copiesEach: number }

export function plannedOf({ stream, target, recipients }: Pick<PreparedStream, "target" | "recipients"> & { stream: Pick<LoadStream, "messages" | "perSecond" | "startSeconds" | "target"> }): PlannedStream {
  const { messages, perSecond, startSeconds = 0, target: { kind } } = stream
  // Mailboxes of the platform, and its trees, are read at the end.
  const isSeen = kind !== "mailboxes" && kind !== "kept" && kind !== "answers"
  return { messages, perSecond, startSeconds, copiesEach: !isSeen ? 0 : target === "direct" ? 1 : recipients.length }
}

export function momentOf(
  plan: readonly PlannedStream[],
  { elapsedMs, sent, history, waiting }: Pick<LiveMoment, "elapsedMs" | "sent" | "waiting"> & { history: readonly { atMs: number; taken: number }[] },
): LiveMoment {
  const total = (each: (stream: PlannedStream) => number) => plan.reduce((sum, stream) => sum + each(stream), 0)
  const dueOf = ({ messages, perSecond, startSeconds }: PlannedStream) => Math.max(0, Math.min(messages, Math.floor((elapsedMs / 1e3 - startSeconds) * perSecond) + 1))
  const [first, last] = [history[0]!, history.at(-1)!]
  const takenPerSecond = last.atMs > first.atMs ? (last.taken - first.taken) / (last.atMs - first.atMs) * 1e3 : 0
  const messages = total((stream) => stream.messages)
  const copies = total((stream) => stream.messages * stream.copiesEach)
  const sendingLeftMs = Math.max(0, ...plan.map(({ messages: all, perSecond, startSeconds }) => (startSeconds + all / perSecond) * 1e3 - elapsedMs))
  const missing = Math.max(0, copies - last.taken)
  const movingLeftMs = missing === 0 ? 0 : takenPerSecond > 0 ? missing / takenPerSecond * 1e3 : null
  return {
    elapsedMs, sent, messages, taken: last.taken, copies, takenPerSecond, waiting,
    underWay: Math.max(0, total((stream) => dueOf(stream) * stream.copiesEach) - last.taken),
    // While mail is still to be sent, what moves now says little of how fast the rest will.
    leftMs: sendingLeftMs > 0 ? Math.max(sendingLeftMs, movingLeftMs ?? 0) : movingLeftMs,
  }
}

export function liveLine({ sent, messages, taken, copies, takenPerSecond, underWay, leftMs, waiting }: LiveMoment, lang: "fr" | "en"): string {
  const number = (value: number) => new Intl.NumberFormat(lang, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
  const words = lang === "fr" ? { sent: "envoyés", of: "sur", taken: "reçus", perSecond: "par s", underWay: "en chemin", waiting: "en attente", left: "reste environ", unknown: "fin inconnue" }
    : { sent: "sent", of: "of", taken: "delivered", perSecond: "a second", underWay: "in flight", waiting: "waiting", left: "some", unknown: "end unknown" }
  const left = leftMs === null ? words.unknown : lang === "fr" ? `${words.left} ${clock(leftMs)}` : `${words.left} ${clock(leftMs)} left`
  const queues = waiting.slice(0, queuesShown).map(({ node, queue, messages: count }) => `${node} ${queue} ${number(count)}`).join(", ")
  return [
    `${number(Math.min(sent, messages))} ${words.of} ${number(messages)} ${words.sent}`,
    `${number(taken)} ${words.of} ${number(copies)} ${words.taken} (${number(takenPerSecond)} ${words.perSecond})`,
    `${number(underWay)} ${words.underWay}`, ...queues === "" ? [] : [`${words.waiting}: ${queues}`], left,
  ].join(" · ")
}

function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1e3)
  const two = (value: number) => String(value).padStart(2, "0")
  return seconds >= 3_600 ? `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}` : `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
}
