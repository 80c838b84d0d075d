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
}

export interface BenchContext { say: (line: string) => void; seed: number; repeats: number }

/** What `load/bench/<name>.ts` exports. */
export interface Bench { run: (context: BenchContext) => Promise<BenchFigure[]> }

const folder = join(import.meta.dirname, "bench")

/**
 * Runs one benchmark and writes `<out>/bench/<name>-<time>.json`. Returns a table, and whether every figure is within
 * what it must be by its median. Throws an InputError for a name that `load/bench/` does not have.
 */
export async function runBench(name: string, { out, ...context }: BenchContext & { out: string }): Promise<{ table: string[]; held: boolean }> {
  const names = (await readdir(folder)).filter((file) => !file.endsWith(".test.ts")).map((file) => file.replace(/\.ts$/, ""))
  if (!names.includes(name)) {
    throw new InputError(`There is no benchmark ${name}`, { where: "the command line", remedy: `name one of ${names.join(", ")}` })
  }
  const { run } = await import(`./bench/${name}.ts`) as Bench
  const startedAt = new Date().toISOString()
  const loadBefore = loadavg()
  const figures = (await run(context)).map((figure) => ({ ...figure, ...spread(figure.samples), held: isWithin(figure, figure.must) }))
  const path = join(out, "bench", `${name}-${startedAt.replaceAll(/[-:]|\.\d+/g, "")}.json`)
  await writeWhole(path, {
    schema: "recette.bench/v1", name, startedAt, endedAt: new Date().toISOString(), seed: context.seed,
    machine: { cores: cpus().length, memoryBytes: totalmem(), model: cpus()[0]?.model ?? "", loadBefore, loadAfter: loadavg() },
    figures,
  })
  return { table: [...tableOf(figures), "", path], held: figures.every(({ held }) => held) }
}

function spread(samples: readonly number[]): { median: number; min: number; max: number } {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return {
    median: (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2, min: sorted[0]!, max: sorted.at(-1)!,
  }
}

function isWithin({ samples, bound }: BenchFigure, limit: number | null): boolean {
  if (limit === null) return true
  const { median } = spread(samples)
  return bound === "at-least" ? median >= limit : median <= limit
}

/** Lines of a table: the median with smallest and largest, the bounds, and the ratio of the median to each. */
export function tableOf(figures: readonly BenchFigure[]): string[] {
  const rows = figures.map((figure) => {
    const { median, min, max } = spread(figure.samples)
    const bound = (limit: number | null) => {
      if (limit === null) return ""
      const notes = [...limit === 0 ? [] : [short(median / limit)], ...isWithin(figure, limit) ? [] : ["missed"]]
      return `${short(limit)}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`
    }
    return [
      figure.what, `${short(median)} ${figure.unit}`.trimEnd(), `${short(min)} to ${short(max)}`, String(figure.samples.length),
      bound(figure.must), bound(figure.aim),
    ]
  })
  const all = [["", "median", "spread", "samples", "must (ratio)", "aim (ratio)"], ...rows]
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString("en", { maximumFractionDigits: 3 })
}
