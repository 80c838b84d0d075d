import { expect, test } from "vitest"
import { outcomeOf, statistics, tableLines, type BenchRow } from "./bench-table.ts"

const row = (pairs: number[], more: Partial<BenchRow> = {}): BenchRow =>
  ({ name: "send()", ratio: "CPU / smtp-source -d", sessions: 10, better: "lower", judgedBy: "median", must: 1.3, aim: 0.9, pairs, ...more })
const seven = (value: number) => Array.from({ length: 7 }, () => value)

test("the median of an even number lies between the two in the middle", () => {
  expect(statistics([3, 1, 2])).toEqual({ median: 2, lowest: 1, highest: 3 })
  expect(statistics([4, 1, 3, 2])).toEqual({ median: 2.5, lowest: 1, highest: 4 })
  expect(() => statistics([])).toThrow("there is no median of nothing")
})

test("a row holds its bounds on the good side, and nothing with fewer than seven pairs", () => {
  expect(outcomeOf(row(seven(0.9)))).toBe("aim")
  expect(outcomeOf(row(seven(1.3)))).toBe("must")
  expect(outcomeOf(row(seven(1.31)))).toBe("missed")
  expect(outcomeOf(row([0.1, 0.1]))).toBe("too-few")
  const cheaper = { better: "higher", must: 10, aim: 20 } as const
  expect(outcomeOf(row(seven(20), cheaper))).toBe("aim")
  expect(outcomeOf(row(seven(10), cheaper))).toBe("must")
  expect(outcomeOf(row(seven(9.9), cheaper))).toBe("missed")
  expect(outcomeOf(row(seven(1.5), { better: "higher", must: null, aim: 2 }))).toBe("report")
})

test("what may never happen is judged by the worst pair", () => {
  expect(outcomeOf(row([0, 0, 0, 0, 0, 0, 0.1], { judgedBy: "worst", must: 0, aim: null }))).toBe("missed")
  expect(outcomeOf(row([1, 1, 1, 1, 1, 1, 0.998], { judgedBy: "worst", better: "higher", must: 0.999, aim: null }))).toBe("missed")
  expect(outcomeOf(row(seven(0), { judgedBy: "worst", must: 0, aim: null }))).toBe("must")
})

test("the table shows bounds beside median and spread", () => {
  const one = row([0.8, 0.9, 1, 1.2, 1.1, 0.95, 1.05])
  const [head, line] = tableLines([{ ...one, ...statistics(one.pairs), outcome: outcomeOf(one) }], "en")

  expect(head).toBe("what    ratio                 sessions   must    aim  median    from … to  pairs  holds")
  expect(line).toBe("send()  CPU / smtp-source -d        10  ≤ 1.3  ≤ 0.9    1.00  0.80 … 1.20      7    yes")
})
