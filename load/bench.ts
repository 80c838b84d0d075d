import { cpus, loadavg, release as kernelRelease } from "node:os"
import { join } from "node:path"
import { sweep } from "../lab/clean-up.ts"
import { ClosedContainer } from "../lab/closed-container.ts"
import { InputError } from "../lab/failure.ts"
import { ensureImages } from "../lab/images.ts"
import type { Ownership } from "../lab/own-lab.ts"
import { thisOwner } from "../lab/ownership.ts"
import { newRunId } from "../lab/run-record.ts"
import { unlessStopped } from "../lab/stop-signal.ts"
import { writeWhole } from "../lab/whole-file.ts"
import { outcomeOf, pairsMin, statistics, tableLines, type BenchFile, type BenchRow } from "./bench-table.ts"
import { measureGenerator } from "./generator-bench.ts"
import { measureRate, rateRows, type RateMeasurement } from "./rate-bench.ts"

/** Names that `recette bench` takes. */
export const benches = ["generator"] as const
export type BenchName = (typeof benches)[number]

export interface BenchRequest {
  name: BenchName
  /** Pairs in one run; fewer than seven prove nothing, and the table says so. */
  pairs: number
  sessions: number[]
  /** Folder for `bench/<name>-<run>.json`. */
  out: string
  lang: "fr" | "en"
}

/** What a bench measures: rows, every measurement behind them, and the versions of what was measured. */
interface Measured { rows: BenchRow[]; measurements: readonly object[]; versions: Record<string, string> }

const pairsMax = 100
const sessionsMax = 500

const words = {
  image: { fr: "image du banc", en: "image of the bench" },
  measure: { fr: "mesures", en: "measurements" },
  rate: { fr: "cadence demandée", en: "a rate asked" },
} as const

/**
 * Runs a benchmark and returns its file, written to `<out>/bench/`, and its table. It is bounded: so many pairs of so many
 * messages, each command at most three minutes. Stopped in between, it writes what there is, marked as not complete.
 */
export async function runBench(request: BenchRequest, owner: Ownership): Promise<{ file: BenchFile; path: string; lines: string[] }> {
  checkLimits(request)
  const run = newRunId()
  const startedAt = new Date().toISOString()
  const loadBefore = loadavg()[0]!
  await sweep()
  const { rows, measurements, versions } = await generator(run, request, owner)
  const file: BenchFile = {
    schema: "recette.bench/v1", bench: request.name, startedAt, endedAt: new Date().toISOString(),
    complete: rows.length > 0 && rows.every(({ pairs }) => pairs.length >= pairsMin && pairs.length === request.pairs),
    machine: { cpus: cpus().length, model: cpus()[0]?.model ?? "unknown", kernel: kernelRelease(), loadBefore, loadAfter: loadavg()[0]! },
    versions, measurements,
    rows: rows.filter(({ pairs }) => pairs.length > 0).map((row) => ({ ...row, ...statistics(row.pairs), outcome: outcomeOf(row) })),
  }
  const path = join(request.out, "bench", `${request.name}-${run}.json`)
  await writeWhole(path, file)
  return { file, path, lines: tableLines(file.rows, request.lang) }
}

function checkLimits({ pairs, sessions }: BenchRequest): void {
  const wrong = sessions.find((count) => count < 1 || count > sessionsMax)
  if (wrong === undefined && pairs >= 1 && pairs <= pairsMax) return
  throw new InputError(wrong === undefined ? `${pairs} pairs cannot be measured` : `${wrong} sessions cannot be measured`, {
    where: "the command line", remedy: `give --pairs 1 to ${pairsMax}, and --sessions of 1 to ${sessionsMax} each`,
  })
}

/** 0 where every bound that must hold holds, 1 where one does not, 4 where the run proves nothing. */
export function exitCodeOfBench({ complete, rows }: BenchFile): 0 | 1 | 4 {
  if (rows.some(({ outcome }) => outcome === "missed")) return 1
  return complete ? 0 : 4
}

async function generator(run: string, { pairs, sessions }: BenchRequest, { progress, stop }: Ownership): Promise<Measured> {
  const image = await progress.step(words.image, async (detail) => {
    const { images } = await ensureImages([{ component: "bench", generation: "debian-12", packages: null }], { onStep: detail, signal: stop })
    return images["bench"]!.tag
  })
  const place = await ClosedContainer.start({ run, owner: thisOwner(), image })
  try {
    const versions = {
      k6: await place.said(["k6", "version"]), postfix: await place.said(["postconf", "-dh", "mail_version"]),
      node: await place.said(["node", "--version"]),
    }
    const measured = await progress.step(words.measure, (detail) =>
      measureGenerator({ measure: (command, env) => unlessStopped(stop, place.measure(command, env)) }, { pairs, sessions, onStep: detail, stop }))
    const rates = await progress.step(words.rate, () => ratesAt(place, pairs, stop))
    return { rows: [...measured.rows, ...rateRows(rates)], measurements: [...measured.measurements, ...rates], versions }
  } finally {
    await place.remove()
  }
}

async function ratesAt(place: ClosedContainer, pairs: number, stop: AbortSignal): Promise<RateMeasurement[]> {
  const measurements: RateMeasurement[] = []
  try {
    for (let pair = 1; pair <= pairs; pair += 1) measurements.push(await unlessStopped(stop, measureRate(place, pair)))
  } catch (error) {
    if (!stop.aborted) throw error
  }
  return measurements
}
