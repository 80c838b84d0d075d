import { expect, test } from "vitest"
import { honestyOf, type LoadFacts } from "./honesty.ts"
import type { LedgerFigures } from "./ledger/ledger-summary.ts"

// Each guard is seen failing on its own: a load that is honest in all but one thing says nothing.

const bounds = { rateRatioMin: 0.95, cpuPercentMax: 50 }
const counts = (recipients: number, unexpected = 0) => ({
  recipients, fates: { "delivered-once": recipients - unexpected, duplicated: 0, lost: 0, unexpected, bounced: 0, refused: 0, recovered: 0 },
  marks: { altered: 0, contradicted: 0 }, extraCopies: 0, duplicatedUnanswered: 0,
})
const audience = (name: string, recipients: number, unexpected = 0) =>
  ({ name, counts: counts(recipients, unexpected), latency: null, messages: 1, reached: [] })

function facts(): LoadFacts {
  const figures: LedgerFigures = {
    messages: 101, total: counts(2_100), latency: null, domains: [], senderClasses: [], foreign: { acceptances: 0, ids: [] }, examples: [],
    audiences: [audience("lettre@listes.education.test", 2_000), audience("notes", 100)],
  }
  const achieved = { lagP99Ms: 3, lagMaxMs: 9 }
  return {
    streams: [
      { name: "lettre", senderClass: "institution", target: "lettre@listes.education.test", audience: "lettre@listes.education.test", audienceRecipients: 2_000,
        asked: { messages: 1, perSecond: 0.5, startSeconds: 0 }, achieved: { messages: 1, accepted: 1, perSecond: 0.5, ...achieved } },
      { name: "notes", senderClass: "application", target: "direct", audience: "notes", audienceRecipients: 40,
        asked: { messages: 100, perSecond: 10, startSeconds: 0 }, achieved: { messages: 100, accepted: 97, perSecond: 9.9, ...achieved } },
    ],
    droppedIterations: 0, ending: "passed",
    cpu: { nodes: [], clockMs: 60_000, platformMs: 90_000, generatorPercent: 4, catchersPercent: 6 },
    ledger: { conclusion: "reconciled", gaps: [], figures },
  }
}
const broken = (change: (one: LoadFacts) => void): string[] => {
  const one = facts()
  change(one)
  return honestyOf(one, bounds).filter(({ held }) => !held).map(({ sentence }) => sentence.en)
}

test("a load that kept to everything is honest, whatever the platform refused", () => {
  expect(broken(() => undefined)).toEqual([])
})

test.each<[string, (one: LoadFacts) => void, string]>([
  ["a message that was never begun", ({ streams }) => { streams[1]!.achieved.messages = 99 }, "stream notes: 99 messages were sent, 100 were asked for"],
  ["a message too many", ({ streams }) => { streams[0]!.achieved.messages = 2 }, "stream lettre: 2 messages were sent, 1 were asked for"],
  ["half the rate", ({ streams }) => { streams[1]!.achieved.perSecond = 5 }, "stream notes: 5 messages a second, 10 asked for, 9.5 at least"],
  ["a dropped message", (one) => { one.droppedIterations = 1 }, "1 messages were due while no session was free; there must be none"],
  ["a generator that was cut off", (one) => { one.ending = "time" }, "the generator ended so: time; it must be passed"],
  ["a dear generator", (one) => { one.cpu.generatorPercent = 44.1 }, "generator and receiving servers took 50.1 % of the platform's processor time (90000 ms); at most 50 %"],
  ["a platform whose time is not known", (one) => { one.cpu.platformMs = 0 }, "generator and receiving servers took 10 % of the platform's processor time (0 ms); at most 50 %"],
  ["a list whose members are not all counted", ({ ledger }) => { ledger.figures!.audiences[0] = audience("lettre@listes.education.test", 2_000, 1) },
    "stream lettre: 1999 recipients in the ledger, 2000 at least"],
  ["a stream without samples", ({ ledger }) => { ledger.figures!.audiences.pop() }, "stream notes: 0 recipients in the ledger, 100 at least"],
])("%s is told, and nothing else", (_, change, sentence) => {
  expect(broken(change)).toEqual([sentence])
})

test("where the ledger concludes nothing, its own gaps say so", () => {
  expect(broken((one) => { one.ledger = { conclusion: "inconclusive", gaps: [{ what: "cut", where: "here", missing: 1 }], figures: null } })).toEqual([])
})
