import { expect, test } from "vitest"
import type { Load, LoadFigures } from "./load-shapes.ts"
import { loadProofs } from "./load-proofs.ts"
import type { Requirement } from "./result-shapes.ts"
import { sampleCounts, sampleLoad } from "./sample-load.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

type Proof = Exclude<Requirement["proof"], "scenario">
type Group = LoadFigures["audiences"][number]

/** A stream of a load, and what the ledger has of it: times in seconds. */
interface Part { name: string; list?: boolean; recipients?: number; start?: number; messages?: number; perSecond?: number; p99?: number; reached?: number[]; never?: number; fates?: Partial<Group["counts"]["fates"]> }

function loadOf(parts: readonly Part[], rest: Partial<Load> = {}): Load {
  const sample = sampleLoad()
  const figures: LoadFigures = { ...sample.ledger!.figures!, audiences: parts.map(groupOf) }
  return {
    ...sample, profile: "vote-code",
    streams: parts.map(({ name, list = false, recipients = 200, start = 0, messages = list ? 1 : recipients, perSecond = list ? 0.5 : 5 }) => ({
      ...sample.streams[0]!, name, target: list ? `${name}@listes.education.test` : "direct", audience: list ? `${name}@listes.education.test` : name,
      audienceRecipients: recipients, asked: { messages, perSecond, startSeconds: start },
      achieved: { ...sample.streams[0]!.achieved, messages, accepted: messages },
    })),
    ledger: { conclusion: "reconciled", gaps: [], figures }, ...rest,
  }
}

function groupOf({ name, list = false, recipients = 200, p99 = 1, reached = [1, 2, 3, 4], never = 0, fates = {} }: Part): Group {
  const us = (seconds: number) => Math.round(seconds * 1e6)
  return {
    name: list ? `${name}@listes.education.test` : name, counts: sampleCounts(recipients, fates), messages: 1,
    latency: { samples: recipients, minUs: 1, p50Us: us(p99 / 2), p90Us: us(p99 * 0.9), p99Us: us(p99), maxUs: us(p99 + 1) },
    reached: [50, 90, 99, 100].map((percent, index) => ({ percent, messages: 1, never: percent === 100 ? never : 0, medianUs: us(reached[index]!), maxUs: us(reached[index]!) })),
  }
}

function judge(proof: Proof, bounds: Requirement["bounds"], load: Load) {
  const results = { ...sampleResults({ run: { profiles: ["vote-code"] }, requirements: [{ id: "PRI-01", level: "quick", severity: "bloquante", class: "technical", proof, bounds }] }), loads: [{ profile: "vote-code", load }] }
  return { ...loadProofs(results)[0]!, verdict: verdictOf(results, "en") }
}

const codes = (part: Partial<Part> = {}): Part => ({ name: "codes", start: 6, recipients: 200, perSecond: 5, ...part })
const mailing = (part: Partial<Part> = {}): Part => ({ name: "masse1", list: true, recipients: 3_000, reached: [20, 40, 45, 50], ...part })
const p99: Proof = { load: "p99", profiles: ["vote-code"], streams: ["codes"], beside: ["masse"] }

test.each<[string, Part[], string, string]>([
  ["in time while the mailing ran", [codes({ p99: 59 }), mailing()], "passed", "codes: p99 59.0 s, 60 s at most"],
  ["too late", [codes({ p99: 60.1 }), mailing()], "failed", "codes: p99 60.1 s, 60 s at most"],
  ["in time, but three of 200 never", [codes({ fates: { lost: 2, bounced: 1 } }), mailing()], "failed", "codes: p99 1.0 s, 60 s at most, and 3 of 200 never"],
  ["too few of them", [codes({ recipients: 99 }), mailing()], "lab-error", "codes: 99 recipients are too few to say what 99 of 100 have"],
  ["mostly after the mailing", [codes(), mailing({ reached: [5, 10, 12, 20] })], "lab-error", "the lists were served from second 0 to 20: too little of codes went meanwhile"],
  ["beside a mailing that never ended", [codes(), mailing({ never: 1 })], "passed", "codes: p99 1.0 s, 60 s at most"],
  ["without the mailing", [codes()], "lab-error", "the load has no list masse"],
  ["in a load without codes", [mailing()], "lab-error", "the load has no stream codes"],
])("p99, %s", (_, parts, status, text) => {
  const { status: is, messages, observed, verdict } = judge(p99, { p99MsMax: 60_000 }, loadOf(parts))
  expect([is, [...messages, ...observed]]).toEqual([status, expect.arrayContaining([text])])
  expect(verdict.verdict).toBe({ passed: "go", failed: "no-go", "lab-error": "inconclusive" }[status])
})

