import { resolve } from "node:path"
import { runBench } from "./bench.ts"

export interface BenchOptions { out: string; seed: number; times?: number }

const exitCodes = { held: 0, missed: 1, inconclusive: 4 } as const

/** Runs a benchmark and says what it found. Exit code 4 where samples are too few to say anything, else 1 where a bound is missed. */
export async function benchmark(name: string, { out, seed, times }: BenchOptions): Promise<number> {
  const { table, held, enough } = await runBench(name, {
    out: resolve(out), seed, ...(times === undefined ? {} : { repeats: times }), say: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(`${table.join("\n")}\n`)
  return !enough ? exitCodes.inconclusive : held ? exitCodes.held : exitCodes.missed
}
