import { expect, test } from "vitest"
import { isWithin, runBench, spread, tableOf, type BenchFigure } from "./bench.ts"

const figure = (samples: number[], more: Partial<BenchFigure> = {}): BenchFigure =>
  ({ what: "send(): CPU / smtp-source -d", unit: "x", samples, must: 1.3, aim: 0.9, ...more })

test("the median of an even number lies between the two in the middle", () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 })
})

test("a bound is held on its good side, by the median or by the worst", () => {
  expect(isWithin(figure([1, 1.3, 9]), 1.3)).toBe(true)
  expect(isWithin(figure([1, 1.31, 9]), 1.3)).toBe(false)
  expect(isWithin(figure([1, 1.3, 9], { judgedBy: "worst" }), 1.3)).toBe(false)
  const atLeast = { bound: "at-least", must: 10, aim: null } as const
  expect(isWithin(figure([1, 10, 12], atLeast), 10)).toBe(true)
  expect(isWithin(figure([1, 10, 12], { ...atLeast, judgedBy: "worst" }), 10)).toBe(false)
  expect(isWithin(figure([9]), null)).toBe(true)
})

test("the table shows median and spread beside the bounds", () => {
  expect(tableOf([figure([0.8, 1, 1.2]), figure([0, 0, 1], { what: "dropped", unit: "", must: 0, aim: null, judgedBy: "worst" })])).toEqual([
    "                              median  spread      samples  must (ratio)   aim (ratio)",
    "send(): CPU / smtp-source -d  1 x     0.8 to 1.2  3        1.3 (0.769)    0.9 (1.11, missed)",
    "dropped                       0       0 to 1      3        0 (0, missed)",
  ])
})

test("a name that is none is refused with those that are", async () => {
  await expect(runBench("nothing", { out: "results", seed: 1, repeats: 1, say: () => undefined }))
    .rejects.toThrow(/There is no benchmark nothing\n  where: the command line\n  what to do: name one of .*generator/)
})
