import { expect, test } from "vitest"
import type { ApplicableRequirement } from "../fixtures/requirements.ts"
import { partsOf } from "./run-request.ts"

const requirement = (id: string, proof: ApplicableRequirement["proof"]): ApplicableRequirement => ({
  id, proof, text: { fr: id, en: id }, source: "test", class: "technical", severity: "majeure", level: "quick", bounds: {}, confirmed: false, family: "LST",
})
const register = [requirement("LST-01", "scenario"), requirement("PERF-09", { load: "lost" }), requirement("DNE-01", { load: "refused" })]
const loadNames = ["load", "PERF-09", "DNE-01"]

test.each([
  [undefined, { scenarios: null, load: true }],
  [["lists", "LST-01"], { scenarios: ["lists", "LST-01"], load: false }],
  [["load"], { scenarios: [], load: true }],
  [["LST-01", "DNE-01"], { scenarios: ["LST-01"], load: true }],
])("--only %j means scenarios, the load, or both", (only, parts) => {
  expect(partsOf(only, { requirements: register, platform: { profiles: ["smoke"] } })).toEqual({ ...parts, loadNames })
})

test.each([
  [undefined, { scenarios: null, load: false }],
  [["load", "LST-01"], { scenarios: ["load", "LST-01"], load: false }],
])("on a platform without profiles --only %j means scenarios alone", (only, parts) => {
  expect(partsOf(only, { requirements: register, platform: { profiles: [] } })).toEqual({ ...parts, loadNames: [] })
})
