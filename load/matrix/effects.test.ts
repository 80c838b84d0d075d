import { expect, test } from "vitest"
import { chanceOfNoise, figuresOf, leversOf, stallShareMax } from "./effects.ts"
import { exitCodeOf } from "./matrix-command.ts"
import { matrixLines } from "./lines.ts"
import { dueOf, orderOf } from "./plan.ts"
import type { MatrixRun, Measurement } from "./record.ts"

// From measurements to levers: what is told apart from noise, in which order, and what is no figure.

const what = { fr: "réglage", en: "setting" }
const cell = (name: string, levels: Record<string, string>, changed: string[]): MatrixRun["cells"][number] =>
  ({ name, base: "stock", levels, changed, release: name, digest: `sha256:${name}` })
const at = { maxsmtp: "40", verp: "0", dkim: "on" }
const cells = [
  cell("stock", at, []), cell("stock-maxsmtp-1", { ...at, maxsmtp: "1" }, ["maxsmtp"]),
  cell("stock-verp-100", { ...at, verp: "100" }, ["verp"]), cell("stock-dkim-off", { ...at, dkim: "off" }, ["dkim"]),
]

function measured(name: string, repeat: number, perSecond: number, part: Partial<Measurement> = {}): Measurement {
  return {
    cell: name, repeat, number: repeat * cells.length + cells.findIndex((one) => one.name === name), status: "measured", why: [], due: 1_000, taken: 1_000,
    seconds: 1_000 / perSecond, perSecond, cpuSecondsPer1000: 20, engineCpuSecondsPer1000: 10, silenceSeconds: 0.4, silent: false,
    machineLoad: 2, startedAt: "", lab: "lab", replaced: [], folder: `measurements/${name}-${repeat}`, ...part,
  }
}

function runOf(measurements: Measurement[]): MatrixRun {
  const factors = Object.entries({ maxsmtp: ["1", "40"], verp: ["0", "100"], dkim: ["on", "off"] })
    .map(([name, levels]) => ({ name, what, levels: Object.fromEntries(levels.map((level) => [level, {}])) }))
  const run: MatrixRun = {
    schema: "recette.matrix-run/v1", run: "r", matrix: "m", file: "m.yaml", summary: what, platform: "ariel-pr", design: "one-at-a-time", seed: 1, repeats: 3,
    profile: "reminder", parameters: { electors: 1_000 }, drainSecondsMax: null, silenceSecondsMax: 20,
    bases: [{ name: "stock", release: "ariel-pr/2026.2", digest: "sha256:stock", at }], factors, cells, order: orderOf(cells, { repeats: 3, seed: 1 }),
    labs: [{ run: "lab", startedAt: "" }], startedAt: "", endedAt: "", complete: true, measurements, figures: [], levers: [],
  }
  return { ...run, figures: figuresOf(run), levers: leversOf(run) }
}

// The machine gets slower from repeat to repeat by more than DKIM could cost.
const drift = [1, 0.6, 0.3]
const sound = drift.flatMap((share, repeat) => [
  measured("stock", repeat, 100 * share), measured("stock-maxsmtp-1", repeat, 500 * share),
  measured("stock-verp-100", repeat, 10 * share), measured("stock-dkim-off", repeat, [101, 99, 102][repeat]! * share),
])

test("levers are found by pairs of one repeat, strongest first either way, and noise is called noise", () => {
  const { levers, figures } = runOf(sound)
  expect(levers.map(({ factor, from, to, told }) => [factor, from, to, told])).toEqual([
    ["verp", "0", "100", true], ["maxsmtp", "40", "1", true], ["dkim", "on", "off", false],
  ])
  expect(levers[1]!.rateRatio).toEqual({ median: 5, min: 5, max: 5, n: 3 })
  expect(figures[0]).toMatchObject({ cell: "stock", perSecond: { median: 60, min: 30, max: 100, n: 3 }, rateRatio: null })
})

