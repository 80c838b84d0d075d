import { type Database, fileList } from "./database.ts"
import type { Inventory } from "./inventory.ts"
import { messageKeys, openLogs, recipientLines } from "./log-lines.ts"
import type { LedgerExample, LedgerFigures, LogStep } from "./ledger-summary.ts"

// Where an offender's message went: Postfix writes the Message-ID beside a queue id, and the queue id beside each
// recipient; the list engine writes the Message-ID beside its own key. The Message-ID begins with the ledger's id.

interface StepRow extends Record<string, unknown>, LogStep { id: string; recipient: string }

const stepsMax = 40

/** The figures with transactions and, where logs are given, steps for each example. */
export async function withWays(
  database: Database, figures: LedgerFigures, { files }: Inventory, logsFolder: string | undefined,
): Promise<LedgerFigures> {
  if (figures.examples.length === 0) return figures
  await database.run(`create temp table looked_for as select distinct id, recipient, audience from example`)
  const transactions = await transactionsOf(database, files.acceptances)
  const steps = logsFolder === undefined ? new Map<string, LogStep[]>() : await stepsOf(database, logsFolder)
  const examples = figures.examples.map(({ first, ...rest }) => ({
    ...rest,
    first: first.map((example) => ({
      ...example, transactions: transactions.get(keyOf(example)) ?? [], path: steps.get(keyOf(example)) ?? [],
    })),
  }))
  return { ...figures, examples }
}

function keyOf({ id, recipient }: Pick<LedgerExample, "id" | "recipient">): string {
  return `${id} ${recipient}`
}

async function transactionsOf(database: Database, acceptances: readonly string[]): Promise<Map<string, string[]>> {
  if (acceptances.length === 0) return new Map()
  const rows = await database.rows<{ id: string; recipient: string; transactions: string[] }>(`
    select id, recipient, list(transaction order by received_us) as transactions
    from read_parquet(${fileList(acceptances)}) semi join looked_for using (id, recipient) group by all`)
  return new Map(rows.map((row) => [keyOf(row), row.transactions]))
}

async function stepsOf(database: Database, logsFolder: string): Promise<Map<string, LogStep[]>> {
  if (!await openLogs(database, logsFolder)) return new Map()
  await database.run(`create temp table log_key as ${messageKeys("id in (select id from looked_for)")}`)
  const rows = await database.rows<StepRow>(`
    with delivery as (${recipientLines}),
    step as (
      select looked_for.id, looked_for.recipient, node, key, delivery.line
      from delivery join log_key using (node) join looked_for using (id)
      where key = said.key and lower(said.recipient) in (looked_for.recipient, looked_for.audience)
      union
      select looked_for.id, looked_for.recipient, node, key, line from log_key join looked_for using (id) where of_list_engine)
    select * from step order by id, recipient, substr(line, 1, 15), node, key, line`)
  const byExample = Map.groupBy(rows, keyOf)
  return new Map([...byExample].map(([name, steps]) =>
    [name, steps.slice(0, stepsMax).map(({ node, key, line }) => ({ node: node, key, line }))]))
}
