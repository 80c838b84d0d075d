import { readFile } from "node:fs/promises"
import { z } from "zod"
import { InputError } from "../../lab/failure.ts"

const count = z.int().min(0)

/** What a writer itself counted, apart from its files; `null` where it could not be asked any more. */
const SubmissionCounters = z.strictObject({
  messages: count.describe("messages begun: `count` of mail_failed"),
  accepted: count.describe("recipients accepted: mail_recipients"),
  refused: count.describe("recipients not accepted: mail_refusals"),
})

const Stage = z.strictObject({ node: z.string(), stage: z.string().describe("for example `queue`, or `spools` of the list engine") })

const Look = Stage.extend({
  left: count.describe("messages that still waited there"),
  startedUs: count, endedUs: count,
})

/**
 * `record.json`: what a load leaves for the ledger beside its Parquet files, written by the harness from counters that
 * the writers keep apart from those files.
 */
export const LoadRecord = z.strictObject({
  schema: z.literal("recette.load-record/v1"),
  profile: z.string().regex(/^[a-z0-9-]+$/),
  run: z.string().min(1).describe("first part of every id of this load"),
  streams: z.array(z.strictObject({ name: z.string(), senderClass: z.string() })).min(1),
  writers: z.strictObject({
    submissions: z.array(z.strictObject({ writer: z.string(), counted: SubmissionCounters.nullable() })).min(1),
    acceptances: z.array(z.strictObject({
      writer: z.string(), counted: z.strictObject({ recipients: count }).nullable(),
    })).min(1),
    bounces: z.array(z.strictObject({ writer: z.string(), counted: z.strictObject({ recipients: count }).nullable() })).default([]),
  }),
  drain: z.strictObject({
    nodes: z.array(z.string()).min(1).describe("every node of the platform in which mail can wait"),
    order: z.array(Stage).min(1).describe("the stages in the order in which mail passes them; one may come twice"),
    looks: z.array(Look).describe("at least the last round: all of `order`, then its first stage again"),
  }).nullable().describe("`null`: nobody waited for the platform to drain"),
})
export type LoadRecord = z.infer<typeof LoadRecord>

export type DrainRecord = NonNullable<LoadRecord["drain"]>
export type DrainLook = DrainRecord["looks"][number]

/** Reads and checks a load's record. Throws an InputError that names the file and the key. */
export async function readLoadRecord(path: string): Promise<LoadRecord> {
  const wrong = (what: string, cause: unknown) => new InputError(`${path} cannot be used: ${what}`, {
    where: path, remedy: "let the harness write it, as load/README.md describes", cause,
  })
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, "utf8"))
  } catch (cause) {
    throw wrong((cause as Error).message, cause)
  }
  const { data, error } = LoadRecord.safeParse(content)
  if (!data) throw wrong(z.prettifyError(error), error)
  return data
}