test("in a full design a lever is told for each combination of the others", () => {
  const both = cell("stock-maxsmtp-1-verp-100", { ...at, maxsmtp: "1", verp: "100" }, ["maxsmtp", "verp"])
  const run = runOf(sound)
  const full = { ...run, cells: [...run.cells, both], measurements: [...sound, ...drift.map((share, repeat) => ({ ...measured("stock", repeat, 30 * share), cell: both.name }))] }
  expect(leversOf(full).filter(({ factor }) => factor === "maxsmtp").map(({ beside, rateRatio: { median } }) => [beside, median]))
    .toEqual([[{}, 5], [{ verp: "100" }, 3]])
})

test("what was not measured gives no figure, and its pair neither", () => {
  const run = runOf(sound.map((one) => one.cell === "stock" && one.repeat === 0
    ? { ...one, status: "not-honest" as const, perSecond: null, why: [{ fr: "débit", en: "the rate was not reached" }] } : one))
  expect(run.figures[0]!.perSecond).toMatchObject({ n: 2, max: 60 })
  expect(run.levers.every(({ rateRatio: { n } }) => n === 2)).toBe(true)
  expect(matrixLines(run, "en").join("\n")).toContain("stock, repeat 1: load not honest, no figure: the rate was not reached (measurements/stock-0)")
  expect(exitCodeOf(run)).toBe(4)
})

test("a stall and a long silence are named, and none is said with what it excludes", () => {
  const text = matrixLines(runOf(sound), "en").join("\n")
  expect(text).toContain("stalls: none in 12 loads (silence of 20 s or more, or copies missing at the end); longest silence 0.4 s; at most 22 % of loads, at 95 %")
  expect(exitCodeOf(runOf(sound))).toBe(0)
  const stalled = runOf([...sound.slice(1), measured("stock", 0, 1, { status: "stalled", taken: 912, perSecond: null, why: [{ fr: "912 sur 1000", en: "912 of 1000" }] })])
  expect(matrixLines(stalled, "en").join("\n")).toContain("stalls: 1 in 12 loads (stock, measurements/stock-0)")
  expect(exitCodeOf(stalled)).toBe(1)
  expect(exitCodeOf(runOf([...sound.slice(1), measured("stock", 0, 1, { silent: true, silenceSeconds: 45 })]))).toBe(1)
})

test("the table says what each figure is of, in both languages", () => {
  const lines = matrixLines(runOf(sound), "fr").join("\n")
  expect(lines).toContain("stock : ariel-pr/2026.2 (sha256:stock), maxsmtp 40, verp 0, dkim on")
  expect(lines).toContain("2. maxsmtp 40 → 1: débit ×5 (5 à 5, n 3), temps processeur ×1 (1 à 1)")
  expect(lines).toContain("pas distingués du bruit: dkim on → off: débit ×1.01 (0.99 à 1.02, n 3)")
  expect(lines).toContain("le bruit seul mettrait 3 rapports du même côté de 1 avec une probabilité de 25 %, et ceux d'un de ces 3 leviers au moins de 58 %")
})

test("chances are those of coins", () => {
  expect(chanceOfNoise(3)).toBe(0.25)
  expect(chanceOfNoise(7)).toBe(1 / 64)
  expect(stallShareMax(20)).toBeCloseTo(0.139, 3)
})

test("each repeat has all cells, in an order of its own that the seed gives again; a resumed run has what is left", () => {
  const order = orderOf(cells, { repeats: 6, seed: 7 })
  expect(order).toEqual(orderOf(cells, { repeats: 6, seed: 7 }))
  expect(new Set(order.map((names) => names.join())).size).toBeGreaterThan(1)
  for (const names of order) expect(names.toSorted()).toEqual(cells.map(({ name }) => name).toSorted())
  const done = [measured(order[0]![0]!, 0, 1, { number: 0 }), measured(order[0]![1]!, 0, 1, { number: 1, status: "failed" })]
  expect(dueOf({ order, measurements: done }).slice(0, 2)).toEqual([
    { cell: order[0]![1], repeat: 0, number: 1 }, { cell: order[0]![2], repeat: 0, number: 2 },
  ])
})
