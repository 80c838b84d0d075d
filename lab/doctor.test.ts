import { expect, test } from "vitest"
import { renderDiagnosis, type Check } from "./doctor.ts"
import { runCost } from "./run-cost.ts"

const engineMissing: Check = {
  name: { fr: "moteur de conteneurs", en: "container engine" }, state: "missing",
  found: { fr: "aucun ne répond", en: "none answers" }, remedy: { fr: "donnez DOCKER_HOST", en: "give a DOCKER_HOST" },
}

test("a diagnosis says state, finding and remedy in words, in either language", () => {
  const cost = runCost({ engine: true, base: true, missing: [] })
  const diagnosis = { schema: "recette.doctor/v1", checks: [engineMissing], cost } as const
  expect(renderDiagnosis({ ...diagnosis, checks: [engineMissing] }, "en"))
    .toContain("MISSING container engine: none answers\n          give a DOCKER_HOST\n")
  expect(renderDiagnosis({ ...diagnosis, checks: [engineMissing] }, "fr"))
    .toContain("MANQUE  moteur de conteneurs : aucun ne répond\n          donnez DOCKER_HOST\n")
})

test("what is there already costs nothing more, and what is missing costs its share", () => {
  const there = runCost({ engine: true, base: true, missing: [] })
  const bare = runCost({ engine: false, base: false, missing: ["world", "unknown"] })
  expect(there.lines[0]!.en).toMatch(/^set-up: 0 s/)
  expect(bare.seconds - there.seconds).toBe(13 + 21 + 30)
  expect(bare.diskBytes - there.diskBytes).toBe((400 + 175 + 230 + 400) * 2 ** 20)
})
