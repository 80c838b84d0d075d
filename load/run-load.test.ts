import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import type { LabHandle } from "../lab/handle.ts"
import type { Ownership } from "../lab/own-lab.ts"
import { RunRecord } from "../lab/run-record.ts"
import { LoadFile } from "./load-file.ts"
import { loadInRun } from "./load-in-run.ts"
import { profileNamed } from "./profile-list.ts"
import { runLoad } from "./run-load.ts"

// A lab without nodes: a load that cannot even begin.

const handle = { run: "20261123-214407-k3f9", nodes: {} } as unknown as LabHandle
const profile = profileNamed("smoke")
const what = "No node of this lab has a queue or a spool that could be counted"
let folder: string
const written = () => LoadFile.parse(JSON.parse(readFileSync(join(folder, "load", "smoke.json"), "utf8")))
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "recette-load-")) })
afterEach(() => rmSync(folder, { recursive: true }))

test("a load that could not be run says so in its file, and is not honest", async () => {
  await expect(runLoad({ handle, profile, seed: 1, runFolder: folder })).rejects.toThrow(what)
  expect(written()).toMatchObject({ profile: "smoke", seed: 1, failure: { message: what, where: "lab.json, nodes" }, honest: false, ledger: null, startedUs: null })
})

test("a load that was stopped says so as well", async () => {
  const signal = AbortSignal.abort(new Error("SIGINT"))
  await expect(runLoad({ handle, profile, seed: 1, runFolder: folder, signal })).rejects.toThrow("SIGINT")
  expect(written().failure?.message).toBe("The load was stopped: SIGINT")
})

test("a load that fails is no failure of its run, and a stop is", async () => {
  const record = await RunRecord.create(folder, { run: "one", times: {} })
  const said: string[] = []
  const owner = (stop: AbortSignal): Ownership => ({
    stop, progress: { isTerminal: false, lang: "en", say: (line) => void said.push(line), step: (_, work) => work((text) => void said.push(text)) },
  })
  await loadInRun(profile, handle, record, 1, owner(new AbortController().signal))
  expect(said.join("\n")).toContain(what)
  await record.add({ times: { loadMs: 5_000_000 } })
  await loadInRun(profile, handle, record, 1, owner(new AbortController().signal))
  expect(record.facts.times["loadMs"]).toBeGreaterThanOrEqual(5_000_000)
  folder = record.folder
  expect(written().failure?.message).toBe(what)
  await expect(loadInRun(profile, handle, record, 1, owner(AbortSignal.abort(new Error("SIGINT"))))).rejects.toThrow("SIGINT")
  folder = join(folder, "..")
})
