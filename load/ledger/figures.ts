import type { Database } from "./database.ts"
import { fates, marks, offences, type Fate, type LedgerExample, type LedgerFigures, type Offence } from "./ledger-summary.ts"

type Scope = "total" | "audience" | "domain" | "sender-class"
type Counts = LedgerFigures["total"]
type Latency = LedgerFigures["latency"]
type Reached = LedgerFigures["audiences"][number]["reached"]

const nameIn: Record<Scope, string> = { total: "''", audience: "audience", domain: "domain", "sender-class": "sender_class" }

interface CountsRow extends Record<string, unknown> {
  name: string; recipients: number; altered: number; contradicted: number; extraCopies: number; duplicatedUnanswered: number
}

const idsOfForeignMax = 100

/** The figures of a load, from the tables that all batches have filled; examples without their ways. */
export async function figuresOf(database: Database): Promise<LedgerFigures> {
  const { messages } = await database.row<{ messages: number }>("select count(*) as messages from message")
  const [total] = await groupsOf(database, "total")
  const reached = await reachedByAudience(database)
  return {
    messages, total: total!.counts, latency: total!.latency,
    audiences: (await groupsOf(database, "audience")).map((group) => ({ ...group, ...reached.get(group.name)! })),
    domains: await groupsOf(database, "domain"), senderClasses: await groupsOf(database, "sender-class"),
    foreign: await foreignMail(database), examples: await examplesOf(database),
  }
}

async function groupsOf(database: Database, scope: Scope): Promise<{ name: string; counts: Counts; latency: Latency }[]> {
  const name = nameIn[scope]
  const rows = await database.rows<CountsRow>(`
    select ${name} as name, coalesce(sum(recipients), 0)::bigint as recipients,
      ${fates.map((fate) => `coalesce(sum(recipients) filter (fate = '${fate}'), 0)::bigint as "${fate}"`).join(", ")},
      ${["altered", "contradicted", "extra_copies", "duplicated_unanswered"]
        .map((column) => `coalesce(sum(${column}), 0)::bigint as ${column}`).join(", ")}
    from cell join flow using (flow) ${scope === "total" ? "" : "group by all"} order by all`)
  const latencies = await latenciesOf(database, scope)
  return rows.map((row) => ({
    name: row.name,
    counts: {
      recipients: row.recipients,
      fates: Object.fromEntries(fates.map((fate) => [fate, row[fate]])) as Record<Fate, number>,
      marks: Object.fromEntries(marks.map((mark) => [mark, row[mark]])) as Counts["marks"],
      extraCopies: row.extraCopies, duplicatedUnanswered: row.duplicatedUnanswered,
    },
    latency: latencies.get(row.name) ?? null,
  }))
}

/** The value of share p is the first step at which at least that share of the samples is reached. */
async function latenciesOf(database: Database, scope: Scope): Promise<Map<string, NonNullable<Latency>>> {
  const at = (share: number, column: string) =>
    `least(min(step_us) filter (up_to >= ceil(${share} * in_all)), max(max_us))::bigint as ${column}`
  const rows = await database.rows<{ name: string } & NonNullable<Latency>>(`
    with step as (
      select ${nameIn[scope]} as name, step_us, sum(recipients) as samples, min(min_us) as min_us, max(max_us) as max_us
      from cell join flow using (flow) where expected and step_us is not null group by all),
    ranked as (
      select *, sum(samples) over (partition by name order by step_us) as up_to, sum(samples) over (partition by name) as in_all
      from step)
    select name, sum(samples)::bigint as samples, min(min_us) as min_us, ${at(0.5, "p50_us")}, ${at(0.9, "p90_us")},
      ${at(0.99, "p99_us")}, ${at(0.999, "p999_us")}, max(max_us) as max_us
    from ranked group by name`)
  return new Map(rows.map(({ name, ...latency }) => [name, latency]))
}

async function reachedByAudience(database: Database): Promise<Map<string, { messages: number; reached: Reached }>> {
  const rows = await database.rows<{ audience: string; percent: 50 | 90 | 99 | 100; messages: number; never: number;
    medianUs: number | null; maxUs: number | null }>(`
    with share as (
      select audience, expected, unnest([50, 90, 99, 100]) as percent,
        unnest([reached_50_us, reached_90_us, reached_99_us, reached_100_us]) as reached_us
      from outcome join message using (n))
    select audience, percent, count(*) as messages, count_if(expected > 0 and reached_us is null) as never,
      quantile_disc(reached_us, 0.5) as median_us, max(reached_us) as max_us
    from share group by all order by all`)
  const byAudience = Map.groupBy(rows, ({ audience }) => audience)
  return new Map([...byAudience].map(([audience, shares]) =>
    [audience, { messages: shares[0]!.messages, reached: shares.map(({ audience: _, ...share }) => share) }]))
}

async function foreignMail(database: Database): Promise<LedgerFigures["foreign"]> {
  const { acceptances } = await database.row<{ acceptances: number }>(
    "select coalesce(sum(copies), 0)::bigint as acceptances from arrived anti join message using (id)")
  const rows = await database.rows<{ id: string | null }>(
    `select id from arrived anti join message using (id) order by id nulls first limit ${idsOfForeignMax}`)
  return { acceptances, ids: rows.map(({ id }) => id) }
}

type ExampleRow = Omit<LedgerExample, "transactions" | "path"> & { offence: Offence }

async function examplesOf(database: Database): Promise<LedgerFigures["examples"]> {
  const rows = await database.rows<ExampleRow & Record<string, unknown>>(`
    select offence, id, recipient, fate, altered, stream, audience, sender, copies, first_us, told, bounce
    from example
    qualify row_number() over (partition by offence order by intended_us, id, recipient) <= ${examplesMax}
    order by offence, intended_us, id, recipient`)
  const byOffence = Map.groupBy(rows, ({ offence }) => offence)
  const total = await database.row<Record<Offence, number>>(`
    select ${offences.map((offence) => `coalesce(sum(${offence === "altered" || offence === "contradicted"
      ? offence : `if(fate = '${offence}', recipients, 0)`}), 0)::bigint as ${offence}`).join(", ")}
    from cell`)
  return offences.filter((offence) => total[offence] > 0).map((offence) => ({
    offence, recipients: total[offence],
    first: (byOffence.get(offence) ?? []).map(({ offence: _, ...example }) => ({ ...example, transactions: [], path: [] })),
  }))
}

/** Examples of each offence. */
export const examplesMax = 100
