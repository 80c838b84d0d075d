import { join } from "node:path"
import { type Database, literal } from "./database.ts"
import { messageKeys, openLogs, recipientLines } from "./log-lines.ts"

/**
 * Writes `bounces-<writer>.parquet` from the nodes' logs: every recipient of a load's message that a Postfix gave up
 * (`status=bounced`), whoever was told. Returns their number, which record.json wants.
 */
export async function writeBounces(
  database: Database, { logsFolder, folder, run, writer }: { logsFolder: string; folder: string; run: string; writer: string },
): Promise<number> {
  if (!await openLogs(database, logsFolder)) await database.run("create or replace temp view log_line as select '' as line, '' as node")
  await database.run(`create or replace temp table bounce as
    with message_key as (${messageKeys(`starts_with(id, ${literal(`${run}.`)})`)}),
    given_up as (select * from (${recipientLines}) where said.status = 'bounced')
    select id, lower(said.recipient) as recipient, min(given_up.line) as text
    from given_up join message_key on message_key.node = given_up.node and key = said.key
    group by all`)
  await database.run(`copy bounce to ${literal(join(folder, `bounces-${writer}.parquet`))} (format parquet)`)
  const { count } = await database.row<{ count: number }>("select count(*) as count from bounce")
  return count
}
