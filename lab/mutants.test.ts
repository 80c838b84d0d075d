import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { changedComponents, groupByBase, loadMutants, selectMutants } from "./mutants.ts"
import { shippedPlatforms } from "./platform.ts"
import { loadRequirements } from "./requirements.ts"
import { projectFolder } from "./state-folder.ts"
import { temporaryFolder } from "./temporary-release.ts"

const first = `schema: recette.release/v1\nextends: ariel-pr/2026.1\nsummary: Another banner\n`
const change = "components: { postfix: { set: { smtpd_banner: hello } } }\n"
const options = { platform: "ariel-pr", projectFolder, requirements: ["ROU-02", "LST-01"] }

const load = (files: Record<string, string>) => loadMutants({ ...options, folder: temporaryFolder(files) })
const one = (name: string, text: string) => load({ [`${name}/release.yaml`]: text })

test("mutants of a folder come in order of their names, with the release that they extend", async () => {
  const mutants = await load({
    "two/release.yaml": `${first}expects: [ROU-02]\n${change}`, "harmless-one/release.yaml": `${first}expects: []\n${change}`,
  })
  expect(mutants.map(({ name, base, expects, isHarmless }) => [name, base.name, expects, isHarmless])).toEqual([
    ["harmless-one", "ariel-pr/2026.1", [], true], ["two", "ariel-pr/2026.1", ["ROU-02"], false],
  ])
  expect(changedComponents(mutants[0]!.base, mutants[0]!.release)).toEqual(["postfix"])
})

test("a folder of one mutant is that mutant", async () => {
  const folder = temporaryFolder({ "alone/release.yaml": `${first}expects: [ROU-02]\n${change}` })
  expect((await loadMutants({ ...options, folder: join(folder, "alone") })).map(({ name }) => name)).toEqual(["alone"])
})

// A change of the release may take away the text that one of them edits. Some 50 ms of processor time for each of hundreds:
// on a machine with other work that is minutes.
test.each(shippedPlatforms().map(({ name }) => name))("every mutant of %s that comes with the project loads", { timeout: 600_000 }, async (platform) => {
  const { requirements } = await loadRequirements()
  const mutants = await loadMutants({ platform, projectFolder, requirements: requirements.map(({ id }) => id) })
  expect(mutants.length).toBeGreaterThan(0)
})

test("mutants are grouped by the release that they extend", async () => {
  const mutants = await load({
    "base/release.yaml": `schema: recette.release/v1\nextends: ariel-pr/2026.1\nsummary: A team's own\nexpects: [LST-01]\n`
      + "components: { postfix: { set: { biff: \"yes\" } } }\n",
    "one/release.yaml": `${first}expects: [ROU-02]\n${change}`,
    "two/release.yaml": `${first.replace("ariel-pr/2026.1", "../base")}expects: [ROU-02]\n${change}`,
    "three/release.yaml": `${first}expects: [LST-01]\n${change}`,
  })
  expect(groupByBase(mutants).map((group) => group.mutants.map(({ name }) => name))).toEqual([["base", "one", "three"], ["two"]])
})

test("--only takes names and requirements, and names what there is", async () => {
  const mutants = await load({
    "one/release.yaml": `${first}expects: [ROU-02]\n${change}`, "two/release.yaml": `${first}expects: [LST-01]\n${change}`,
  })
  expect(selectMutants(mutants, ["LST-01"]).map(({ name }) => name)).toEqual(["two"])
  expect(selectMutants(mutants, ["one", "LST-01"])).toHaveLength(2)
  expect(() => selectMutants(mutants, ["three"])).toThrow(/three\n {2}where: --only three\n {2}what to do: use mutants \(one, two\) or requirements \(LST-01, ROU-02\)/)
})

describe("a mutant that says too little or the wrong thing is an error with its line", () => {
  test.each<[string, string, string, RegExp]>([
    ["an unknown id", "one", `${first}expects:\n  - ROU-02\n  - ROU-99\n${change}`, /expects ROU-99.*\n {2}where: .*one\/release\.yaml:6\n/],
    ["no summary", "one", `schema: recette.release/v1\nextends: ariel-pr/2026.1\nexpects: [ROU-02]\n${change}`, /has no summary of its own.*\n {2}where: .*release\.yaml:1\n/],
    ["no expects", "one", first + change, /has no expects of its own\n {2}where: .*release\.yaml:1\n.*harmless/],
    ["no extends", "one", `schema: recette.release/v1\nsummary: x\nexpects: []\n`, /has no extends of its own/],
    ["no change", "one", `${first}expects: [ROU-02]\n`, /one changes nothing: it has the digest of ariel-pr\/2026\.1\n {2}where: .*release\.yaml:/],
    ["a harmless name with an expectation", "harmless-one", `${first}expects: [ROU-02]\n${change}`, /called harmless.*\n {2}where: .*release\.yaml:4\n/],
    ["nothing expected without a harmless name", "one", `${first}expects: []\n${change}`, /does not begin with harmless-\n {2}where: .*release\.yaml:4\n/],
    ["another generation", "one", `${first}generation: debian-13\nexpects: [ROU-02]\n${change}`, /other packages or images.*\n {2}where: .*release\.yaml:4\n/],
  ])("%s", async (_, name, text, says) => {
    await expect(one(name, text)).rejects.toThrow(says)
  })

  test("a folder without any", async () => {
    await expect(load({ "README.md": "nothing" })).rejects.toThrow(/There is no mutant in/)
  })
})
