import { expect, test } from "vitest"
import { Turns } from "./turns.ts"

test("as many as there are turns go on, the next one when one is given back", async () => {
  const turns = new Turns(1)
  const order: string[] = []
  await turns.take()
  const second = turns.take().then(() => order.push("second"))
  const third = turns.take().then(() => order.push("third"))
  await Promise.resolve()
  expect(order).toEqual([])

  turns.giveBack()
  await second
  expect(order).toEqual(["second"])

  turns.giveBack()
  await third
  turns.giveBack()
  await turns.take()
  expect(order).toEqual(["second", "third"])
})
