import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { ProfileOutcome } from "../lab/generator.ts"
import { writeWhole } from "../lab/whole-file.ts"
import { outcomesOf } from "./achieved.ts"
import { nameThoseBehindAliases } from "./aliased-refusals.ts"
import { writeBounces } from "./ledger/bounces.ts"
import { Database } from "./ledger/database.ts"
import { writeExpectations, type Audience } from "./ledger/expectations.ts"
import type { DrainRecord, LoadRecord } from "./ledger/load-record.ts"
import type { StreamOutcome } from "./load-file.ts"
import type { PreparedStream } from "./prepare.ts"
import type { Sending } from "./sending.ts"

const bouncesWriter = "logs"

export interface RecordParts {
  folder: string
  logsFolder: string
  profile: string
  run: string
  prepared: readonly PreparedStream[]
  /** Who sent, with k6's own counters. */
  writers: Sending["writers"]
  acceptances: LoadRecord["writers"]["acceptances"]
  drain: DrainRecord
}

/** Adds what the ledger needs to the send log and the acceptances in `folder`, and returns what each stream came to. */
export async function writeRecord(
  { folder, logsFolder, profile, run, prepared, writers, acceptances, drain }: RecordParts,
): Promise<StreamOutcome[]> {
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
  await writeExpectations(database, {
    folder, writer: "fixtures", audiences: prepared.map(audienceOf),
  })
  await nameThoseBehindAliases(database, { folder, prepared })
  const bounces = await writeBounces(database, { logsFolder, folder, run, writer: bouncesWriter })
  const record: LoadRecord = {
    schema: "recette.load-record/v1", profile, run,
    streams: prepared.map(({ stream: { name, senderClass } }) => ({ name, senderClass })),
    writers: {
      submissions: writers.map(({ writer, summary }) => ({ writer, counted: countedBy(summary, writers.length > 1) })), acceptances,
      bounces: [{ writer: bouncesWriter, counted: { recipients: bounces } }],
    },
    drain,
  }
  await writeWhole(join(folder, "record.json"), record)
  return await outcomesOf(database, { folder, files: await readdir(folder), prepared })
}

/** Answers to a list are for nobody: the list's own address stands for that. */
function audienceOf({ audience: name, recipients, listAddress }: PreparedStream): Audience {
  return recipients.length === 0 && listAddress !== null ? { name, recipients: [listAddress], isNobody: true } : { name, recipients }
}

/** Of several generators, one whose share is empty has counted that it sent nothing. */
function countedBy(summary: Sending["writers"][number]["summary"], isOneOfSeveral: boolean): ReturnType<typeof sentBy> {
  if (summary === null) return null
  return sentBy(summary) ?? (isOneOfSeveral ? { messages: 0, accepted: 0, refused: 0 } : null)
}

/** What k6's metrics say of the whole load; `null` where it sent nothing that they could count. */
export function sentBy({ metrics }: ProfileOutcome["summary"]): LoadRecord["writers"]["submissions"][number]["counted"] {
  const begun = metrics["mail_failed"]
  if (begun === undefined) return null
  const count = (name: string) => Number(metrics[name]?.["count"] ?? 0)
  return { messages: Number(begun["passes"]) + Number(begun["fails"]), accepted: count("mail_recipients"), refused: count("mail_refusals") }
}
