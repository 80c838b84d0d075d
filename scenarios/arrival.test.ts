import { expect, test } from "vitest"
import { awaitArrival } from "./arrival.ts"

const soon = { withinMs: 200, everyMs: 1, usualMs: 0 }
const missing = async () => ["anne@ac-lyon.test"]

test("what arrives is waited for while the platform still holds something", async () => {
  let looks = 0
  await awaitArrival("two have it", { ...soon, missing: async () => (looks += 1) < 5 ? missing() : [], isDrained: async () => false })
  expect(looks).toBe(5)
})

test("what is missing although nothing is left is given up at once", async () => {
  const lost = awaitArrival("one has it", { ...soon, withinMs: 60_000, missing, isDrained: async () => true })
  await expect(lost).rejects.toThrow("Never true: one has it\n  last probe: nothing at anne@ac-lyon.test, and nothing of it is left in the platform")
})

test("what arrived while queues and spools were looked into has arrived", async () => {
  let arrived = false
  await awaitArrival("one has it", {
    ...soon, missing: async () => arrived ? [] : missing(), isDrained: async () => arrived = true,
  })
})

test("queues and spools are not looked into as long as an arrival is usual", async () => {
  const waiting = awaitArrival("one has it", { ...soon, usualMs: 60_000, missing, isDrained: async () => { throw new Error("looked") } })
  await expect(waiting).rejects.toThrow("Still not true after 200 ms: one has it\n  last probe: nothing at anne@ac-lyon.test")
})

test("a look into queues and spools that is not possible decides nothing", async () => {
  const waiting = awaitArrival("one has it", { ...soon, missing, isDrained: async () => { throw new Error("no engine") } })
  await expect(waiting).rejects.toThrow("Still not true after 200 ms: one has it\n  last probe: no engine")
})
