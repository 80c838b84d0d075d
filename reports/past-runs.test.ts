import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { pastRuns, pastRunsPage, writePastRuns } from "./past-runs.ts"
import { sampleResults } from "./sample-results.ts"

let results: string
beforeEach(async () => { results = await mkdtemp(join(tmpdir(), "recette-past-runs-")) })
afterEach(async () => { await rm(results, { recursive: true }) })

async function write(path: string, content: unknown) {
  await mkdir(join(results, path, ".."), { recursive: true })
  await writeFile(join(results, path), typeof content === "string" ? content : JSON.stringify(content))
}

const { run } = sampleResults()
const times = (startedAt: string, endedAt: string) => ({ startedAt, endedAt })

test("lists runs and challenges, the newest first, and says what is not finished", async () => {
  await write("20261120-a/run.json", { ...run, run: "a", times: times("2026-11-20T10:00:00Z", "2026-11-20T10:01:30Z") })
  await write("20261120-a/verdict.json", { verdict: "no-go", requirements: [{ id: "ROU-02", status: "failed" }, { id: "ROU-03", status: "passed" }] })
  await write("20261120-a/report/index.html", "")
  await write("20261121-b/run.json", { ...run, run: "b", state: "running", times: { startedAt: "2026-11-21T10:00:00Z" } })
  await write("20261122-c/challenge.json", {
    schema: "recette.challenge/v1", platform: "ariel-pr", level: "quick", complete: true, startedAt: "2026-11-22T10:00:00Z",
    endedAt: "2026-11-22T10:30:00Z", score: { detected: 9, defects: 10, kept: 2, harmless: 2 },
  })

  expect((await pastRuns(results)).map(({ folder, verdict, failed, durationMs, page }) => ({ folder, verdict, failed, durationMs, page }))).toEqual([
    { folder: "20261122-c", verdict: null, failed: [], durationMs: 1_800_000, page: null },
    { folder: "20261121-b", verdict: null, failed: [], durationMs: null, page: null },
    { folder: "20261120-a", verdict: "no-go", failed: ["ROU-02"], durationMs: 90_000, page: "20261120-a/report/index.html" },
  ])
  const page = await readFile(await writePastRuns(results, "fr"), "utf8")
  expect(page).toMatch(/3 essais[^]*mutants : 9 sur 10 détectés[^]*non terminé[^]*<a href="20261120-a\/report\/index\.html">20 novembre 2026, 10:00 UTC<\/a>[^]*NO-GO[^]*ROU-02[^]*1 min 30 s/)
  expect(await readFile(await writePastRuns(results, "fr"), "utf8")).toBe(page)
})

test("tolerates folders that are missing, foreign or damaged", async () => {
  expect(await pastRuns(join(results, "nowhere"))).toEqual([])
  await write("notes.txt", "")
  await write("photos/one.txt", "")
  await write("damaged/run.json", "{")
  await write("other/challenge.json", { schema: "somebody's" })
  expect((await pastRuns(results)).map(({ folder, kind }) => [folder, kind])).toEqual([["other", "unreadable"], ["damaged", "unreadable"]])
})

test("shows hostile names as text, and needs nothing from outside", async () => {
  const name = "<img src=x onerror=alert(1)>"
  await write(`${name}/run.json`, { ...run, release: { ...run.release, name }, only: [name] })
  await write(`${name}/report/index.html`, "")
  const page = pastRunsPage(await pastRuns(results), "en")
  expect(page).not.toContain("<img")
  expect(page).toContain("&lt;img src=x onerror=alert(1)&gt;")
  expect(page).not.toMatch(/<script|<link|https?:|url\(|@import| style=/)
})

test("a long list of names is cut short", async () => {
  const only = Array.from({ length: 9 }, (_, index) => `ROU-0${index}`)
  await write("a/run.json", { ...run, only })
  expect(pastRunsPage(await pastRuns(results), "fr")).toContain("en partie : ROU-00, ROU-01, ROU-02, ROU-03, ROU-04 et 4 autres<")
})

test("is written in English too, and for an empty folder", async () => {
  expect(await readFile(await writePastRuns(results, "en"), "utf8")).toMatch(/<html lang="en">[^]*There is no run in this folder/)
})
