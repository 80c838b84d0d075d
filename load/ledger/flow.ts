import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Series, Steps } from "../series.ts"
import { threeDigits } from "./batch-queries.ts"
import { Database, fileList } from "./database.ts"
import { ledgerFile, type FileKind } from "./ledger-files.ts"

/** Recipients whose messages became due and were accepted, and copies that arrived, in each step, by the ledger's files in `folder`. */
export async function flowOf(folder: string, steps: Steps): Promise<Pick<Series, "flow" | "latency">> {
  const names = await readdir(folder)
  const files = (kind: FileKind) => names.filter((name) => ledgerFile(name)?.kind === kind).map((name) => join(folder, name))
  const zeros = () => Array.from({ length: steps.steps }, () => 0)
  const nulls = () => Array.from<number | null>({ length: steps.steps }).fill(null)
  const series = { flow: { due: zeros(), accepted: zeros(), delivered: zeros() }, latency: { p50Ms: nulls(), p90Ms: nulls(), p99Ms: nulls() } }
  if (files("submissions").length === 0 || files("expected").length === 0) return series
  using database = await Database.open({ memoryMb: 300, threads: 1, temporaryFolder: join(folder, "temporary") })
  await database.run(`create temp table message as
    with audience as (select audience, count_if(until_us > since_us) as size from read_parquet(${fileList(files("expected"))}) group by audience)
    select id, intended_us, answered_us, if(target = 'direct', recipients, coalesce(size, 0))::bigint as due,
      if(target = 'direct', recipients - refused, if(refused = 0, coalesce(size, 0), 0))::bigint as accepted
    from read_parquet(${fileList(files("submissions"))}) as submission
    left join audience on audience.audience = if(target = 'direct', stream, lower(target))`)
  for (const [name, column] of [["due", "intended_us"], ["accepted", "answered_us"]] as const) {
    const rows = await database.rows<{ step: number; recipients: number }>(`
      select ${stepIn(column, steps)} as step, sum(${name})::bigint as recipients from message where ${column} is not null group by step`)
    for (const { step, recipients } of rows) series.flow[name][step] = recipients
  }
  if (files("acceptances").length === 0) return series
  for (const { step, copies, ...latency } of await arrivals(database, files("acceptances"), steps)) {
    series.flow.delivered[step] = copies
    for (const [name, us] of Object.entries({ p50Ms: latency.p50Us, p90Ms: latency.p90Us, p99Ms: latency.p99Us })) {
      series.latency[name as keyof typeof series.latency][step] = us / 1_000
    }
  }
  return series
}

/** Copies of each step, and how late they were: rounded up to three digits, so that tens of millions take no more memory than thousands. */
async function arrivals(database: Database, files: readonly string[], steps: Steps) {
  const at = (share: number, column: string) => `min(late_us) filter (up_to >= ceil(${share} * in_all))::bigint as ${column}`
  return await database.rows<{ step: number; copies: number; p50Us: number; p90Us: number; p99Us: number }>(`
    with counted as (
      select ${stepIn("received_us", steps)} as step, ${threeDigits("greatest(received_us - intended_us, 0)")} as late_us, count(*) as copies
      from read_parquet(${fileList(files)}) join message using (id) group by all),
    ranked as (
      select *, sum(copies) over (partition by step order by late_us) as up_to, sum(copies) over (partition by step) as in_all from counted)
    select step, sum(copies)::bigint as copies, ${at(0.5, "p50_us")}, ${at(0.9, "p90_us")}, ${at(0.99, "p99_us")} from ranked group by step`)
}

function stepIn(column: string, { startUs, stepSeconds, steps }: Steps): string {
  return `least(greatest((${column} - ${startUs}) // ${stepSeconds * 1_000_000}, 0), ${steps - 1})::integer`
}
