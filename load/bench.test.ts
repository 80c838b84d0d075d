import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryFolder } from "../lab/state-folder.ts"
import { isWithin, runBench, samplesMin, spread, tableOf, type BenchFigure } from "./bench.ts"

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

test("of samples that are 1 or 0 the mean counts", () => {
  const told = { judgedBy: "mean", bound: "at-least", must: 0.9, aim: null } as const
  expect(isWithin(figure([1, 1, 1, 1, 1, 1, 1, 1, 1, 0], told), 0.9)).toBe(true)
  expect(isWithin(figure([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], told), 0.9)).toBe(false)
  expect(tableOf([figure([1, 1, 1, 0], told)])[1]).toContain("0.75 x  0 to 1  4        0.9 (0.833, missed)")
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

let benches = 0
/** A benchmark that gives so many samples of two figures, one of which has them all but `missing`. */
async function benchOf({ missing = 0, more = "", exported = "" }: { missing?: number; more?: string; exported?: string }, repeats?: number, members?: number) {
  await using folder = await temporaryFolder("bench-test")
  // A module is read once under one name.
  const name = `own-${benches += 1}`
  await writeFile(join(folder.path, `${name}.ts`), `
    export async function run({ repeats, members }) {
      const samples = Array.from({ length: repeats }, () => 1)
      const figure = (what, samples) => ({ what, unit: "", samples, must: 1, aim: null })
      const figures = [figure("all", samples), figure("some", samples.slice(${missing}))]
      return { figures, measurements: [{ members }]${more} }
    }
    ${exported}
    export const repeatsByDefault = 8`)
  const result = await runBench(name, { out: folder.path, folder: folder.path, seed: 1, say: () => undefined, ...(repeats === undefined ? {} : { repeats }), ...(members === undefined ? {} : { members }) })
  return { ...result, file: JSON.parse(await readFile(result.table.at(-1)!, "utf8")) as Record<string, unknown> }
}

test("what every benchmark needs is seven samples of each figure", async () => {
  expect(samplesMin).toBe(7)
  expect(await benchOf({}, 7)).toMatchObject({ enough: true, held: true, file: { schema: "recette.bench/v1", enough: true } })
  expect(await benchOf({}, 6)).toMatchObject({ enough: false, file: { enough: false } })
  expect(await benchOf({ missing: 1 }, 7)).toMatchObject({ enough: false })
  expect(await benchOf({}, 0)).toMatchObject({ enough: false })
  expect((await benchOf({}, 1)).table).toContain("fewer than 7 samples of a figure: they prove nothing")
})

test("a benchmark may need fewer, and say how many it takes by itself", async () => {
  expect(await benchOf({ more: ", samplesMin: 1" }, 1)).toMatchObject({ enough: true })
  expect(await benchOf({ missing: 1 })).toMatchObject({ enough: true, file: { figures: [{ samples: { length: 8 } }, { samples: { length: 7 } }] } })
})

test("a list is as long as it is asked for, or as the benchmark has it by itself", async () => {
  const exported = "export const membersByDefault = 1_400_000"
  expect(await benchOf({ exported }, 7)).toMatchObject({ file: { measurements: [{ members: 1_400_000 }] } })
  expect(await benchOf({ exported }, 7, 3_000)).toMatchObject({ file: { measurements: [{ members: 3_000 }] } })
  await expect(benchOf({ exported }, 7, 29)).rejects.toThrow(/A list of 29 members cannot be measured\n  where: the command line, --members 29\n  what to do: give 30 to 3000000/)
  await expect(benchOf({}, 7, 3_000)).rejects.toThrow(/The benchmark own-\d+ has no list\n.*\n  what to do: leave --members out/)
})
