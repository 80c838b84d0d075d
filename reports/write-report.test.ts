import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { readRun } from "./results.ts"
import { sampleIsolation, sampleResults } from "./sample-results.ts"
import { writeReport } from "./write-report.ts"

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "recette-reports-")) })
afterEach(async () => { await rm(folder, { recursive: true }) })

const write = (name: string, content: unknown) => writeFile(join(folder, name), JSON.stringify(content))

async function writeSample() {
  const { run, requirements, scenarios } = sampleResults()
  await write("run.json", run)
  await write("requirements.json", { schema: "recette.requirements/v1", requirements })
  await write("scenarios.json", scenarios)
  await write("isolation.json", sampleIsolation())
  await write("substitutions.json", { schema: "recette.substitutions/v1", substitutions: [] })
}

describe("writing", () => {
  test("writes verdict.json and the four reports, twice the same bytes, and leaves nothing else", async () => {
    await writeSample()
    const read = () => Promise.all(["verdict.json", "report/junit.xml", "report/ctrf.json", "report/summary.md", "report/index.html"]
      .map((name) => readFile(join(folder, name), "utf8")))

    expect(await writeReport(folder, "fr")).toMatchObject({ verdict: "go", exitCode: 0 })
    const first = await read()
    await writeReport(folder, "fr")

    expect(await read()).toEqual(first)
    expect(JSON.parse(first[0]!)).toMatchObject({ schema: "recette.verdict/v1", verdict: "go", level: "quick" })
    expect(await readdir(join(folder, "report"))).toEqual(["ctrf.json", "index.html", "junit.xml", "summary.md"])
  })

  test("a disk that refuses is a failure that says where and what to do", async () => {
    await writeSample()
    await mkdir(join(folder, "verdict.json"))
    const failure = writeReport(folder, "en")
    await expect(failure).rejects.toThrow(/verdict\.json could not be written: .*\n {2}where: .*\n {2}what to do: make room there, then `recette report` on this run/)
    await expect(failure).rejects.toMatchObject({ exitCode: 4 })
    expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([])
  })
})

describe("reading", () => {
  test("a killed run: what is not there is named, and there is no verdict", async () => {
    await write("run.json", { schema: "recette.run/v1", run: "killed", state: "running", effectiveSettings: { postfix: "effective/postfix.json" } })
    expect((await readRun(folder)).missing).toEqual([
      "requirements.json", "scenarios.json", "isolation.json", "substitutions.json", "effective/postfix.json",
    ])
    expect(await writeReport(folder, "en")).toMatchObject({ verdict: "none", exitCode: 3 })
  })

  test("the comparison with the baseline, where the run names one", async () => {
    const comparison = {
      schema: "recette.comparison/v1", state: "compared", command: "",
      baseline: { name: "ariel-pr/2026.1", digest: "sha256:01", run: "earlier", startedAt: "2026-11-20T10:15:00Z" },
      nodes: [{ node: "postfix", component: "postfix", presence: "both", settings: [{ setting: "a", from: "1", to: "2" }], packages: [] }],
    }
    await write("run.json", { ...sampleResults().run, baseline: { applicable: true } })
    expect(await readRun(folder)).toMatchObject({ comparison: null, missing: expect.arrayContaining(["comparison.json"]) })

    await write("comparison.json", comparison)

    expect((await readRun(folder)).comparison).toEqual(comparison)
  })

  test("a folder that is no run", async () => {
    await expect(readRun(folder)).rejects.toThrow(`${folder} is not the folder of a run: it has no run.json`)
    await expect(readRun(folder)).rejects.toMatchObject({ exitCode: 2 })
  })

  test("a file of another shape is named with the place in it", async () => {
    await writeSample()
    await write("requirements.json", { schema: "recette.requirements/v1", requirements: [{ id: "LST-01", severity: "grave" }] })
    await expect(readRun(folder)).rejects.toThrow(/requirements\.json does not have the shape of a result file:\n[^]*requirements\[0\]\.severity/)
  })

  test("a file that is no JSON is named", async () => {
    await writeSample()
    await writeFile(join(folder, "scenarios.json"), "{")
    await expect(readRun(folder)).rejects.toThrow("scenarios.json cannot be read: ")
  })

  test("a record that names files outside its folder is refused", async () => {
    await write("run.json", { ...sampleResults().run, effectiveSettings: { postfix: "../../etc/passwd" } })
    await expect(readRun(folder)).rejects.toThrow("run.json names a file outside its own folder: ../../etc/passwd")
  })
})

describe("the shapes that the lab writes", () => {
  test("isolation by inspection, with its reason, nodes without probes and IPv6 not looked at", async () => {
    await writeSample()
    await write("isolation.json", {
      schema: "recette.isolation/v1", means: "inspection", reason: "no packet filter here", passed: true, failures: [],
      nodes: [{ node: "postfix", networks: ["lab"], ipv6: "not looked at", probes: [] }], controls: [],
    })
    expect(await writeReport(folder, "en")).toMatchObject({ verdict: "go-with-reservations" })
    expect(await readFile(join(folder, "report", "index.html"), "utf8")).toContain("Shown by inspection only: no packet filter here.")
  })

  test("an override that says why in both languages", async () => {
    await writeSample()
    const why = { fr: "trop lent", en: "too slow" }
    await write("run.json", { ...sampleResults().run, overrides: [{ component: "sympa", setting: "sleep", value: "1", why }] })
    await writeReport(folder, "fr")
    expect(await readFile(join(folder, "report", "index.html"), "utf8")).toContain("trop lent")
  })

  test("a scenario that did not run has an empty start", async () => {
    await writeSample()
    const scenarios = sampleResults({ scenarios: [{ status: "not-run", startedAt: "", durationMs: 0 }] }).scenarios
    await write("scenarios.json", scenarios)
    expect(await writeReport(folder, "en")).toMatchObject({ verdict: "inconclusive", exitCode: 4 })
  })
})
