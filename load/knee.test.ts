import { expect, test } from "vitest"
import { honestyOf, type LoadFacts } from "./honesty.ts"
import { kneeOf, stepsOf } from "./knee.ts"
import type { LedgerFigures } from "./ledger/ledger-summary.ts"
import type { StreamOutcome } from "./load-file.ts"

// Three steps of 15 s: 5, 10 and 20 a second, all of them kept until a test says otherwise.

const step = (index: number, achieved: Partial<StreamOutcome["achieved"]> = {}): StreamOutcome => {
  const perSecond = 5 * 2 ** index
  return {
    name: `palier0${index + 1}`, senderClass: "application", target: "direct", audience: `palier0${index + 1}`, audienceRecipients: 300,
    asked: { messages: perSecond * 15, perSecond, startSeconds: index * 15 },
    achieved: { messages: perSecond * 15, accepted: perSecond * 15, perSecond, lagP99Ms: 1, lagMaxMs: 2, ...achieved },
  }
}
const figures = (p99s: readonly number[]) => ({
  audiences: p99s.map((p99, index) => ({ name: `palier0${index + 1}`, latency: { p99Us: p99 * 1e6 } })),
}) as unknown as LedgerFigures
const knee = (third: Partial<StreamOutcome["achieved"]>, p99s = [1, 1, 1]) => {
  const steps = stepsOf([step(0), step(1), step(2, third)], figures(p99s))
  return [kneeOf(steps)?.perSecond ?? null, steps.find(({ kept }) => !kept)?.why?.en ?? ""]
}

test("the knee is the last step of those before which all were kept, and each step says why it was not", () => {
  expect(knee({})).toEqual([20, ""])
  expect(knee({ messages: 299 })).toEqual([10, "299 of 300 messages begun"])
  expect(knee({ perSecond: 18.9 })).toEqual([10, "18.9 a second"])
  expect(knee({ accepted: 298 })).toEqual([10, "2 messages refused"])
  expect(knee({}, [1, 1, 15.1])).toEqual([10, "p99 15100 ms, longer than the step"])
  expect(knee({}, [1, 16, 1])).toEqual([5, "p99 16000 ms, longer than the step"])
  expect(knee({}, [16, 1, 1])).toEqual([null, "p99 16000 ms, longer than the step"])
})

test("a step of whose arrival nothing is known is not kept", () => {
  expect(stepsOf([step(0)], null)).toMatchObject([{ kept: false, why: { en: "nothing is known of its arrival" }, p99Ms: null }])
})

test("what a rising rate does not reach says nothing against the load; a generator that was cut off does", () => {
  const late = step(2, { messages: 200, perSecond: 11 })
  const facts: LoadFacts = {
    streams: [late], droppedIterations: 100, ending: "passed", cpu: { nodes: [], clockMs: 1, platformMs: 100, generatorPercent: 4, catchersPercent: 6 },
    ledger: { conclusion: "reconciled", gaps: [], figures: { ...figures([1]), audiences: [{ name: "palier03", counts: { recipients: 200, fates: { unexpected: 0 } } }] } as unknown as LedgerFigures },
  }
  const broken = (isRamp: boolean, part: Partial<LoadFacts> = {}) => honestyOf({ ...facts, ...part, isRamp }, { rateRatioMin: 0.95, cpuPercentMax: 50 }).filter(({ held }) => !held).map(({ check }) => check)
  expect(broken(true)).toEqual([])
  expect(broken(false)).toEqual(["messages", "rate", "samples", "dropped"])
  expect(broken(true, { ending: "time" })).toEqual(["ending"])
})
