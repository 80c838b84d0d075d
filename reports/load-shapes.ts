import { z } from "zod"
import { Bilingual } from "./result-shapes.ts"

const Fates = z.object({
  "delivered-once": z.number(), duplicated: z.number(), lost: z.number(), unexpected: z.number(), bounced: z.number(),
  refused: z.number(), recovered: z.number(),
})
const Counts = z.object({
  recipients: z.number(), fates: Fates, marks: z.object({ altered: z.number(), contradicted: z.number() }),
  extraCopies: z.number(), duplicatedUnanswered: z.number(),
})
const Latency = z.object({ samples: z.number(), minUs: z.number(), p50Us: z.number(), p90Us: z.number(), p99Us: z.number(), maxUs: z.number() })
const Reached = z.object({ percent: z.number(), messages: z.number(), never: z.number(), medianUs: z.number().nullable(), maxUs: z.number().nullable() })
const Group = z.object({ name: z.string(), counts: Counts, latency: Latency.nullable() })

const Example = z.object({
  id: z.string(), recipient: z.string(), fate: z.string(), altered: z.boolean(), stream: z.string(), audience: z.string(),
  copies: z.number(), told: z.string(), bounce: z.string().nullable(), transactions: z.array(z.string()),
  path: z.array(z.object({ node: z.string(), key: z.string(), line: z.string() })),
})

const Figures = z.object({
  messages: z.number(), total: Counts, latency: Latency.nullable(),
  audiences: z.array(Group.extend({ messages: z.number(), reached: z.array(Reached) })),
  foreign: z.object({ acceptances: z.number() }),
  examples: z.array(z.object({ offence: z.string(), recipients: z.number(), first: z.array(Example) })),
})

/** `load/<profile>.json`: what a load was, whether it may be believed, and what became of every recipient. */
export const LoadFile = z.object({
  schema: z.literal("recette.load/v1"), profile: z.string(), run: z.string(),
  summary: Bilingual.nullable().default(null), parameters: z.record(z.string(), z.number()).default({}),
  assumptions: z.array(z.object({ what: Bilingual, value: z.string(), source: z.string() })).default([]),
  extrapolated: z.object({ electors: z.number(), measured: z.number(), sentence: Bilingual }).nullable().default(null),
  startedUs: z.number().nullable(), sentUs: z.number().nullable(), drainedUs: z.number().nullable(),
  failure: z.object({ message: z.string(), where: z.string(), remedy: z.string() }).nullable(),
  streams: z.array(z.object({
    name: z.string(), senderClass: z.string(), target: z.string(), audience: z.string(), audienceRecipients: z.number(),
    asked: z.object({ messages: z.number(), perSecond: z.number(), startSeconds: z.number().default(0) }),
    achieved: z.object({ messages: z.number(), accepted: z.number(), perSecond: z.number(), lagP99Ms: z.number(), lagMaxMs: z.number() }),
  })),
  droppedIterations: z.number().nullable(), ending: z.string().nullable(),
  cpu: z.object({
    nodes: z.array(z.object({ node: z.string(), role: z.string(), cpuMs: z.number() })), clockMs: z.number(), platformMs: z.number(),
    generatorPercent: z.number(), catchersPercent: z.number(),
  }).nullable(),
  world: z.object({
    changes: z.array(z.object({ academies: z.array(z.string()), behaviour: z.record(z.string(), z.unknown()), fromSeconds: z.number(), untilSeconds: z.number() })),
    refusals: z.number(),
  }).nullable().default(null),
  ramp: z.object({
    steps: z.array(z.object({
      stream: z.string(), perSecond: z.number(), reachedPerSecond: z.number(), p99Ms: z.number().nullable(), kept: z.boolean(), why: Bilingual.nullable(),
    })),
    knee: z.string().nullable(),
  }).nullable().default(null),
  observation: z.object({
    sampling: z.object({ looks: z.number(), percentOfCore: z.number(), gaps: z.array(z.object({ node: z.string(), why: z.string() })) }),
    nodes: z.array(z.object({
      node: z.string(), cpuPercent: z.number(), memoryBytes: z.number(), descriptors: z.number().nullable(), diskBytes: z.number().nullable(),
    })),
    bottleneck: z.object({ kind: z.string(), sentence: Bilingual, evidence: z.array(Bilingual) }),
  }).nullable().default(null),
  honest: z.boolean(),
  honesty: z.array(z.object({
    check: z.string(), stream: z.string().nullable(), held: z.boolean(), is: z.number(), must: z.number(), sentence: Bilingual,
  })),
  ledger: z.object({
    conclusion: z.enum(["reconciled", "inconclusive"]),
    gaps: z.array(z.object({ what: z.string(), where: z.string(), missing: z.number().nullable() })),
    figures: Figures.nullable(),
  }).nullable(),
})
export type Load = z.infer<typeof LoadFile>
export type LoadFigures = z.infer<typeof Figures>

/** The streams of a load whose names begin so; all without names. */
export function streamsOf({ streams }: Load, beginnings: readonly string[] | undefined): Load["streams"] {
  return streams.filter(({ name }) => beginnings?.some((one) => name.startsWith(one)) ?? true)
}
