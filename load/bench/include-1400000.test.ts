import { expect, test } from "vitest"
import { includeFigures, type Include, type IncludeName, type IncludeRun } from "./include-1400000.ts"

const rows = (count: number) => ({ count, checksum: `sum of ${count}` })

function include(name: IncludeName, added: number, updated: number, part: Partial<Include> = {}): Include {
  return {
    name, seconds: 4, outcome: { included: [{ name: "staff", added, updated, kept: 0 }], failed: [] }, due: rows(3_000), are: rows(3_000),
    expected: { added, updated }, ...part,
  }
}

function run(changed: Partial<Include> = {}): IncludeRun {
  return {
    members: 3_000, writeSeconds: 1, includes: [include("first", 3_000, 0), include("unchanged", 0, 3_000), include("changed", 30, 2_970, changed)],
    peaks: [
      { span: "rest", node: "sympa", memoryBytes: 300e6, diskBytes: null }, { span: "first", node: "sympa", memoryBytes: 800e6, diskBytes: null },
      { span: "rest", node: "mariadb", memoryBytes: 100e6, diskBytes: 107e6 }, { span: "changed", node: "mariadb", memoryBytes: 120e6, diskBytes: 110e6 },
    ],
  }
}

const wrong = (changed: Partial<Include>) => includeFigures([run(changed)])[0]!.samples

test("an include is right where exactly those due are on the list and Sympa did what had changed", () => {
  expect(includeFigures([run()])[0]).toMatchObject({ what: "3,000 members by SQL: includes after which others were on the list than were due", samples: [0], must: 0, judgedBy: "worst" })
  expect(wrong({ are: rows(2_999) })).toEqual([1])
  expect(wrong({ are: { count: 3_000, checksum: "one was exchanged" } })).toEqual([1])
  expect(wrong({ outcome: { included: [], failed: ["staff"] } })).toEqual([1])
  // Somebody else had included the change before.
  expect(wrong({ outcome: { included: [{ name: "staff", added: 0, updated: 3_000, kept: 0 }], failed: [] } })).toEqual([1])
})

test("each include has its time, and each node its most of memory beside that of before", () => {
  const figures = Object.fromEntries(includeFigures([run()]).map(({ what, samples }) => [what, samples]))
  expect(figures).toMatchObject({
    "first include": [4], "include in which 1 % left and 1 % came": [4], "most memory of node sympa: before": [300],
    "most memory of node sympa: first include": [800], "disk of the database: before": [107], "disk of the database: at the end": [110],
  })
})
