import { expect, test } from "vitest"
import { lists } from "../fixtures/lists.ts"
import { listEnding, sceneToken } from "./scene-token.ts"

test("the lists of every scene are known by their names' ending, and no list without a mark is", () => {
  const ends = new RegExp(`${listEnding.source}$`)
  for (let scene = 0; scene < 1_000; scene += 1) {
    for (const { name } of lists({ domain: "education.test", mark: sceneToken(String(scene)) })) expect(name).toMatch(ends)
  }
  for (const { name } of lists({ domain: "education.test" })) expect(name).not.toMatch(ends)
})
