import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { MatrixFile, matrixPage, writeMatrixPage } from "./matrix-page.ts"
import { pastRuns, pastRunsPage } from "./past-runs.ts"

// The page of a matrix, from its file alone.

const what = { fr: "les leviers", en: "the levers" }
const spread = (median: number, n = 3) => ({ median, min: median * 0.9, max: median * 1.1, n })
const load = { cell: "stock", repeat: 0, number: 0, status: "measured", why: [], perSecond: 123.4, cpuSecondsPer1000: 20, silenceSeconds: 0.5, silent: false, machineLoad: 2, startedAt: "" }
const sample: MatrixFile = {
  schema: "recette.matrix-run/v1", matrix: "levers", summary: what, platform: "ariel-pr", profile: "reminder", parameters: { electors: 1_000 }, seed: 7,
  complete: false, startedAt: "2026-11-29T09:00:00Z", endedAt: "2026-11-29T10:00:00Z",
  bases: [{ name: "stock", release: "ariel-pr/2026.2", digest: "sha256:0123456789", at: { maxsmtp: "40" } }],
  order: [["stock", "stock-maxsmtp-1"], ["stock-maxsmtp-1", "stock"]], labs: [{ run: "a" }, { run: "b" }], silenceSecondsMax: 20,
  measurements: [load, { ...load, cell: "stock-maxsmtp-1", number: 1, status: "stalled", perSecond: null, why: [{ fr: "912 sur 1000", en: "912 of 1000" }] }],
  figures: [
    { cell: "stock", perSecond: spread(100), cpuSecondsPer1000: spread(20), rateRatio: null, cpuRatio: null },
    { cell: "stock-maxsmtp-1", perSecond: null, cpuSecondsPer1000: null, rateRatio: null, cpuRatio: null },
  ],
  levers: [{ base: "stock", factor: "maxsmtp", from: "40", to: "1", beside: {}, rateRatio: spread(5), cpuRatio: spread(1), told: true }],
}

let results: string
beforeEach(async () => { results = await mkdtemp(join(tmpdir(), "recette-matrix-page-")) })
afterEach(() => rm(results, { recursive: true }))

async function write(file: unknown) {
  await mkdir(join(results, "20261129-m", "load"), { recursive: true })
  await writeFile(join(results, "20261129-m", "load", "matrix-levers.json"), JSON.stringify(file))
}

test("the levers come first, then every setting, then every load with what became of it", () => {
  const page = matrixPage(sample, "en")
  expect(page).toMatch(/Levers around stock[^]*maxsmtp 40 → 1[^]*×5 \(4\.5 to 5\.5\)[^]*All settings[^]*100 \(90 to 110\)[^]*All loads[^]*123 \/s[^]*stalled: 912 of 1000/)
  expect(page).toMatch(/2 \/ 4, on 2 labs[^]*ariel-pr\/2026\.2 \(sha256:01234567\): maxsmtp 40[^]*1: stock-maxsmtp-1 \(silence of 20 s or more/)
  expect(matrixPage(sample, "fr")).toMatch(/Leviers autour de stock[^]*arrêtée: 912 sur 1000/)
})

test("text of a matrix is text, and nothing comes from outside", () => {
  const page = matrixPage({ ...sample, summary: { fr: "<b>a", en: "<script>alert(1)</script>" } }, "en")
  expect(page).not.toMatch(/<script|<link|https?:|url\(|@import| style=/)
})

test("a matrix stands among the past runs, and its page in its folder", async () => {
  await write(sample)
  expect(await writeMatrixPage(join(results, "20261129-m"), "fr")).toBe(true)
  expect(await readFile(join(results, "20261129-m", "report", "index.html"), "utf8")).toBe(matrixPage(sample, "fr"))
  expect(await pastRuns(results)).toMatchObject([{ kind: "matrix", release: "ariel-pr/2026.2", complete: false, loads: { measured: 1, asked: 4 }, durationMs: 3_600_000 }])
  expect(pastRunsPage(await pastRuns(results), "en")).toMatch(/unfinished matrix[^]*1 of 4 loads measured/)
})

test("a file that is none gives no page and no line", async () => {
  await write({ schema: "somebody's" })
  expect(await writeMatrixPage(join(results, "20261129-m"), "fr")).toBe(false)
  expect(await pastRuns(results)).toEqual([])
})
