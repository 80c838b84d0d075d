import { type BatchRange, outcomes } from "./batch-queries.ts"
import { type Database, fileList, literal } from "./database.ts"
import type { Inventory } from "./inventory.ts"
import { fates, type Gap } from "./ledger-summary.ts"
import type { LoadRecord } from "./load-record.ts"

/**
 * Rows (expected recipients and copies) after which a batch ends with its last message; the biggest message of a load
 * comes on top. It bounds the memory.
 */
const batchRows = 1_000_000

/** Tables of a load: `message` with a number and a batch for each, `arrived`, `refused`, `bounced`, and empty results. */
export async function makePlan(database: Database, { files }: Inventory, { streams }: LoadRecord): Promise<BatchRange[]> {
  const classes = streams.map(({ name, senderClass }) => `(${literal(name)}, ${literal(senderClass)})`).join(", ")
  await database.run(`create temp table audience as
    select audience, count(*) as size from read_parquet(${fileList(files.expected)}) group by audience`)
  await database.run(`create temp table arrived as
    select id, count(*) as copies, max(received_us) as last_us from ${acceptances(files)} group by id`)
  await database.run(`create temp table no as
    select id, lower(recipient) as recipient, min(class) as class from ${refusals(files)} group by all`)
  await database.run(`create temp table known as
    select submission.*, target = 'direct' as direct, if(target = 'direct', stream, lower(target)) as audience,
      coalesce(sender_class, '') as sender_class
    from read_parquet(${fileList(files.submissions)}) as submission
    left join (values ${classes}) as declared(stream, sender_class) using (stream)`)
  await database.run(`create temp table flow as
    select (row_number() over (order by audience, sender_class))::integer as flow, audience, sender_class
    from (select distinct audience, sender_class from known)`)
  await database.run(`create temp table message as
    with sized as (
      select known.*, size, if(direct, recipients, size) + coalesce(copies, 0) as weight,
        -- A list's address is the only recipient of its message: who is refused there, is it for all its members.
        if(direct, null, (select min(class) from no where no.id = known.id)) as list_refusal
      from known
      left join audience using (audience)
      left join arrived using (id))
    select (row_number() over by_id)::integer as n, id, stream, sender_class, sender, audience,
      flow, direct, content, recipient_first, recipients, refused, list_refusal, size, intended_us, started_us, answered_us,
      ((sum(coalesce(weight, 0)) over by_id - coalesce(weight, 0)) // ${batchRows})::integer as batch
    from sized join flow using (audience, sender_class) window by_id as (order by id rows unbounded preceding)`)
  await database.run(`create temp table refused as
    select n, recipient, class from no join message using (id) where direct`)
  await database.run(`create temp table bounced as
    select n, lower(recipient) as recipient, min(text) as text
    from ${bounces(files)} as bounce join message using (id) group by all`)
  await makeResults(database)
  return database.rows<{ batch: number; firstId: string; lastId: string; messages: number }>(`
    select batch, min(id) as first_id, max(id) as last_id, count(*) as messages from message group by batch order by batch`)
}

function acceptances({ acceptances: files }: Inventory["files"]): string {
  return files.length > 0 ? `read_parquet(${fileList(files)})`
    : "(select null::varchar as id, null::bigint as received_us limit 0)"
}
function refusals({ refusals: files }: Inventory["files"]): string {
  return files.length > 0 ? `read_parquet(${fileList(files)})`
    : "(select null::varchar as id, null::varchar as recipient, null::varchar as class limit 0)"
}
function bounces({ bounces: files }: Inventory["files"]): string {
  return files.length > 0 ? `read_parquet(${fileList(files)})`
    : "(select null::varchar as id, null::varchar as recipient, null::varchar as text limit 0)"
}

/** The tables that every batch adds to. */
async function makeResults(database: Database): Promise<void> {
  await database.run(`create type fate_name as enum (${fates.map(literal).join(", ")})`)
  await database.run(`create temp table cell(flow integer, domain varchar, fate fate_name, expected boolean, step_us bigint,
    recipients bigint, min_us bigint, max_us bigint, altered bigint, contradicted bigint, extra_copies bigint,
    duplicated_unanswered bigint)`)
  await database.run(`create temp table example(offence varchar, fate fate_name, altered boolean, contradicted boolean,
    id varchar, recipient varchar, stream varchar, audience varchar, sender varchar, copies integer, answered integer,
    first_us bigint, intended_us bigint, told varchar, bounce varchar)`)
  await database.run(`create temp table fate(n integer, recipient varchar, flow integer, intended_us bigint, wanted integer,
    copies integer, answered integer, altered boolean, first_us bigint, refusal varchar, bounce varchar, fate fate_name,
    contradicted boolean, early boolean)`)
  await database.run(`create temp table outcome as ${outcomes(-1)}`)
}

/** What in the files contradicts itself or the record, before anything is reconciled. */
export async function planGaps(database: Database, { run }: LoadRecord): Promise<Gap[]> {
  const gaps: Gap[] = []
  const gap = (where: string, what: string, missing: number | null = null) => gaps.push({ what, where, missing })
  const { messages, twice } = await database.row<{ messages: number; twice: number }>(
    "select count(*) as messages, count(*) - count(distinct id) as twice from message")
  if (messages === 0) gap("submissions-*.parquet", "no message was sent")
  if (twice > 0) gap("submissions-*.parquet", `${twice} ids stand in more than one row`)
  for (const { stream } of await database.rows<{ stream: string }>(
    "select distinct stream from message where sender_class = '' order by stream")) {
    gap("record.json, streams", `stream ${stream} is in the send log and has no sender class`)
  }
  for (const { audience, direct } of await database.rows<{ audience: string; direct: boolean }>(
    "select distinct audience, direct from message where size is null order by audience")) {
    gap("expected-*.parquet", `nothing says who must get mail ${direct ? "of stream" : "for the list"} ${audience}`)
  }
  const { many, strayRefusals } = await database.row<{ many: number; strayRefusals: number }>(`select
    (select count(*) from message where not direct and recipients <> 1) as many,
    (select count(*) from no anti join message using (id)) as stray_refusals`)
  if (many > 0) gap("submissions-*.parquet", `${many} messages to a list have more recipients than the list's address`)
  if (strayRefusals > 0) gap("refusals-*.parquet", `${strayRefusals} refusals belong to no message of the send log`)
  const unknown = await database.row<{ messages: number; copies: number }>(`
    select count(*) as messages, coalesce(sum(copies), 0)::bigint as copies from arrived anti join message using (id)
    where starts_with(id, ${literal(`${run}.`)})`)
  if (unknown.messages > 0) {
    gap("submissions-*.parquet",
      `${unknown.copies} copies arrived of ${unknown.messages} messages of run ${run} that the send log does not know`, unknown.messages)
  }
  return gaps
}

/** When the last answer to a sender came, and the last copy of a message of this load. */
export async function lastTimes(database: Database): Promise<{ lastAnsweredUs: number | null; lastReceivedUs: number | null }> {
  return database.row(`select (select max(answered_us) from message) as last_answered_us,
    (select max(last_us) from arrived semi join message using (id)) as last_received_us`)
}
