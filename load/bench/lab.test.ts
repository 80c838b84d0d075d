import { expect, test } from "vitest"
import type { BenchFigure } from "../bench.ts"
import type { LoadFile } from "../load-file.ts"
import { saturationFigures, startFigures, type Start } from "./lab.ts"
import { figuresOf } from "./list-40000.ts"

const start = (turn: number, generator: boolean, startMs: number): Start => ({ turn, generator, startMs, cpuMs: startMs * 2 })

test("a pair gives a ratio, and half a pair none", () => {
  const figures = startFigures([start(0, true, 22_000), start(0, false, 20_000), start(1, false, 10_000), start(1, true, 12_000), start(2, true, 9_000)])

  expect(figures.map(({ samples }) => samples)).toEqual([[1.1, 1.2], [1.1, 1.2], [22, 12, 9]])
})

const counts = (fates: Record<string, number>, altered = 0) =>
  ({ recipients: Object.values(fates).reduce((sum, count) => sum + count, 0), fates: { "delivered-once": 0, unexpected: 0, lost: 0, ...fates }, marks: { altered, contradicted: 0 } })

/** A load of 40 000 members and one message, as far as the benchmarks read it. */
function load(fates: Record<string, number>, { altered = 0, honest = true, concludes = true } = {}): LoadFile {
  const reached = [50, 90, 99, 100].map((percent) => ({ percent, messages: 1, never: 0, medianUs: percent * 6_000_000, maxUs: percent * 6_000_000 }))
  return {
    honest, startedUs: 0, drainedUs: 100_000_000,
    streams: [{ achieved: { accepted: 500, perSecond: 8 } }],
    cpu: { nodes: [{ cpuMs: 90_000 }, { cpuMs: 10_000 }], clockMs: 100_000, platformMs: 90_000, generatorPercent: 3, catchersPercent: 4 },
    ledger: concludes ? { figures: { total: counts(fates, altered), audiences: [{ reached }] }, gaps: [] } : { figures: null, gaps: [{}] },
  } as unknown as LoadFile
}

const samplesOf = (figures: readonly BenchFigure[], what: RegExp) => figures.find((figure) => what.test(figure.what))!.samples

test("a load that saturates counts where the ledger finds everything delivered once", () => {
  const figures = saturationFigures([
    load({ "delivered-once": 500 }), load({ "delivered-once": 499, lost: 1 }), load({}, { concludes: false }),
  ])

  expect(samplesOf(figures, /^platform saturated/)).toEqual([7])
  expect(samplesOf(figures, /end of the drain/)).toEqual([5])
})

test("each member of a long list who does not have one unaltered copy is counted, and the rate stands beside the README's", () => {
  const wrong = (file: LoadFile) => samplesOf(figuresOf([file]), /^members without/)

  expect(wrong(load({ "delivered-once": 40_000 }))).toEqual([0])
  expect(wrong(load({ "delivered-once": 39_998, lost: 2, unexpected: 3 }, { altered: 1 }))).toEqual([6])
  expect(wrong(load({ "delivered-once": 40_000 }, { honest: false }))).toEqual([])
  expect(wrong(load({ "delivered-once": 39_999, lost: 1 }, { honest: false }))).toEqual([1])
  expect(wrong(load({}, { concludes: false }))).toEqual([])
  const figures = figuresOf([load({ "delivered-once": 40_000 })])
  expect(samplesOf(figures, /up to 90 %/)).toEqual([36_000 / 540])
  expect(figures.find(({ what }) => what.includes("README"))).toMatchObject({ aim: 60, bound: "at-least" })
})
