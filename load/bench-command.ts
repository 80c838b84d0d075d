import { resolve } from "node:path"
import { Interrupted } from "../lab/stop-signal.ts"
import { runBench } from "./bench.ts"

export interface BenchOptions { out: string; seed: number; times?: number; members?: number }

const exitCodes = { held: 0, missed: 1, inconclusive: 4, interrupted: 130 } as const

/**
 * Runs a benchmark and says what it found. Exit code 4 where samples are too few to say anything, else 1 where a bound is
 * missed; 130 where it was interrupted: then it has found nothing.
 */
export async function benchmark(name: string, { out, seed, times, members }: BenchOptions): Promise<number> {
  const result = await runBench(name, {
    out: resolve(out), seed, ...(times === undefined ? {} : { repeats: times }), ...(members === undefined ? {} : { members }), say: (line) => process.stderr.write(`${line}\n`),
  }).catch((error: unknown) => {
    if (error instanceof Interrupted) return undefined
    throw error
  })
  if (!result) return exitCodes.interrupted
  const { table, held, enough } = result
  process.stdout.write(`${table.join("\n")}\n`)
  return !enough ? exitCodes.inconclusive : held ? exitCodes.held : exitCodes.missed
}
