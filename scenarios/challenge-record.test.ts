import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { temporaryFolder } from "../lab/temporary-release.ts"
import { matrixLines, outcomeText } from "./challenge-matrix.ts"
import { ChallengeRecord, exitCodeOf, scoreOf, type ChallengeFile, type MutantRecord } from "./challenge-record.ts"

const detected: MutantRecord = {
  name: "relay-for-everybody", summary: "The edge relays for everybody", base: "ariel-pr/2026.1", expects: ["ROU-02"],
  status: "detected",
  detectedBy: {
    requirement: "ROU-02", scenario: "a stranger gets nothing relayed", suite: "submission", message: "s1-1 should have been refused",
  },
  others: [], note: "", replaced: ["postfix"], ms: 7_412, folder: "mutants/relay-for-everybody",
}
const harmless: MutantRecord = {
  ...detected, name: "harmless-banner", summary: "Another banner", expects: [], status: "kept", detectedBy: null,
  ms: 51_000, folder: "mutants/harmless-banner",
}
const survivor: MutantRecord = {
  ...detected, name: "short-queue-life", status: "survived", detectedBy: null, expects: ["ROU-12"],
  others: [{ requirement: "ROU-10", scenario: "an academy that is down", suite: "outages", message: "missing: anne" }],
}

function fileOf(mutants: MutantRecord[]): ChallengeFile {
  return {
    schema: "recette.challenge/v1", run: "20261124-090302-7s8c", platform: "ariel-pr", level: "quick", seed: 1, only: null, suites: null,
    complete: true, startedAt: "2026-11-24T09:03:02.000Z", endedAt: "2026-11-24T09:11:17.000Z",
    bases: [{ name: "ariel-pr/2026.1", digest: "sha256:0", folder: "20261124-090302-wb1b", verdict: "go", unfit: [] }],
    mutants, score: scoreOf(mutants),
  }
}

test("the score counts defects and harmless changes apart", () => {
  expect(scoreOf([detected, harmless, survivor])).toEqual({ detected: 1, defects: 2, kept: 1, harmless: 1 })
})

describe("the exit code", () => {
  test.each<[string, MutantRecord[], number]>([
    ["is 0 where all is as expected", [detected, harmless], 0],
    ["is 1 where one survived, whatever was not judged", [detected, survivor, { ...detected, status: "lab-error" }], 1],
    ["is 1 where a harmless change lost the verdict", [detected, { ...harmless, status: "not-kept" }], 1],
    ["is 4 where one could not be judged", [detected, { ...detected, status: "lab-error" }], 4],
    ["is 4 where one was not run", [{ ...detected, status: "not-run" }], 4],
    ["is 4 where there was nothing to judge", [], 4],
  ])("%s", (_, mutants, code) => {
    expect(exitCodeOf({ mutants })).toBe(code)
  })
})

test("the matrix says for each mutant what was expected, what came of it and how long it took", () => {
  expect(matrixLines(fileOf([detected, harmless, survivor]), "en")).toEqual([
    "mutant               expected     time  outcome",
    'relay-for-everybody  ROU-02      7.4 s  detected, by ROU-02 "a stranger gets nothing relayed"',
    "harmless-banner      -          51.0 s  verdict kept",
    'short-queue-life     ROU-12      7.4 s  SURVIVED, seen only by ROU-10 "an academy that is down"',
    "defects detected: 1/2; harmless changes kept: 1/1",
  ])
})

test("what could not be judged says why", () => {
  const note = "Node postfix was not ready\nafter 60000 ms"
  expect(outcomeText({ ...detected, status: "lab-error", detectedBy: null, note }, "fr")).toBe("NON JUGÉ, Node postfix was not ready after 60000 ms, 7.4 s")
})

test("challenge.json is whole after each of two writes at once, with the score as it then is", async () => {
  const folder = temporaryFolder({})
  const record = new ChallengeRecord(folder, fileOf([{ ...detected, status: "not-run" }]))
  record.file.mutants[0] = detected

  await Promise.all([record.write(), record.write({ complete: true })])

  const read = JSON.parse(readFileSync(join(folder, "challenge.json"), "utf8")) as ChallengeFile
  expect(read).toEqual(fileOf([detected]))
})