const noLater: Proof = { load: "no-later", streams: ["pendant", "lettre2"], than: ["avant", "lettre1"] }
const phases = (pendant: number, lettre2: number): Part[] => [
  { name: "avant", p99: 2 }, { name: "pendant", p99: pendant },
  { name: "lettre1", list: true, reached: [10, 20, 24, 25] }, { name: "lettre2", list: true, reached: [10, lettre2, 200, 300] },
]

test.each<[string, Part[], string, string]>([
  ["as soon, for those who answer", phases(11.9, 29.9), "passed", "lettre2: 29.9 s, lettre1: 20.0 s, 10 s more at most"],
  ["later to individuals", phases(12.1, 20), "failed", "pendant: 12.1 s, avant: 2.0 s, 10 s more at most"],
  ["later to a list", phases(2, 31), "failed", "lettre2: 31.0 s, lettre1: 20.0 s, 10 s more at most"],
  ["without what to compare with", phases(2, 20).slice(1), "lab-error", "avant: nothing says when its mail arrived"],
])("no later, %s", (_, parts, status, text) => {
  const { status: is, messages, observed } = judge(noLater, { addedMsMax: 10_000 }, loadOf(parts))
  expect([is, [...messages, ...observed]]).toEqual([status, expect.arrayContaining([text])])
})

const together: Proof = { load: "together", streams: ["syndicat"] }
const union = (number: number, median: number, all = 300): Part => ({ name: `syndicat0${number}`, list: true, reached: [median, median, all, all] })

test.each<[string, Part[], string, string]>([
  ["side by side", [union(1, 140), union(2, 150), union(3, 160)], "passed", "3 lists: half of the members after 140.0 s (syndicat01) to 160.0 s (syndicat03), which is 6.7 % of the 300.0 s that all take, 25 % at most"],
  ["one after the other", [union(1, 290), union(2, 150), union(3, 12)], "failed", "3 lists: half of the members after 12.0 s (syndicat03) to 290.0 s (syndicat01), which is 92.7 % of the 300.0 s that all take, 25 % at most"],
  ["one alone", [union(1, 290)], "lab-error", "the load has 1 lists syndicat: there is nothing to compare"],
])("together, %s", (_, parts, status, text) => {
  const { status: is, messages, observed } = judge(together, { medianSpreadPercentMax: 25 }, loadOf(parts))
  expect([is, [...messages, ...observed]]).toEqual([status, expect.arrayContaining([text])])
})

test("together, one that half of the members never have is starved", () => {
  const load = loadOf([union(1, 140), union(2, 150)])
  load.ledger!.figures!.audiences[1]!.reached[0]!.never = 1
  expect(judge(together, { medianSpreadPercentMax: 25 }, load)).toMatchObject({ status: "failed", messages: ["syndicat02: half of the members never had the message"] })
})

const unions = (medians: readonly number[]) => medians.map((median, index) => ({ ...union(0, median), name: `syndicat${String(index + 1).padStart(2, "0")}` }))

