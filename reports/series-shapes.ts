import { z } from "zod"

const perStep = z.array(z.number().nullable())

/** `load/<profile>/series.json`: the course of a load in equal steps; `null` where nothing was seen. */
export const SeriesFile = z.object({
  schema: z.literal("recette.series/v1"), profile: z.string(), startUs: z.number(), stepSeconds: z.number().positive(), steps: z.number(),
  flow: z.object({ due: z.array(z.number()), accepted: z.array(z.number()), delivered: z.array(z.number()) }),
  latency: z.object({ p50Ms: perStep, p90Ms: perStep, p99Ms: perStep }),
  queues: z.array(z.object({ node: z.string(), queue: z.string(), depth: perStep })),
  nodes: z.array(z.object({ node: z.string(), role: z.string(), cpuPercent: perStep })),
  machine: z.object({ cores: z.number(), busyPercent: perStep }).nullable(),
})
export type Series = z.infer<typeof SeriesFile>
