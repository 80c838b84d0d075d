import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryFolder } from "../../lab/temporary-release.ts"
import { readMatrix, shippedMatrices } from "./definition.ts"
import { baseReleases, cellsOf, writeCells } from "./cells.ts"

// Matrices as files: what may stand in them, and the releases that their cells are.

const small = `schema: recette.matrix/v1
summary: { fr: "essai", en: "try" }
load: { profile: reminder }
repeats: 3
design: one-at-a-time
bases:
  stock:
    release: ariel-pr/2026.2
    at: { maxsmtp: 40, archive: off }
factors:
  maxsmtp:
    what: { fr: "remises", en: "hand-overs" }
    levels:
      "1": { sympa: { set: { maxsmtp: 1 } } }
      "40": { sympa: { set: { maxsmtp: 40 } } }
  archive:
    what: { fr: "archives", en: "archives" }
    levels:
      "off": {}
      "on": { sympa: { edit: { create_list_templates/gouvernementale/config.tt2: { "process_archive off": "process_archive on" } } } }
`
const written = (text: string) => join(temporaryFolder({ "m.yaml": text }), "m.yaml")
const read = (from: string | RegExp = "", to = "") => readMatrix(written(small.replace(from, to)))
const cellsWritten = async (from: string | RegExp = "", to = "") => {
  const matrix = read(from, to)
  return writeCells(matrix, await baseReleases(matrix), temporaryFolder({}))
}

test("every shipped matrix can be read, and each of its cells is a release of its own", async () => {
  expect(shippedMatrices()).toContain("levers")
  for (const name of shippedMatrices()) {
    const matrix = readMatrix(name)
    const releases = await writeCells(matrix, await baseReleases(matrix), temporaryFolder({}))
    expect(releases.size).toBe(cellsOf(matrix).length)
    expect(new Set([...releases.values()].map(({ digest }) => digest)).size).toBe(releases.size)
  }
}, 60_000)

test("one at a time is each base and each of its other levels alone; full is every combination", () => {
  expect(cellsOf(read()).map(({ name }) => name)).toEqual(["stock", "stock-maxsmtp-1", "stock-archive-on"])
  expect(cellsOf(read("one-at-a-time", "full")).map(({ name }) => name).sort())
    .toEqual(["stock", "stock-archive-on", "stock-maxsmtp-1", "stock-maxsmtp-1-archive-on"])
  expect(cellsOf(read("one-at-a-time", "bases-only")).map(({ name }) => name)).toEqual(["stock"])
})

test("a cell is what its levels say, on top of its base, and the base is the release as it is", async () => {
  const releases = await cellsWritten("one-at-a-time", "full")
  const both = releases.get("stock-maxsmtp-1-archive-on")!.components.sympa!
  expect(both.set["maxsmtp"]).toBe("1")
  expect(both.files.get("create_list_templates/gouvernementale/config.tt2")!.content.toString()).toContain("process_archive on")
  expect(releases.get("stock")!).toMatchObject({ name: "ariel-pr/2026.2", shipped: true })
})

test("what cannot be meant is refused, with its line", async () => {
  expect(() => readMatrix("lever")).toThrow(/There is no matrix lever[^]*levers/)
  expect(() => read("maxsmtp: 40, ", "")).toThrow(/the base stock does not say at which level of maxsmtp it is[^]*write maxsmtp: 1, or 40/)
  expect(() => read("maxsmtp: 40, ", "maxsmtp: 400, ")).toThrow(/the base stock is at maxsmtp 400, and there is no such level[^]*m\.yaml:9/)
  expect(() => read("archive: off }", "archive: off, verp: 0 }")).toThrow(/is at a level of verp, and there is no such factor/)
  expect(() => read("repeats: 3", "repeat: 3")).toThrow(/unknown key repeat|repeats is missing/)
  expect(() => read(/ {6}"40".*\n/, "")).toThrow("two levels at least")
  expect(() => read("sympa: { set: { maxsmtp: 1 } }", "sympa: { files: { a: b } }")).toThrow(/unknown key files/)
})

test("levels that meet in one setting, and one that changes nothing, are refused", async () => {
  const meeting = small.replace("one-at-a-time", "full").replace(/"on": .*/, `"on": { sympa: { set: { maxsmtp: 2 } } }`)
  const matrix = readMatrix(written(meeting))
  await expect(writeCells(matrix, await baseReleases(matrix), temporaryFolder({}))).rejects.toThrow("the cell stock-maxsmtp-1-archive-on sets one thing twice")
  await expect(cellsWritten(/"on": .*/, `"on": {}`)).rejects.toThrow(/the cell stock-archive-on changes nothing/)
})
