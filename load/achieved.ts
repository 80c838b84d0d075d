import { join } from "node:path"
import { fileList, type Database } from "./ledger/database.ts"
import type { StreamOutcome } from "./load-file.ts"
import type { PreparedStream } from "./prepare.ts"

type Achieved = StreamOutcome["achieved"]

interface SendRow extends Record<string, unknown> {
  stream: string; messages: number; accepted: number; spanUs: number; lagP99Us: number; lagMaxUs: number
}

const nothing: Achieved = { messages: 0, accepted: 0, perSecond: 0, lagP99Ms: 0, lagMaxMs: 0 }

/** What each stream was and came to, by the send logs in `folder`; with their names, whether they are whole or not. */
export async function outcomesOf(
  database: Database, { folder, files, prepared }: { folder: string; files: readonly string[]; prepared: readonly PreparedStream[] },
): Promise<StreamOutcome[]> {
  const paths = files.filter((name) => /^submissions-.*\.parquet$/.test(name)).map((name) => join(folder, name))
  const rows = paths.length === 0 ? [] : await database.rows<SendRow>(`
    select stream, count(*) as messages, count_if(refused = 0) as accepted,
      (max(started_us) - min(started_us))::bigint as span_us,
      quantile_disc(started_us - intended_us, 0.99)::bigint as lag_p99_us, max(started_us - intended_us)::bigint as lag_max_us
    from read_parquet(${fileList(paths)}) group by stream`)
  const byStream = new Map(rows.map((row) => [row.stream, row]))
  return prepared.map(({ stream, target, audience, recipients }) => ({
    name: stream.name, senderClass: stream.senderClass, target, audience, audienceRecipients: recipients.length,
    asked: { messages: stream.messages, perSecond: stream.perSecond, startSeconds: stream.startSeconds ?? 0 },
    achieved: achievedOf(byStream.get(stream.name), stream.perSecond),
  }))
}

/** The rate lies between messages: a stream of one has the one that it was asked for. */
function achievedOf(row: SendRow | undefined, askedPerSecond: number): Achieved {
  if (row === undefined) return nothing
  const { messages, accepted, spanUs, lagP99Us, lagMaxUs } = row
  const perSecond = messages === 1 ? askedPerSecond : (messages - 1) / Math.max(spanUs, 1) * 1_000_000
  return { messages, accepted, perSecond: Math.round(perSecond * 1_000) / 1_000, lagP99Ms: lagP99Us / 1_000, lagMaxMs: lagMaxUs / 1_000 }
}
