import { cpSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { baselineOf, compareWithBaseline, nodesCompared, type Comparison } from "./comparison.ts"
import { settingsOfRun } from "./kept-settings.ts"
import { loadRelease } from "./release.ts"
import { RunRecord } from "./run-record.ts"
import { projectFolder } from "./state-folder.ts"
import { temporaryFolder } from "./temporary-release.ts"

const load = (path: string) => loadRelease(path, { projectFolder, lockMayBeMissing: true })

/** A release of ariel-pr in `parent/<folder>` that replaces 2026.1. */
async function successor() {
  const parent = temporaryFolder({ "next/release.yaml": `schema: recette.release/v1
extends: ariel-pr/2026.1
version: "2026.7"
replaces: "2026.1"
summary: Larger messages
components: { postfix: { set: { message_size_limit: "10240000" } } }
` })
  return { parent, release: await load(join(parent, "next")) }
}

describe("the baseline", () => {
  test("is the release that this one replaces, shipped", async () => {
    const { digest } = await load("ariel-pr/2026.1")
    expect(await baselineOf((await successor()).release, undefined))
      .toMatchObject({ applicable: true, name: "ariel-pr/2026.1", named: "ariel-pr/2026.1", digest, missing: true })
  })

  test("is the one in the folder beside it before the shipped one", async () => {
    const { parent, release } = await successor()
    cpSync((await load("ariel-pr/2026.1")).folder, join(parent, "2026.1"), { recursive: true })
    expect(await baselineOf(release, undefined)).toMatchObject({ name: "ariel-pr/2026.1", named: join(parent, "2026.1") })
  })

  test("is none where none is named or asked for", async () => {
    expect(await baselineOf(await load("ariel-pr/2026.1"), undefined)).toMatchObject({ applicable: false })
    expect(await baselineOf((await successor()).release, "none")).toMatchObject({ applicable: false, missing: false })
  })

  test("that cannot be found is missing where `replaces` names it, and an error where somebody asks for it", async () => {
    const { release } = await successor()
    expect(await baselineOf({ ...release, replaces: "1999.1" }, undefined)).toMatchObject({ applicable: true, digest: null, missing: true })
    await expect(baselineOf(release, "ariel-pr/1999.1")).rejects.toMatchObject({ name: "InputError" })
  })
})

describe("the comparison", () => {
  const noLock = { packagesLock: undefined }

  test("of two runs leaves out the addresses that the engine gave, and says who had which value", async () => {
    const results = temporaryFolder({})
    const state = temporaryFolder({})
    const { release } = await successor()
    const before = await run(results, "earlier", "ariel-pr/2026.1", "172.18.0.5", "5242880", await load("ariel-pr/2026.1"))
    expect(await compareWithBaseline(before, noLock, results, state)).toEqual({})
    const after = await run(results, "later", "ariel-pr/2026.7", "172.22.0.50", "10240000", release)

    expect(await compareWithBaseline(after, { packagesLock: { postfix: { postfix: "3.10" } } }, results, state))
      .toMatchObject({ baseline: { name: "ariel-pr/2026.1", missing: false } })

    expect(comparisonOf(after)).toEqual({
      schema: "recette.comparison/v1", state: "compared", command: "",
      baseline: { name: "ariel-pr/2026.1", digest: expect.any(String), run: "earlier", startedAt: "2026-11-20T10:15:00Z" },
      nodes: [{
        node: "postfix", component: "postfix", presence: "both",
        settings: [{ setting: "message_size_limit", from: "5242880", to: "10240000" }],
        packages: [{ package: "postfix", from: "3.earlier", to: "3.later", locked: true }],
      }],
    })
  })

  test("finds the baseline in the results where nothing was kept, and does not look at foreign folders", async () => {
    const results = temporaryFolder({ "zzz/run.json": "{", "notes.txt": "" })
    const { release } = await successor()
    await run(results, "earlier", "ariel-pr/2026.1", "172.18.0.5", "1", await load("ariel-pr/2026.1"))
    const after = await run(results, "later", "ariel-pr/2026.7", "172.22.0.5", "1", release)
    await compareWithBaseline(after, noLock, results, temporaryFolder({}))
    expect(comparisonOf(after)).toMatchObject({ state: "compared", baseline: { run: "earlier" } })
  })

  test("of a baseline that never ran here names the command that runs it", async () => {
    const results = temporaryFolder({})
    const after = await run(results, "later", "ariel-pr/2026.7", "172.22.0.5", "1", (await successor()).release)
    expect(await compareWithBaseline(after, noLock, results, temporaryFolder({}))).toMatchObject({ baseline: { missing: true } })
    expect(comparisonOf(after)).toMatchObject({ state: "never-run", command: "npm run qualify -- ariel-pr/2026.1", nodes: [] })
  })

  test("shows a node that only one of the two has with all its settings", async () => {
    const results = temporaryFolder({})
    const { folder } = await run(results, "one", "ariel-pr/2026.1", "172.18.0.5", "1", await load("ariel-pr/2026.1"))
    const kept = (await settingsOfRun(folder))!
    const nodes = nodesCompared({ ...kept, nodes: {}, packages: {} }, kept, {})
    expect(nodes).toMatchObject([{ node: "postfix", presence: "release", settings: [{ from: undefined }, { from: undefined }, { from: undefined }] }])
  })
})

function comparisonOf({ folder }: RunRecord): Comparison {
  return JSON.parse(readFileSync(join(folder, "comparison.json"), "utf8")) as Comparison
}

/** A run's record as far as the settings that were read back. */
async function run(
  results: string, id: string, name: string, address: string, limit: string, release: Awaited<ReturnType<typeof load>>,
): Promise<RunRecord> {
  const record = await RunRecord.create(results, {
    run: id, release: { name, digest: release.digest }, baseline: await baselineOf(release, undefined),
    effectiveSettings: { postfix: "effective/postfix.json" }, packages: { postfix: { postfix: `3.${id}` } },
    times: { startedAt: "2026-11-20T10:15:00Z" },
  })
  await record.write("lab.json", {
    nodes: { postfix: { component: "postfix", address, hostname: "mx1.ariel-pr.test" } },
    network: { subnet: address.replace(/\d+$/, "0/16"), hostAddress: address.replace(/\d+$/, "1") },
  })
  await record.write("effective/postfix.json", {
    mynetworks: `127.0.0.0/8, ${address}/32`, message_size_limit: limit, relayhost: `[${address}]:25`,
  })
  return record
}
