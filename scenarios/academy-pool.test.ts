import { expect, test } from "vitest"
import { academies } from "../fixtures/academies.ts"
import { AcademyPool } from "./academy-pool.ts"

test("two scenarios never hold the same academy, and the first to ask is served first", async () => {
  const pool = new AcademyPool(academies.slice(0, 4))
  const served: string[] = []
  const all4 = academies.slice(0, 4)
  const first = await pool.take(3, all4)
  const second = pool.take(4, all4).then((taken) => { served.push("second"); return taken })
  const third = pool.take(1, all4).then((taken) => { served.push("third"); return taken })

  pool.giveBack(first)
  const all = await second
  expect(new Set(all).size).toBe(4)
  expect(served).toEqual(["second"])

  pool.giveBack(all)
  expect(await third).toHaveLength(1)
})

test("who wants other academies does not wait for those who wait", async () => {
  const [one, two, three] = academies.slice(0, 3)
  const pool = new AcademyPool([one!, two!, three!])
  await pool.take(1, [one!])
  const served: string[] = []
  const both = pool.take(2, [one!, two!]).then(() => served.push("both"))
  const behind = pool.take(1, [two!]).then(() => served.push("behind"))

  await pool.take(1, [three!])
  expect(served, "the second academy is kept for who asked for it first").toEqual([])

  pool.giveBack([one!])
  await both
  pool.giveBack([one!, two!])
  await behind
  expect(served).toEqual(["both", "behind"])
})
