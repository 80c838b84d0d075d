import { expect, test } from "vitest"
import { isWithin } from "./bench.ts"
import { profile } from "./bench/slower.ts"
import { checkStreams } from "./check-streams.ts"
import { coresFor, orderOfRun, ratiosOf, slowerFigures, trialIn, verdictOf, type Side, type SideLoad } from "./slow-down.ts"

const load = (run: number, pair: number, side: Side, perSecond: number | null): SideLoad => ({ run, pair, side, perSecond, why: [], cores: side === "slowed" ? 0.3 : null, machineLoad: 1, seconds: 18 })
/** A run of pairs whose rates are given for each side; the machine gets slower from pair to pair. */
const runOf = (run: number, slowed: readonly (number | null)[], again: readonly number[]) => slowed.flatMap((ratio, pair) => {
  const rate = 50 / (pair + 1)
  return [load(run, pair, "slowed", ratio === null ? null : rate * ratio), load(run, pair, "as it is", rate), load(run, pair, "again", rate * again[pair]!)]
})

test("the rule: slower where every pair says so, else nothing is told", () => {
  expect(verdictOf([0.79, 0.85, 0.99], 3)).toBe("slower")
  expect(verdictOf([1.01, 1.2, 1.3], 3)).toBe("faster")
  expect(verdictOf([0.79, 0.85, 1.01], 3)).toBe("not told apart")
  expect(verdictOf([0.79, 0.85], 3)).toBe("not told apart")
  expect(verdictOf([], 0)).toBe("not told apart")
})

test("ratios are those of one pair, and half a pair has none", () => {
  const loads = runOf(0, [0.8, 0.5, null], [1, 1, 1])
  expect(ratiosOf(loads, "slowed", "as it is")).toEqual([0.8, 0.5])
  expect(ratiosOf(loads, "again", "as it is")).toEqual([1, 1, 1])
})

test("each run has all three sides in each of its pairs, in an order that the seed gives again", () => {
  const order = orderOfRun(5, 7)
  expect(order).toEqual(orderOfRun(5, 7))
  expect(order).not.toEqual(orderOfRun(5, 8))
  for (let pair = 0; pair < 5; pair += 1) {
    expect(order.filter((one) => one.pair === pair).map(({ side }) => side).sort()).toEqual(["again", "as it is", "slowed"])
  }
  expect(new Set(Array.from({ length: 20 }, (_, seed) => orderOfRun(1, seed)[0]!.side)).size).toBe(3)
})

test("nine of ten runs must tell, and false alarms are counted either way", () => {
  const told = (run: number) => runOf(run, [0.8, 0.82, 0.78], [1.01, 0.99, 1.02])
  const missed = (run: number) => runOf(run, [0.8, 1.05, 0.78], [1.01, 1.02, 1.03])
  const ten = (misses: number) => slowerFigures(Array.from({ length: 10 }, (_, run) => run < misses ? missed(run) : told(run)).flat(), 3)

  const [tells, alarms, ratios] = ten(1)
  expect(tells!.samples).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 1])
  expect(alarms!.samples).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0])
  expect(ratios!.samples).toHaveLength(30)
  expect(isWithin(tells!, 0.9)).toBe(true)
  expect(isWithin(ten(2)[0]!, 0.9)).toBe(false)
})

test("the load can be run", () => {
  expect(() => checkStreams(profile.name, profile.streams)).not.toThrow()
})

test("a platform that is slower is not one that is faster", () => {
  expect(slowerFigures(runOf(0, [1.2, 1.2, 1.2], [1, 1, 1]), 3)[0]!.samples).toEqual([0])
})

test("the limit is found from what a core carries, by the median of all trials", () => {
  const trial = (asItIs: number) => ({ cores: 0.3, asItIs, slowed: 30 })
  expect(coresFor([trial(50)])).toBeCloseTo(0.4)
  expect(coresFor([trial(50), trial(20), trial(51)])).toBeCloseTo(0.4)
  // The machine has become faster than it was.
  expect(coresFor([...Array.from({ length: 9 }, () => trial(20)), ...Array.from({ length: 3 }, () => trial(80))])).toBeCloseTo(0.64)
  // It did not bite: the rate was what it was without.
  expect(coresFor([{ cores: 0.6, asItIs: 40, slowed: 40 }])).toBeCloseTo(0.48)
})

test("a pair of a run is a trial as well, where both of its loads gave a figure", () => {
  expect(trialIn(runOf(0, [0.8], [1]))).toEqual({ cores: 0.3, asItIs: 50, slowed: 40 })
  expect(trialIn(runOf(0, [null], [1]))).toBeUndefined()
})
