import { existsSync, readdirSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { z } from "zod"
import { InputError } from "../../lab/failure.ts"
import { Turn } from "../../lab/turn.ts"
import { writeWhole } from "../../lab/whole-file.ts"

const Sentence = z.object({ fr: z.string(), en: z.string() })
const count = z.int().min(0)
const Spread = z.object({ median: z.number(), min: z.number(), max: z.number(), n: count })

/**
 * One load on one cell. `measured`: everybody due has one unaltered copy, and the load was honest. `stalled`: copies were still
 * missing when the time to drain was over. `wrong`: somebody lacks a copy, or has another than was due. `not-honest`, `no-record`:
 * the harness itself was not as it must be, or its record is not whole. `failed`: the lab did not get so far. Only `measured` gives
 * figures.
 */
export const Measurement = z.object({
  cell: z.string(), repeat: count, number: count,
  status: z.enum(["measured", "stalled", "wrong", "not-honest", "no-record", "failed"]),
  why: z.array(Sentence),
  /** Copies that lists owed, and that were taken. */
  due: count, taken: count,
  /** From the first acceptance to the last copy. */
  seconds: z.number().nullable(), perSecond: z.number().nullable(),
  /** Of all servers of the platform, and of the list engine's node; seconds for 1 000 copies. */
  cpuSecondsPer1000: z.number().nullable(), engineCpuSecondsPer1000: z.number().nullable(),
  /** Longest time without a copy, between acceptance and last copy; `silent`: as long as a stall. */
  silenceSeconds: z.number().nullable(), silent: z.boolean(),
  /** Mean number of runnable processes of the machine, when it began. */
  machineLoad: z.number(),
  startedAt: z.string(), lab: z.string(), replaced: z.array(z.string()), folder: z.string(),
})
export type Measurement = z.infer<typeof Measurement>

export const CellFigures = z.object({
  cell: z.string(), perSecond: Spread.nullable(), cpuSecondsPer1000: Spread.nullable(), engineCpuSecondsPer1000: Spread.nullable(),
  /** Of the base's, in the same repeat. */
  rateRatio: Spread.nullable(), cpuRatio: Spread.nullable(),
})
export type CellFigures = z.infer<typeof CellFigures>

/** What one level does to a base, from pairs of loads of one repeat that differ in nothing else. */
export const Lever = z.object({
  base: z.string(), factor: z.string(), from: z.string(), to: z.string(),
  /** Levels of other factors that are not the base's: in a full design each combination has its own. */
  beside: z.record(z.string(), z.string()),
  rateRatio: Spread, cpuRatio: Spread.nullable(),
  /** The ratios of the rate lie on one side of 1. */
  told: z.boolean(),
})
export type Lever = z.infer<typeof Lever>

export const MatrixRun = z.object({
  schema: z.literal("recette.matrix-run/v1"), run: z.string(), matrix: z.string(), file: z.string(), summary: Sentence,
  platform: z.string(), design: z.string(), seed: z.int(), repeats: count,
  profile: z.string(), parameters: z.record(z.string(), z.number()),
  drainSecondsMax: z.number().nullable(), silenceSecondsMax: z.number(),
  bases: z.array(z.object({ name: z.string(), release: z.string(), digest: z.string(), at: z.record(z.string(), z.string()) })),
  factors: z.array(z.object({ name: z.string(), what: Sentence, levels: z.record(z.string(), z.record(z.string(), z.unknown())) })),
  cells: z.array(z.object({
    name: z.string(), base: z.string(), levels: z.record(z.string(), z.string()), changed: z.array(z.string()), release: z.string(), digest: z.string(),
  })),
  /** Cells in the order in which they are loaded, repeat by repeat. */
  order: z.array(z.array(z.string())),
  /** More than one: it was continued after an interruption. */
  labs: z.array(z.object({ run: z.string(), startedAt: z.string() })),
  startedAt: z.string(), endedAt: z.string(), complete: z.boolean(),
  measurements: z.array(Measurement),
  figures: z.array(CellFigures), levers: z.array(Lever),
})
export type MatrixRun = z.infer<typeof MatrixRun>

/** `load/matrix-<name>.json` of a run: written whole after each load. */
export class MatrixRecord {
  readonly folder: string
  readonly file: MatrixRun
  private readonly turn = new Turn()
  constructor(folder: string, file: MatrixRun) {
    this.folder = folder
    this.file = file
  }

  get path(): string { return join(this.folder, "load", `matrix-${this.file.matrix}.json`) }

  async write(change: Partial<MatrixRun> = {}): Promise<void> {
    Object.assign(this.file, change)
    await this.turn.take(() => writeWhole(this.path, MatrixRun.parse(this.file)))
  }
}

/** The matrix run in a folder of results. Throws an InputError where there is none, or none that can be read. */
export async function readMatrixRun(folder: string): Promise<MatrixRecord> {
  const own = resolve(folder)
  const loads = join(own, "load")
  const names = existsSync(loads) ? readdirSync(loads).filter((name) => /^matrix-.+\.json$/.test(name)) : []
  const refuse = (what: string, cause?: unknown) => new InputError(what, {
    where: `--resume ${folder}`, remedy: "give the folder results/<run> of a matrix that was interrupted", cause,
  })
  if (names.length !== 1) throw refuse(`There is no matrix run in ${folder}`)
  const path = join(loads, names[0]!)
  const { data, error } = MatrixRun.safeParse(await readFile(path, "utf8").then(JSON.parse).catch((cause: unknown) => {
    throw refuse(`${path} cannot be read: ${(cause as Error).message}`, cause)
  }))
  if (!data) throw refuse(`${path} is no matrix run: ${z.prettifyError(error)}`, error)
  return new MatrixRecord(own, data)
}
