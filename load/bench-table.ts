/** One claim of a benchmark: a ratio measured again and again in one run, beside the bounds that it is held to. */
export interface BenchRow {
  /** What is measured, for example `2 KiB, 1 recipient, send()`. */
  name: string
  /** What is divided by what, for example `CPU / smtp-source -d`. */
  ratio: string
  sessions: number
  /** Which side of a bound is good. */
  better: "lower" | "higher"
  /** What is held to the bounds: the median of the pairs, or, for what may never happen, the worst of them. */
  judgedBy: "median" | "worst"
  /** The bound that must hold and the one that is aimed at; `null` where there is none. */
  must: number | null
  aim: number | null
  /** The ratio of each pair, in the order in which they were measured. */
  pairs: number[]
}

/** A finished benchmark, as `results/bench/<bench>-<time>.json` holds it. */
export interface BenchFile {
  schema: "recette.bench/v1"
  bench: string
  startedAt: string
  endedAt: string
  /** False where it was stopped, or has fewer pairs than a statement needs: such a run proves nothing. */
  complete: boolean
  machine: { cpus: number; model: string; kernel: string; loadBefore: number; loadAfter: number }
  /** What was measured, and with which versions. */
  versions: Record<string, string>
  rows: (BenchRow & Statistics & { outcome: Outcome })[]
  /** Every single measurement behind the ratios, in the bench's own shape. */
  measurements: readonly object[]
}

export interface Statistics { median: number; lowest: number; highest: number }

/** `too-few`: fewer pairs than `pairsMin`. `report`: a row without a bound that must hold. */
export type Outcome = "aim" | "must" | "missed" | "report" | "too-few"

/** Pairs that a statement needs. */
export const pairsMin = 7

/** Median (of two middle ones the mean), lowest and highest. Throws RangeError for an empty list. */
export function statistics(values: readonly number[]): Statistics {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) throw new RangeError("there is no median of nothing")
  const upper = sorted[Math.floor(sorted.length / 2)]!
  const lower = sorted[Math.ceil(sorted.length / 2) - 1]!
  return { median: (lower + upper) / 2, lowest: sorted[0]!, highest: sorted.at(-1)! }
}

/** What the pairs say of the bounds. */
export function outcomeOf({ pairs, better, judgedBy, must, aim }: BenchRow): Outcome {
  if (pairs.length < pairsMin) return "too-few"
  const { median, lowest, highest } = statistics(pairs)
  const judged = judgedBy === "median" ? median : better === "lower" ? highest : lowest
  const holds = (bound: number): boolean => better === "lower" ? judged <= bound : judged >= bound
  if (aim !== null && holds(aim)) return "aim"
  if (must === null) return "report"
  return holds(must) ? "must" : "missed"
}

const headings = {
  fr: ["mesure", "rapport", "sessions", "doit", "visé", "médiane", "de … à", "paires", "tenu"],
  en: ["what", "ratio", "sessions", "must", "aim", "median", "from … to", "pairs", "holds"],
} as const

const outcomes: Record<Outcome, { fr: string; en: string }> = {
  aim: { fr: "visé", en: "aim" },
  must: { fr: "oui", en: "yes" },
  missed: { fr: "NON", en: "NO" },
  report: { fr: "-", en: "-" },
  "too-few": { fr: "trop peu de paires", en: "too few pairs" },
}

/** The rows as a table of plain text, one line a row. */
export function tableLines(rows: BenchFile["rows"], lang: "fr" | "en"): string[] {
  const cells = rows.map((row) => [
    row.name, row.ratio, String(row.sessions), bound(row.must, row.better), bound(row.aim, row.better), figure(row.median),
    `${figure(row.lowest)} … ${figure(row.highest)}`, String(row.pairs.length), outcomes[row.outcome][lang],
  ])
  const table = [[...headings[lang]], ...cells]
  const widths = headings[lang].map((_, column) => Math.max(...table.map((line) => line[column]!.length)))
  return table.map((line) => line.map((cell, column) =>
    column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)).join("  ").trimEnd())
}

function bound(value: number | null, better: BenchRow["better"]): string {
  if (value === null) return "-"
  return `${better === "lower" ? "≤" : "≥"} ${value}`
}

/** Three figures that count. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
