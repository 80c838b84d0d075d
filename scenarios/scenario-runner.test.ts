import { expect, test } from "vitest"
import { inOrder } from "./scenario-runner.ts"

const tasks = [..."abcdefgh"].map((name) => ({ name, concurrent: name !== "c" && name !== "f" }))
const names = (order: { name: string }[]) => order.map(({ name }) => name).join("")

test("exclusive scenarios come first, and without a seed all else stays as it was", () => {
  expect(names(inOrder(tasks))).toBe("cfabdegh")
})

test("a seed gives one order, another seed another one, and none is lost", () => {
  const orders = [1, 2, 3, 4, 5].map((seed) => names(inOrder(tasks, seed)))

  expect(orders).toEqual([1, 2, 3, 4, 5].map((seed) => names(inOrder(tasks, seed))))
  expect(new Set(orders.map((order) => order.slice(2))).size).toBe(5)
  for (const order of orders) expect([...order].sort().join("")).toBe("abcdefgh")
  for (const order of orders) expect(["cf", "fc"]).toContain(order.slice(0, 2))
})
