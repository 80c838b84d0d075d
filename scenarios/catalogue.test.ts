import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { announcedScenarios, scenariosIn, selectScenarios } from "./catalogue.ts"

const text = `
test("a message arrives", { meta: { requirements: ["ROU-01", "ROU-14"] } }, async () => {})

test("a \\"quoted\\" title",
  { meta: { requirements: ["LST-02"], mode: "exclusive" }, concurrent: false }, async () => {})
`
const scenarios = [...scenariosIn(text, "routing.scenario.ts"), ...scenariosIn(text, "lists.scenario.ts")]

test("scenarios are known with title, requirements and mode without running them", () => {
  expect(scenariosIn(text, "routing.scenario.ts")).toEqual([
    {
      title: "a message arrives", suite: "routing", file: "scenarios/routing.scenario.ts",
      requirements: ["ROU-01", "ROU-14"], mode: "shared",
    },
    {
      title: "a \"quoted\" title", suite: "routing", file: "scenarios/routing.scenario.ts",
      requirements: ["LST-02"], mode: "exclusive",
    },
  ])
})

test("a suite and a requirement select their scenarios, without duplicates", () => {
  expect(selectScenarios(null, scenarios)).toHaveLength(4)
  expect(selectScenarios(["lists"], scenarios).map((one) => one.suite)).toEqual(["lists", "lists"])
  expect(selectScenarios(["lists", "ROU-01"], scenarios)).toHaveLength(3)
})

test("an unknown name is wrong input, and the valid ones are listed", () => {
  expect(() => selectScenarios(["lists", "ROU-99"], scenarios)).toThrow(
    "What --only names is neither a suite nor a proved requirement: ROU-99\n"
    + "  where: --only lists,ROU-99\n"
    + "  what to do: use suites (lists, routing) or requirements (LST-02, ROU-01, ROU-14)")
  expect(() => selectScenarios([], scenarios)).toThrow("What --only names is empty")
})

test("a suite without a scenario is a failing lab, never a green one", () => {
  const folder = mkdtempSync(join(tmpdir(), "recette-catalogue-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, "routing.scenario.ts"), text)
  expect(announcedScenarios(folder)).toHaveLength(2)

  writeFileSync(join(folder, "lists.scenario.ts"), "// nothing left\n")
  expect(() => announcedScenarios(folder)).toThrow("The suite lists.scenario.ts has no scenario")
})