test.each<[string, Part[], string, string]>([
  ["of their names", unions([1, 2, 3, 4, 5, 6, 7, 8]), "failed", "rank correlation with the names 1, 0.56 at most"],
  ["of their names, reversed", unions([8, 7, 6, 5, 4, 3, 2, 1]), "failed", "rank correlation with the names -1, 0.56 at most"],
  ["of chance", unions([4, 8, 1, 6, 3, 7, 2, 5]), "passed", "rank correlation with the names -0.1, 0.56 at most"],
  ["of too few", unions([1, 2, 3, 4, 5, 6, 7]), "lab-error", "7 lists syndicat are too few to tell an order from chance"],
])("lists in an order %s", (_, parts, status, text) => {
  const { status: is, messages, observed } = judge({ load: "any-order", streams: ["syndicat"] }, { rankCorrelationRatioMax: 0.56 }, loadOf(parts))
  expect([is, [...messages, ...observed].join()]).toEqual([status, expect.stringContaining(text)])
})

test.each<[string, Part[], string, string]>([
  ["at its pace", [mailing()], "passed", "masse1: 3000 members in 50.0 s, 60 a second, 60 at least"],
  ["slower", [mailing({ reached: [1, 2, 3, 51] })], "failed", "masse1: 3000 members in 51.0 s, 58.8 a second, 60 at least"],
  ["not to its end", [mailing({ never: 1 })], "failed", "masse1: not everybody was reached"],
  ["not there", [codes()], "lab-error", "the load has no list masse"],
])("a list %s", (_, parts, status, text) => {
  const { status: is, messages, observed } = judge({ load: "pace", streams: ["masse"] }, { membersPerSecondMin: 60 }, loadOf(parts))
  expect([is, [...messages, ...observed]]).toEqual([status, expect.arrayContaining([text])])
})

const world = { changes: [{ academies: ["lille"], behaviour: {}, fromSeconds: 0, untilSeconds: 1 }], refusals: 40 }

test.each<[string, Part[], Partial<Load>, string, string]>([
  ["and arrived", [codes({ p99: 61 })], { world }, "passed", "codes: 200 of 200 delivered once, 40 refusals for a while, the last one after 62.0 s"],
  ["and lost one", [codes({ fates: { lost: 1 } })], { world }, "failed", "codes: 199 of 200 delivered once, 40 refusals for a while, the last one after 2.0 s"],
  ["and came twice", [codes({ fates: { duplicated: 1 } })], { world }, "failed", "codes: 199 of 200 delivered once, 40 refusals for a while, the last one after 2.0 s"],
  ["never", [codes()], { world: { ...world, refusals: 0 } }, "lab-error", "the limits were never reached: nothing was put off"],
])("what was put off %s", (_, parts, rest, status, text) => {
  const { status: is, messages, observed } = judge({ load: "put-off", streams: ["codes"] }, {}, loadOf(parts, rest))
  expect([is, [...messages, ...observed]]).toEqual([status, expect.arrayContaining([text])])
})

const answers = (unexpected: number): Load => {
  const load = loadOf([{ name: "reponses" }])
  Object.assign(load.streams[0]!, { target: "nobody-reponses", audience: "nobody-reponses", audienceRecipients: 0 })
  load.ledger!.figures!.audiences = unexpected === 0 ? [] : [{ ...groupOf({ name: "nobody-reponses" }), counts: sampleCounts(unexpected, { unexpected }) }]
  return load
}

test("answers that nobody got are proved, and one that was passed on fails, at any rate", () => {
  const proof: Proof = { load: "not-passed-on", streams: ["reponses"] }
  expect(judge(proof, {}, answers(0))).toMatchObject({ status: "passed", observed: ["200 answers, 200 of them taken at the edge; passed on: reponses: 0 copies"] })
  expect(judge(proof, {}, answers(3_000))).toMatchObject({ status: "failed", messages: ["answers to a list were passed on: reponses: 3000 copies, of 200 answers"] })
  const slow = { honest: false, honesty: [{ check: "rate", stream: "reponses", held: false, is: 1, must: 9, sentence: { fr: "lent", en: "slow" } }] }
  expect(judge(proof, {}, { ...answers(1), ...slow }).status).toBe("failed")
  expect(judge(proof, {}, { ...answers(0), ...slow }).status).toBe("lab-error")
  expect(judge(proof, {}, { ...answers(0), streams: [] })).toMatchObject({ status: "lab-error", messages: ["no answer was sent to a list: zero samples"] })
})
