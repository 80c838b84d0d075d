import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Command } from "commander"
import { afterEach, beforeEach, expect, test } from "vitest"
import { thisOwner } from "../lab/ownership.ts"
import { RunRecord } from "../lab/run-record.ts"
import { writeWhole } from "../lab/whole-file.ts"
import type { LoadFile } from "./load-file.ts"
import { withLoadsOfRun, withResumed } from "./load-options.ts"
import type { LoadProfile } from "./load-profile.ts"
import { profileNamed } from "./profile-list.ts"
import { goOn, Interrupted, type AskedOfResumed } from "./resume.ts"

const profiles = ["smoke", "reminder", "soak"].map((name) => profileNamed(name, name === "smoke" ? {} : { electors: 3_000 }))
const ledger: LoadFile["ledger"] = { conclusion: "inconclusive", gaps: [{ what: "nobody waited", where: "record.json", missing: null }], figures: null }
let parent: string
beforeEach(() => { parent = mkdtempSync(join(tmpdir(), "recette-resume-")) })
afterEach(() => rmSync(parent, { recursive: true }))

/** A run of these three loads that was interrupted after `loads`. */
async function interrupted(run: string, loads: readonly Partial<LoadFile>[], facts: object = {}): Promise<string> {
  const { folder } = await RunRecord.create(parent, {
    run, times: {}, seed: 7, level: "full", only: null, profiles: profiles.map(({ name }) => name),
    leftOut: [{ profile: "stress", seconds: 900 }], release: { name: "ariel-pr/2026.2", path: "/x/ariel-pr/2026.2", shipped: true, digest: "d1" }, ...facts,
  })
  await writeWhole(join(folder, "run.json"), { ...JSON.parse(readFileSync(join(folder, "run.json"), "utf8")) as object, state: "interrupted", ...facts })
  for (const load of loads) {
    await writeWhole(join(folder, "load", `${load.profile}.json`), file(load))
    await writeWhole(join(folder, "ledger", load.profile!, "record.json"), "{}")
  }
  return folder
}

function file(part: Partial<LoadFile>): LoadFile {
  const profile = profiles.find(({ name }) => name === part.profile)!
  return {
    schema: "recette.load/v1", profile: profile.name, summary: null, parameters: { ...profile.parameters }, assumptions: [], extrapolated: null, run: "l1", seed: 7,
    startedUs: 1, sentUs: 2, drainedUs: 3, endedUs: 4, failure: null, streams: [], droppedIterations: 0, ending: "passed", generators: 1, cpu: null, world: null, ramp: null,
    honest: true, honesty: [], ledger, observation: null, memory: null, ...part,
  }
}

async function goneOn(from: string, run: string): Promise<{ left: string[]; record: RunRecord }> {
  const record = await RunRecord.create(parent, { run, times: {} })
  const left = await goOn(await Interrupted.read(from), record, profiles as LoadProfile[])
  return { left: left.map(({ name }) => name), record }
}

test("loads whose file is whole are kept with their ledger, the others are run", async () => {
  const failure = { message: "the lab was gone", where: "", remedy: "" }
  const from = await interrupted("one", [{ profile: "smoke" }, { profile: "reminder", failure, ledger: null }])
  const { left, record } = await goneOn(from, "two")
  expect(left).toEqual(["reminder", "soak"])
  expect(record.facts["resumed"]).toEqual([{ run: "one", loads: ["smoke"] }])
  expect(["load/smoke.json", "ledger/smoke/record.json", "load/reminder.json"].map((name) => existsSync(join(record.folder, name)))).toEqual([true, true, false])
})

test("one that was asked for otherwise is run again", async () => {
  const from = await interrupted("one", [{ profile: "smoke", seed: 8 }, { profile: "reminder", parameters: { electors: 40 } }, { profile: "soak" }])
  expect((await goneOn(from, "two")).left).toEqual(["smoke", "reminder"])
})

test("what was resumed may be interrupted again, and each load keeps its lab", async () => {
  const from = await interrupted("two", [{ profile: "smoke" }, { profile: "reminder" }], { resumed: [{ run: "one", loads: ["smoke"] }] })
  const { left, record } = await goneOn(from, "three")
  expect(left).toEqual(["soak"])
  expect(record.facts["resumed"]).toEqual([{ run: "one", loads: ["smoke"] }, { run: "two", loads: ["reminder"] }])
})

test("a run that has ended, still goes on, or is another one is refused", async () => {
  const refused = (folder: string, asked: AskedOfResumed = {}) => Interrupted.read(folder, asked).then(() => "", (error: Error) => error.message)
  const from = await interrupted("one", [])
  expect(await refused(join(parent, "none"))).toMatch("This is not the folder of a run")
  expect(await refused(await interrupted("done", [], { state: "finished" }))).toMatch("Run done has finished: nothing is left to resume\n  where: --resume ")
  const alive = await interrupted("alive", [], { state: "running" })
  await writeWhole(join(alive, "lab.json"), { owner: thisOwner() })
  expect(await refused(alive)).toMatch("Run alive still goes on")
  expect(await refused(from, { seed: 8 })).toMatch("Run one has seed 7, and 8 was asked for")
  expect(await refused(from, { level: "quick" })).toMatch("Run one has level full, and quick was asked for")
  expect(await refused(from, { budget: 60 })).toMatch("What is resumed keeps its own --budget")
  expect(await refused(from, { seed: 7, level: "full" })).toBe("")
  await expect(Interrupted.read(from).then((one) => one.requireSame({ digest: "d2" }))).rejects.toThrow("its digest is d1, and now it is d2")
})

test("the command line takes release, seed, level and loads from the run", async () => {
  const from = await interrupted("one", [])
  const command = withLoadsOfRun(new Command().argument("[release]", "", "ariel-pr").option("--seed <number>", "", Number, 1).option("--level <level>", "", "quick"))
  command.parse(["--resume", from], { from: "user" })
  const [release, options] = await withResumed("ariel-pr", command.opts(), command)
  expect([release, options]).toMatchObject(["ariel-pr/2026.2", { seed: 7, level: "full", profile: "smoke,reminder,soak", leftOut: [{ profile: "stress", seconds: 900 }] }])
  command.parse(["--seed", "3", "--resume", from], { from: "user" })
  await expect(withResumed("ariel-pr", command.opts(), command)).rejects.toThrow("Run one has seed 7, and 3 was asked for")
})
