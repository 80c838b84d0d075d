import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { announcedScenarios, scenariosIn, scenariosOf, selectScenarios } from "./catalogue.ts"

const text = `
test("a message arrives", { meta: { requirements: ["ROU-01", "ROU-14"] } }, async () => {})

test("a \\"quoted\\" title",
  { meta: { requirements: ["LST-02"], mode: "exclusive", needs: ["sympa"] }, concurrent: false }, async () => {})
`
const scenarios = [...scenariosIn(text, "routing.scenario.ts"), ...scenariosIn(text, "lists.scenario.ts")]

test("scenarios are known with title, requirements and mode without running them", () => {
  expect(scenariosIn(text, "routing.scenario.ts")).toEqual([
    {
      title: "a message arrives", suite: "routing", file: "scenarios/routing.scenario.ts",
      requirements: ["ROU-01", "ROU-14"], mode: "shared", needs: [],
    },
    {
      title: "a \"quoted\" title", suite: "routing", file: "scenarios/routing.scenario.ts",
      requirements: ["LST-02"], mode: "exclusive", needs: ["sympa"],
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

const choice = (change: Partial<Parameters<typeof scenariosOf>[0]> = {}) =>
  ({ suites: ["isolation"], places: { "suites/isolation": "relais.yaml:8", "suites/nothing": "relais.yaml:9" }, scenarios: [], nodes: [], requirements: ["ISO-01", "DNE-01"], ...change })

test("a platform runs those scenarios of its suites that prove one of its requirements, and a team's own", () => {
  const folder = mkdtempSync(join(tmpdir(), "recette-catalogue-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const own = join(folder, "relay.scenario.ts")
  writeFileSync(own, `test("a relay relays",\n  { meta: { requirements: ["DNE-01"] } }, async () => {})\n`)

  expect(scenariosOf(choice({ scenarios: [own] })).map(({ suite, file, requirements }) => [suite, file, requirements])).toEqual([
    ["isolation", "scenarios/isolation.scenario.ts", ["ISO-01"]], ["relay", own, ["DNE-01"]],
  ])
})

test("a scenario that needs a component is run where the platform has it, and not elsewhere", () => {
  const among = (...components: string[]) =>
    scenariosOf(choice({ suites: ["antispam-outage"], requirements: ["SPM-12"], nodes: components.map((component) => ({ component })) })).map(({ needs }) => needs)
  expect(among("postfix", "sympa")).toEqual([[], ["sympa"]])
  expect(among("postfix")).toEqual([[]])
})

test.each([
  ["of a suite that is not there", choice({ suites: ["nothing"] }), "There is no suite nothing\n  where: relais.yaml:9\n  what to do: use some of academies-to-verify"],
  ["that would prove nothing", choice({ requirements: ["ROU-01"] }), "No scenario proves any of the platform's requirements\n  where: relais.yaml:8"],
])("a platform is refused %s", (_, wrong, message) => {
  expect(() => scenariosOf(wrong)).toThrow(message)
})

test.each([
  ["that holds none", "// nothing\n", "This file announces no scenario"],
  ["with an unknown id", `\ntest("a relay relays",\n  { meta: { requirements: ["DNE-09"] } }, async () => {})\n`, 'The scenario "a relay relays" proves DNE-09, and no such requirement holds for the platform'],
  ["with a title that is taken", `test("at this moment no node has a way out by IPv6", { meta: { requirements: ["DNE-01"] } }, async () => {})\n`, 'Two scenarios are called "at this moment no node has a way out by IPv6"'],
])("a team's own file is refused %s", (_, text, message) => {
  const folder = mkdtempSync(join(tmpdir(), "recette-catalogue-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, "relay.scenario.ts"), text)

  expect(() => scenariosOf(choice({ requirements: ["ISO-02", "DNE-01"], scenarios: [join(folder, "relay.scenario.ts")] }))).toThrow(message)
})
