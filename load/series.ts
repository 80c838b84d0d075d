import { z } from "zod"

const figure = z.number().nullable()
const perBin = z.array(figure)

/**
 * `load/<profile>/series.json`: the course of a load in steps of equal length, for charts. Value `n` of a row is of the step
 * that begins at `startUs + n * stepSeconds`; `null`: nothing was seen in it.
 */
export const Series = z.object({
  schema: z.literal("recette.series/v1"), profile: z.string(),
  /** Microseconds since the epoch. */
  startUs: z.int(), stepSeconds: z.int(), steps: z.int(),
  /** Recipients whose message became due, was accepted by the platform, and copies that arrived, in each step. */
  flow: z.object({ due: z.array(z.int()), accepted: z.array(z.int()), delivered: z.array(z.int()) }),
  /** Of the copies that arrived in a step: time since their messages were due. */
  latency: z.object({ p50Ms: perBin, p90Ms: perBin, p99Ms: perBin }),
  /** Messages in each queue or spool that was ever not empty: the most in a step. */
  queues: z.array(z.object({ node: z.string(), queue: z.string(), depth: perBin })),
  /** Of one core, in percent; bytes; open files; bytes on disk. The most in a step, processor time its average. */
  nodes: z.array(z.object({
    node: z.string(), role: z.string(), cpuPercent: perBin, throttledPercent: perBin, memoryBytes: perBin, descriptors: perBin, diskBytes: perBin,
    /** Programs of which a process took a tenth of a core or more, with its share in percent. */
    programs: z.array(z.object({ name: z.string(), busiestPercent: perBin })),
  })),
  /** All of the machine's cores, in percent: busy, and of the time in which somebody waited for a processor, a disk, memory. */
  machine: z.object({
    cores: z.int(), busyPercent: perBin, diskIdlePercent: perBin, cpuWaitPercent: perBin, diskWaitPercent: perBin, memoryWaitPercent: perBin,
  }).nullable(),
})
export type Series = z.infer<typeof Series>

/** The steps of a load: so many of one length, which people count in. */
export interface Steps { startUs: number; stepSeconds: number; steps: number }

const stepsMax = 240
const lengths = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600]

export function stepsBetween(startUs: number, endUs: number): Steps {
  const seconds = Math.max(1, (endUs - startUs) / 1e6)
  const stepSeconds = lengths.find((length) => seconds / length <= stepsMax) ?? Math.ceil(seconds / stepsMax / 3_600) * 3_600
  return { startUs, stepSeconds, steps: Math.ceil(seconds / stepSeconds) }
}

/** Place of a moment among the steps; what comes after the last one belongs to it. `undefined`: before the first. */
export function stepOf(us: number, { startUs, stepSeconds, steps }: Steps): number | undefined {
  return us < startUs ? undefined : Math.min(steps - 1, Math.floor((us - startUs) / 1e6 / stepSeconds))
}
