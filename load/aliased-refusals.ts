import { readdir, rename } from "node:fs/promises"
import { join } from "node:path"
import { literal, type Database } from "./ledger/database.ts"
import type { PreparedStream } from "./prepare.ts"

/**
 * Has the refusals of a load name those whom an alias leads to, for whom the ledger waits: k6 names the alias that was refused,
 * and its person would count as lost, although the sender was told.
 */
export async function nameThoseBehindAliases(
  database: Database, { folder, prepared }: { folder: string; prepared: readonly Pick<PreparedStream, "recipients" | "aliases">[] },
): Promise<void> {
  const pairs = prepared.flatMap(({ recipients, aliases = [] }) => aliases.map((alias, place) => `(${literal(alias)}, ${literal(recipients[place]!)})`))
  if (pairs.length === 0) return
  for (const name of (await readdir(folder)).filter((one) => /^refusals-.*\.parquet$/.test(one))) {
    const path = join(folder, name)
    await database.run(`copy (
        select id, coalesce(target, recipient) as recipient, class, text
        from read_parquet(${literal(path)}) left join (values ${pairs.join(", ")}) as led(alias, target) on lower(recipient) = lower(alias))
      to ${literal(`${path}.new`)} (format parquet)`)
    await rename(`${path}.new`, path)
  }
}
