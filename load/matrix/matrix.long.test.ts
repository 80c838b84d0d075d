import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { liveSeed } from "../../lab/live-seed.ts"
import type { Ownership } from "../../lab/own-lab.ts"
import { readMatrix } from "./definition.ts"
import { resumeMatrix, runMatrix } from "./run-matrix.ts"

// A small matrix on real labs: it is stopped after its first load, goes on in another lab, and finds the lever that is there.

const matrix = `schema: recette.matrix/v1
summary: { fr: "attente derrière chaque remise", en: "waiting behind each hand-over" }
load: { profile: reminder, parameters: { electors: 600, bytes: 4000 } }
repeats: 2
design: one-at-a-time
bases:
  stock: { release: ariel-pr/2026.2, at: { maxsmtp: 40 } }
factors:
  maxsmtp:
    what: { fr: "remises à la fois", en: "hand-overs at once" }
    levels:
      "1": { sympa: { set: { maxsmtp: 1 } } }
      "40": { sympa: { set: { maxsmtp: 40 } } }
`
const labMsMax = 1_200_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recette-matrix-"))
  writeFileSync(join(folder, "waiting.yaml"), matrix)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Whoever owns it stops it once it has said something of that kind. */
function owner(until?: RegExp): Ownership {
  const stop = new AbortController()
  const say = (line: string): void => { if (until?.test(line)) stop.abort(new Error("stopped by the test")) }
  return { stop: stop.signal, progress: { isTerminal: false, lang: "en", say, step: (_, work) => work(() => undefined) } }
}

test("a matrix that is stopped goes on behind its last load, on another lab, and finds its lever", async () => {
  const first = await runMatrix(readMatrix(join(folder, "waiting.yaml")), { parameters: {} }, { out: folder, seed: liveSeed() }, owner(/^1\/4 /))
  expect(first.file).toMatchObject({ complete: false, measurements: [{ number: 0, status: "measured" }] })
  const [before] = first.file.measurements

  const { file, path } = await resumeMatrix(first.folder, owner())

  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(file)
  expect(file.measurements.map(({ number, status, why }) => ({ number, status, why }))).toEqual([0, 1, 2, 3].map((number) => ({ number, status: "measured", why: [] })))
  expect(file.measurements[0]).toEqual(before)
  expect(new Set(file.measurements.map(({ lab }) => lab)).size).toBe(2)
  expect(file.complete).toBe(true)
  // Mailer.pm waits behind each of some 24 packets, 0.3 s at most, or behind none.
  expect(file.levers).toMatchObject([{ base: "stock", factor: "maxsmtp", from: "40", to: "1", told: true }])
  expect(file.levers[0]!.rateRatio.min).toBeGreaterThan(1)
}, 2 * labMsMax)
