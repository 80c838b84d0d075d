import { expect, test } from "vitest"
import { runBench, tableOf } from "./bench.ts"

test("the table has medians, spreads, and the ratio to each bound, and says which is missed", () => {
  expect(tableOf([
    { what: "time", unit: "s", samples: [30, 12, 20, 14], must: 60, aim: 10 },
    { what: "rate", unit: "/s", samples: [49_943, 50_003], must: 49_500, aim: 49_980, bound: "at-least" },
    { what: "lost", unit: "", samples: [0], must: 0, aim: null },
  ])).toEqual([
    "      median     spread            samples  must (ratio)   aim (ratio)",
    "time  17 s       12 to 30          4        60 (0.283)     10 (1.7, missed)",
    "rate  49,970 /s  49,940 to 50,000  2        49,500 (1.01)  49,980 (1, missed)",
    "lost  0          0 to 0            1        0",
  ])
})

test("an unknown benchmark names those that there are", async () => {
  await expect(runBench("nothing", { out: "results", seed: 1, repeats: 1, say: () => undefined })).rejects.toThrow(
    /There is no benchmark nothing\n.*\n.*name one of .*academies, .*ledger/)
})
