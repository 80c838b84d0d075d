import { expect, test } from "vitest"
import { academies } from "../fixtures/academies.ts"
import { AcademyPool } from "./academy-pool.ts"

test("two scenarios never hold the same academy, and the first to ask is served first", async () => {
  const pool = new AcademyPool(academies.slice(0, 4))
  const served: string[] = []
  const first = await pool.take(3)
  const second = pool.take(4).then((taken) => { served.push("second"); return taken })
  const third = pool.take(1).then((taken) => { served.push("third"); return taken })

  pool.giveBack(first)
  const all = await second
  expect(new Set(all).size).toBe(4)
  expect(served).toEqual(["second"])

  pool.giveBack(all)
  expect(await third).toHaveLength(1)
})
