import { z } from "zod"

const count = z.int().min(0)
const us = z.int()

/** What became of one recipient of one message: exactly one of these (load/README.md, "Classes"). */
export const fates = ["delivered-once", "duplicated", "lost", "unexpected", "bounced", "refused", "recovered"] as const
export type Fate = (typeof fates)[number]
/** What may go with any fate. */
export const marks = ["altered", "contradicted"] as const
/** All of which an example is worth giving. */
export const offences = [
  "duplicated", "lost", "unexpected", "bounced", "refused", "recovered", "altered", "contradicted",
] as const satisfies readonly (Exclude<Fate, "delivered-once"> | (typeof marks)[number])[]
const OffenceName = z.enum(offences)
export type Offence = z.infer<typeof OffenceName>

/** Recipients of messages by fate, all of them; then how many of these carry a mark. */
const Counts = z.object({
  recipients: count,
  fates: z.record(z.enum(fates), count), marks: z.record(z.enum(marks), count),
  /** Copies over the first of each recipient, and how many duplicated recipients owe them to a server that fell silent. */
  extraCopies: count, duplicatedUnanswered: count,
})

/**
 * End-to-end: from when a message was due to the first copy at its recipient. Three significant digits, rounded up, so
 * that none is better than it was; `min` and `max` are exact.
 */
const Latency = z.object({ samples: count, minUs: us, p50Us: us, p90Us: us, p99Us: us, p999Us: us, maxUs: us })

/** Until so many of all its expected recipients had a message, from when it was due: median and longest of messages. */
const Reached = z.object({
  percent: z.union([z.literal(50), z.literal(90), z.literal(99), z.literal(100)]),
  messages: count, never: count, medianUs: us.nullable(), maxUs: us.nullable(),
})

const Group = z.object({ name: z.string(), counts: Counts, latency: Latency.nullable() })

/** One line of a node's log on a message's way. */
const Step = z.object({
  node: z.string(),
  /** Queue id of Postfix, or the list engine's message key. */
  key: z.string(),
  line: z.string(),
})

const Example = z.object({
  id: z.string(), recipient: z.string(), fate: z.enum(fates), altered: z.boolean(), stream: z.string(), audience: z.string(), sender: z.string(),
  copies: count, firstUs: us.nullable(),
  /** What the sender was told: `accepted`, or the class of the refusal. */
  told: z.string(), bounce: z.string().nullable(), transactions: z.array(z.string()), path: z.array(Step),
})

/** Something that is missing from the record, with the exact number of rows where it can be known. */
export const Gap = z.object({ what: z.string(), where: z.string(), missing: count.nullable() })
export type Gap = z.infer<typeof Gap>

const Figures = z.object({
  messages: count, total: Counts, latency: Latency.nullable(),
  audiences: z.array(Group.extend({ messages: count, reached: z.array(Reached) })),
  domains: z.array(Group), senderClasses: z.array(Group),
  /** Acceptances that belong to no message of this load: notices, mail of scenarios. */
  foreign: z.object({ acceptances: count, ids: z.array(z.string().nullable()) }),
  examples: z.array(z.object({ offence: OffenceName, recipients: count, first: z.array(Example) })),
})

/** What the ledger found. Without figures it refuses to conclude, and `gaps` says why. */
export const LedgerSummary = z.discriminatedUnion("conclusion", [
  z.object({ conclusion: z.literal("reconciled"), gaps: z.array(Gap).length(0), figures: Figures }),
  z.object({ conclusion: z.literal("inconclusive"), gaps: z.array(Gap).min(1), figures: z.null() }),
])
export type LedgerSummary = z.infer<typeof LedgerSummary>
export type LedgerFigures = z.infer<typeof Figures>
export type LedgerExample = z.infer<typeof Example>
export type LogStep = z.infer<typeof Step>
