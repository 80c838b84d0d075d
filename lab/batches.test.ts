import { expect, test } from "vitest"
import { inBatches, mapped } from "./batches.ts"

test("a batch holds so many, the last one the rest, and none is empty", () => {
  expect([...inBatches([1, 2, 3, 4, 5], 2)]).toEqual([[1, 2], [3, 4], [5]])
  expect([...inBatches([1, 2], 2)]).toEqual([[1, 2]])
  expect([...inBatches([], 2)]).toEqual([])
})

test("of a million no more than a batch is made ahead, and what is asked for twice is made twice", () => {
  let made = 0
  const rows = mapped(Array.from({ length: 1_000_000 }).keys(), (place) => {
    made += 1
    return [place]
  })
  const batches = inBatches(rows, 1_000)

  expect(batches.next().value).toHaveLength(1_000)
  expect(made).toBe(1_000)
  const twice = mapped([1, 2], (one) => one * 2)
  expect([...twice, ...twice]).toEqual([2, 4, 2, 4])
})
