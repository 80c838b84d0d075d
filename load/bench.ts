import { readdir } from "node:fs/promises"
import { cpus, loadavg, totalmem } from "node:os"
import { join } from "node:path"
import { InputError } from "../lab/failure.ts"
import { writeWhole } from "../lab/whole-file.ts"

/** What was measured several times, beside what it must and should be. */
export interface BenchFigure {
  what: string
  unit: string
  samples: readonly number[]
  /** The bound that must hold, and the one aimed at; `null` where there is none. */
  must: number | null
  aim: number | null
  /** Whether the bounds are upper or lower ones. Default `at-most`. */
  bound?: "at-most" | "at-least"
  /**
   * What is held to the bounds: the median, for what may never happen the worst sample, or the mean, of samples that are each
   * 1 or 0. Default `median`.
   */
  judgedBy?: "median" | "worst" | "mean"
}

export interface BenchContext {
  say: (line: string) => void; seed: number; repeats: number
  /** Of the list, in a benchmark that has one; 0 in all others. */
  members: number
}

/** What a benchmark found. */
export interface BenchOutcome {
  figures: BenchFigure[]
  /** Samples of each figure below which the whole says nothing. Default: `samplesMin`. */
  samplesMin?: number
  /** What was measured, with which versions, and every measurement behind the samples, in the benchmark's own shape. */
  versions?: Record<string, string>
  measurements?: readonly object[]
}

/** What `load/bench/<name>.ts` exports. */
export interface Bench {
  run: (context: BenchContext) => Promise<BenchFigure[] | BenchOutcome>
  /** Samples that are taken where nobody says how many. Default: `samplesMin`. */
  repeatsByDefault?: number
  /** Members of its list where nobody says how many; a benchmark without a list has none. */
  membersByDefault?: number
}

/** `held`: every figure is within what it must be. `enough`: there were samples enough to say so. */
export interface BenchResult { table: string[]; held: boolean; enough: boolean }

/** Samples of each figure that a statement needs, where a benchmark does not say otherwise and why. */
export const samplesMin = 7

/** Academies, one member in each; and what `people` makes for each of them (fixtures/people.ts). */
const [membersMin, membersMax] = [30, 3_000_000]

const benches = join(import.meta.dirname, "bench")

/**
 * Runs one benchmark, writes `<out>/bench/<name>-<time>.json` and returns a table of its figures. Throws an InputError for a
 * name that `load/bench/` does not have, and for members of a list that it has not, or that cannot be.
 */
export async function runBench(
  name: string, { out, folder = benches, ...asked }: Omit<BenchContext, "repeats" | "members"> & { repeats?: number; members?: number; out: string; folder?: string },
): Promise<BenchResult> {
  const names = (await readdir(folder)).filter((file) => !file.endsWith(".test.ts")).map((file) => file.replace(/\.ts$/, ""))
  if (!names.includes(name)) {
    throw new InputError(`There is no benchmark ${name}`, { where: "the command line", remedy: `name one of ${names.join(", ")}` })
  }
  const { run, repeatsByDefault = samplesMin, membersByDefault } = await import(join(folder, `${name}.ts`)) as Bench
  const context = { ...asked, repeats: asked.repeats ?? repeatsByDefault, members: membersOf(name, asked.members, membersByDefault) }
  const startedAt = new Date().toISOString()
  const loadBefore = loadavg()
  const found = await run(context)
  const { figures: bare, samplesMin: needed = samplesMin, versions, measurements } = Array.isArray(found) ? { figures: found } : found
  const figures = bare.filter(({ samples }) => samples.length > 0)
    .map((figure) => ({ ...figure, ...spread(figure.samples), held: isWithin(figure, figure.must) }))
  const enough = figures.length === bare.length && figures.every(({ samples }) => samples.length >= needed)
  const path = join(out, "bench", `${name}-${startedAt.replaceAll(/[-:]|\.\d+/g, "")}.json`)
  await writeWhole(path, {
    schema: "recette.bench/v1", name, startedAt, endedAt: new Date().toISOString(), seed: context.seed, enough,
    machine: { cores: cpus().length, memoryBytes: totalmem(), model: cpus()[0]?.model ?? "", loadBefore, loadAfter: loadavg() },
    versions, figures, measurements,
  })
  const few = enough ? [] : [`fewer than ${needed} samples of a figure: they prove nothing`]
  return { table: [...tableOf(figures), "", ...few, path], held: figures.every(({ held }) => held), enough }
}

function membersOf(name: string, asked: number | undefined, byDefault: number | undefined): number {
  if (asked === undefined) return byDefault ?? 0
  const refuse = (what: string, remedy: string) => new InputError(what, { where: `the command line, --members ${asked}`, remedy })
  if (byDefault === undefined) throw refuse(`The benchmark ${name} has no list`, "leave --members out")
  if (asked < membersMin || asked > membersMax) throw refuse(`A list of ${asked} members cannot be measured`, `give ${membersMin} to ${membersMax}`)
  return asked
}

export function spread(samples: readonly number[]): { median: number; min: number; max: number } {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return {
    median: (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2, min: sorted[0]!, max: sorted.at(-1)!,
  }
}

export function isWithin(figure: BenchFigure, limit: number | null): boolean {
  if (limit === null) return true
  const { samples, bound, judgedBy } = figure
  const { min, max } = spread(samples)
  const worst = bound === "at-least" ? min : max
  const judged = judgedBy === "worst" ? worst : centre(figure)
  return bound === "at-least" ? judged >= limit : judged <= limit
}

/** What stands in the table: the median, or where that would be 1 or 0 the mean. */
function centre({ samples, judgedBy }: Pick<BenchFigure, "samples" | "judgedBy">): number {
  return judgedBy === "mean" ? samples.reduce((sum, one) => sum + one, 0) / samples.length : spread(samples).median
}

/** Lines of a table: the median with smallest and largest, the bounds, and the ratio of the median to each. */
export function tableOf(figures: readonly BenchFigure[]): string[] {
  const rows = figures.map((figure) => {
    const { min, max } = spread(figure.samples)
    const is = centre(figure)
    const bound = (limit: number | null) => limit === null ? "" : `${short(limit)} (${share(is, limit)}${isWithin(figure, limit) ? "" : ", missed"})`
    return [
      figure.what, `${short(is)} ${figure.unit}`, `${short(min)} to ${short(max)}`, String(figure.samples.length),
      bound(figure.must), bound(figure.aim),
    ]
  })
  const all = [["", "median", "spread", "samples", "must (ratio)", "aim (ratio)"], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
}

/** Of a bound that is 0 there is no ratio. */
function share(median: number, limit: number): string {
  return limit === 0 ? short(median) : short(median / limit)
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 3 })
}
