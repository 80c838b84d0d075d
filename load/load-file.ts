import { z } from "zod"
import { LedgerSummary } from "./ledger/ledger-summary.ts"

const count = z.int().min(0)
const Bilingual = z.object({ fr: z.string(), en: z.string() })

/** One stream, as asked for and as it was. */
export const StreamOutcome = z.object({
  name: z.string(), senderClass: z.string(),
  /** The list's address, `direct`, or for answers that nobody must get `nobody-<stream>`. */
  target: z.string(),
  /** Name under which the ledger has its figures: the list's address, or the stream's name. */
  audience: z.string(),
  /** Recipients that a message of a list has; of direct mail, how many different ones there are. */
  audienceRecipients: count,
  asked: z.object({ messages: count, perSecond: z.number(), startSeconds: z.number() }),
  /** Begun, of which accepted for all their recipients; lag from when a message was due to when it began. */
  achieved: z.object({ messages: count, accepted: count, perSecond: z.number(), lagP99Ms: z.number(), lagMaxMs: z.number() }),
})

/** Processor time of one node from the first message to the end of the drain, by its container's cgroup. */
export const NodeCpu = z.object({ node: z.string(), role: z.enum(["generator", "catcher", "platform", "world"]), cpuMs: z.number() })

export const LoadCpu = z.object({
  nodes: z.array(NodeCpu), clockMs: z.number(), platformMs: z.number(),
  /** Generator, and the servers that take the mail (academies, internet), of the platform's time. */
  generatorPercent: z.number(), catchersPercent: z.number(),
})

/** One thing that the harness itself must have kept to. */
export const HonestyCheck = z.object({
  check: z.enum(["messages", "rate", "dropped", "ending", "cpu", "samples", "drain", "counts"]),
  /** The stream concerned; `null`: the load as a whole. */
  stream: z.string().nullable(),
  held: z.boolean(), is: z.number(), must: z.number(), sentence: Bilingual,
})

/** What the academies did during the load, and how many recipients all servers outside refused. */
const LoadWorld = z.object({
  changes: z.array(z.object({ academies: z.array(z.string()), behaviour: z.record(z.string(), z.unknown()), fromSeconds: z.number(), untilSeconds: z.number() })),
  refusals: count,
})

/** A node that was not seen, or not to the end. */
export const NodeGap = z.object({ node: z.string(), why: z.string() })

/** What looking at the nodes took: processor time of the samplers in the containers, and of the process that gathers it. */
export const SamplingCost = z.object({
  looks: count, clockMs: z.number(), samplersMs: z.number(), collectorMs: z.number(), percentOfCore: z.number(), gaps: z.array(NodeGap),
})

/** The most that a node had, from the first message to the end of the drain; `null`: not seen. */
const NodeMarks = z.object({
  node: z.string(), role: z.string(), cpuPercent: z.number(), memoryBytes: count, descriptors: count.nullable(), diskBytes: count.nullable(),
})

/** What held the load back, as far as the observation tells: a sentence, and each fact that it rests on. */
export const Bottleneck = z.object({
  kind: z.enum(["none", "machine-shared", "machine", "process", "limit", "disk", "memory", "receivers-refuse", "receivers", "nobody-busy"]),
  node: z.string().nullable(), queue: z.string().nullable(), sentence: Bilingual, evidence: z.array(Bilingual),
})

const Assumption = z.object({ what: Bilingual, value: z.string(), source: z.string() })

/** A step of a rising rate; `why` says in what it was not kept. */
const Step = z.object({
  stream: z.string(), perSecond: z.number(), reachedPerSecond: z.number(), p99Ms: z.number().nullable(), kept: z.boolean(), why: Bilingual.nullable(),
})

/**
 * `load/<profile>.json`. Without `failure`, the load went to its end. It says something of the platform where the ledger
 * concludes and `honest` is true.
 */
export const LoadFile = z.object({
  schema: z.literal("recette.load/v1"), profile: z.string(),
  summary: Bilingual.nullable(), parameters: z.record(z.string(), z.number()), assumptions: z.array(Assumption),
  /** Where less than the whole electorate was there: how much, in words. */
  extrapolated: z.object({ electors: count, measured: count, sentence: Bilingual }).nullable(),
  /** First part of the ids of its messages. */
  run: z.string(), seed: z.int(),
  /** Microseconds since the epoch. `null`: not reached. */
  startedUs: z.int().nullable(), sentUs: z.int().nullable(), drainedUs: z.int().nullable(), endedUs: z.int(),
  failure: z.object({ message: z.string(), where: z.string(), remedy: z.string() }).nullable(),
  streams: z.array(StreamOutcome), droppedIterations: count.nullable(), ending: z.string().nullable(),
  /** How many sent it, each its share. */
  generators: count.nullable(),
  cpu: LoadCpu.nullable(), world: LoadWorld.nullable(),
  /** Of a rising rate: its steps, and the name of the last stream before which all were kept. */
  ramp: z.object({ steps: z.array(Step), knee: z.string().nullable() }).nullable(),
  /** `load/<profile>/series.json` and `observation.ndjson` have what was seen; here its cost, its extremes and what it says. */
  observation: z.object({ sampling: SamplingCost, nodes: z.array(NodeMarks), bottleneck: Bottleneck }).nullable(),
  /** The most that the harness itself took: this process, since it began, and that of the ledger. */
  memory: z.object({ recetteBytes: count, ledgerBytes: count }).nullable().default(null),
  honest: z.boolean(), honesty: z.array(HonestyCheck),
  ledger: LedgerSummary.nullable(),
})
export type LoadFile = z.infer<typeof LoadFile>
export type StreamOutcome = z.infer<typeof StreamOutcome>
export type NodeCpu = z.infer<typeof NodeCpu>
export type LoadCpu = z.infer<typeof LoadCpu>
export type NodeGap = z.infer<typeof NodeGap>
export type SamplingCost = z.infer<typeof SamplingCost>
export type NodeMarks = z.infer<typeof NodeMarks>
export type Bottleneck = z.infer<typeof Bottleneck>
export type HonestyCheck = z.infer<typeof HonestyCheck>
