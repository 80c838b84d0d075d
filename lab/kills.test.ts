import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { writeKills, type Kills } from "./kills.ts"
import { RunRecord } from "./run-record.ts"
import { temporaryFolder } from "./temporary-release.ts"

const mutant = (name: string, status: string) => ({
  name, summary: "A relay for everybody", base: "ariel-pr/2026.1", expects: ["ROU-02"], status,
  detectedBy: status === "detected" ? { requirement: "ROU-02", scenario: "no relay", suite: "routing", message: "taken" } : null,
  others: [], note: "", replaced: [], ms: 1, folder: "",
})
const challenge = (startedAt: string, mutants: unknown[], platform = "ariel-pr") => JSON.stringify({
  schema: "recette.challenge/v1", run: `run-${startedAt}`, platform, startedAt, bases: [{ name: "ariel-pr/2026.1", digest: "sha256:01" }], mutants,
})

test("each mutant has what the newest challenge that judged it found", async () => {
  const results = temporaryFolder({
    "a/challenge.json": challenge("2026-11-20", [mutant("own-one", "survived"), mutant("own-two", "detected")]),
    "b/challenge.json": challenge("2026-11-21", [mutant("own-one", "detected"), mutant("own-two", "lab-error"), mutant("own-three", "not-run")]),
    "c/challenge.json": challenge("2026-11-22", [mutant("own-one", "survived")], "ariel-sy"),
    "d/challenge.json": "{", "notes.txt": "",
  })
  const record = await RunRecord.create(results, { run: "later", times: {} })

  await writeKills(record, "ariel-pr", results)

  const { mutants } = JSON.parse(readFileSync(join(record.folder, "kills.json"), "utf8")) as Kills
  expect(mutants.filter(({ name }) => name.startsWith("own-"))).toEqual([
    {
      name: "own-one", summary: "A relay for everybody", base: "ariel-pr/2026.1", baseDigest: "sha256:01", expects: ["ROU-02"],
      status: "detected", detectedBy: { requirement: "ROU-02", scenario: "no relay" }, run: "run-2026-11-21", startedAt: "2026-11-21",
    },
    expect.objectContaining({ name: "own-two", status: "detected", run: "run-2026-11-20" }),
  ])
  expect(mutants.filter(({ name, status }) => !name.startsWith("own-") && status !== "not-measured")).toEqual([])
})
