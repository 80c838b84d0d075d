import { expect, test, vi } from "vitest"
import type { StreamTarget } from "./load-profile.ts"
import { liveLine, LiveView, momentOf, plannedOf } from "./live-view.ts"
import { sentAtAll } from "./sending.ts"

const plan = [
  { messages: 100, perSecond: 2, startSeconds: 0, copiesEach: 1 },
  { messages: 1, perSecond: 1, startSeconds: 10, copiesEach: 2_000 },
  { messages: 30, perSecond: 1, startSeconds: 0, copiesEach: 0 },
]
const moment = (part: Partial<Parameters<typeof momentOf>[1]> = {}) => momentOf(plan, { elapsedMs: 60_000, sent: 131, history: [{ atMs: 40_000, taken: 500 }, { atMs: 60_000, taken: 1_500 }], waiting: [], ...part })

test("copies are counted where they can be seen; in flight is what was due and is not there yet", () => {
  expect(moment()).toMatchObject({ messages: 131, copies: 2_100, taken: 1_500, takenPerSecond: 50, underWay: 600 })
})

test("what is not due yet is not in flight", () => {
  const early = moment({ elapsedMs: 5_000, sent: 10, history: [{ atMs: 0, taken: 0 }, { atMs: 5_000, taken: 8 }] })
  expect(early).toMatchObject({ underWay: 3 })
})

test("time left: of sending at least, then by the rate; unknown where nothing moves", () => {
  expect(moment().leftMs).toBe(12_000)
  expect(moment({ elapsedMs: 5_000, history: [{ atMs: 0, taken: 0 }, { atMs: 5_000, taken: 0 }] }).leftMs).toBe(45_000)
  expect(moment({ history: [{ atMs: 40_000, taken: 1_500 }, { atMs: 60_000, taken: 1_500 }] }).leftMs).toBeNull()
  expect(moment({ history: [{ atMs: 40_000, taken: 1_500 }, { atMs: 60_000, taken: 2_100 }] }).leftMs).toBe(0)
})

test("of a stream counts what goes to servers outside: one copy of a direct message, one for each member of a list", () => {
  const copiesOf = (target: StreamTarget, name: string, recipients: string[]) => plannedOf({ stream: { messages: 1, perSecond: 1, target }, target: name, recipients }).copiesEach
  expect(copiesOf({ kind: "academies", each: 2 }, "direct", ["a", "b"])).toBe(1)
  expect(copiesOf({ kind: "list", list: "info-personnels", members: 3 }, "l@listes.test", ["a", "b", "c"])).toBe(3)
  expect(copiesOf({ kind: "mailboxes", count: 2 }, "direct", ["a", "b"])).toBe(0)
  expect(copiesOf({ kind: "kept", application: "siecle", each: 1 }, "direct", ["a"])).toBe(0)
  expect(copiesOf({ kind: "answers", to: "l", people: 2 }, "nobody-r", [])).toBe(0)
})

test("one line in either language", () => {
  const waiting = [{ node: "sympa", queue: "bulk/pct", messages: 24 }, { node: "postfix", queue: "active", messages: 3 }]
  expect(liveLine(moment({ waiting }), "en")).toBe("131 of 131 sent · 1,500 of 2,100 delivered (50 a second) · 600 in flight · waiting: sympa bulk/pct 24, postfix active 3 · some 0:12 left")
  expect(liveLine(moment({ history: [{ atMs: 1, taken: 5 }, { atMs: 2, taken: 5 }] }), "fr")).toMatch(/^131 sur 131 envoyés · 5 sur 2.100 reçus \(0 par s\) · 2.095 en chemin · fin inconnue$/)
})

test("what a generator had sent when it ended is said from then on, though its progress had not come so far", async () => {
  vi.useFakeTimers()
  const said: string[] = []
  const letter = { stream: { messages: 1, perSecond: 1, target: { kind: "list", list: "info-elections", members: 1 } }, target: "liste@listes.education.test", recipients: ["a"] }
  using view = new LiveView([letter as never], { sent: async () => 0, taken: async () => 0, waiting: () => [], say: (line) => said.push(line) })
  await vi.advanceTimersByTimeAsync(10_000)
  view.allSent(sentAtAll({ writers: [{ writer: "generator", summary: { metrics: { iterations: { count: 1 } } } as never }, { writer: "generator-2", summary: null }] }))
  await vi.advanceTimersByTimeAsync(10_000)
  vi.useRealTimers()

  expect(said.map((line) => line.split(" of ")[0])).toEqual(["0", "1"])
})
