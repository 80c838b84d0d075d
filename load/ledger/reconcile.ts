import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { LabFailure } from "../../lab/failure.ts"
import {
  addExamples, addLatency, addTally, batchChecks, fateTable, offenders, outcomes, type BatchRange, type BatchSources,
} from "./batch-queries.ts"
import { Database, fileList, literal } from "./database.ts"
import { judgeDrain } from "./drain-judgement.ts"
import { examplesMax, figuresOf } from "./figures.ts"
import { firstLine, takeInventory, type Inventory } from "./inventory.ts"
import type { Gap, LedgerSummary } from "./ledger-summary.ts"
import { readLoadRecord } from "./load-record.ts"
import { lastTimes, makePlan, planGaps } from "./plan.ts"
import { withWays } from "./ways.ts"

export interface ReconcileOptions {
  /** Holds record.json and the Parquet files; `reconciled/` is made anew in it. */
  folder: string
  /** `logs/` of the run, for the offenders' ways through the nodes. */
  logsFolder?: string
  /** For DuckDB; the process takes some 250 MB more. Default 600. */
  memoryMb?: number
  /** Default 2. */
  threads?: number
}

interface BatchChecks extends Record<string, unknown> { copies: number; wantedTwice: number; early: number; refusals: number }

/**
 * What became of every recipient of a load: exact counts, latencies, the first offenders with their way through the
 * logs. Refuses to conclude, and says what is missing, where the record is not whole or the platform had not drained.
 * Everything that is worth a look is in `reconciled/*.parquet` afterwards. Throws an InputError for a folder or
 * record.json that cannot be used.
 */
export async function reconcile({ folder, logsFolder, memoryMb = 600, threads = 2 }: ReconcileOptions): Promise<LedgerSummary> {
  const record = await readLoadRecord(join(folder, "record.json"))
  const output = join(folder, "reconciled")
  const temporaryFolder = join(folder, "temporary")
  await rm(output, { recursive: true, force: true })
  await mkdir(output)
  using database = await Database.open({ memoryMb, threads, temporaryFolder })
  try {
    const inventory = await takeInventory(database, folder, record)
    if (inventory.gaps.length > 0) return inconclusive([...inventory.gaps, ...judgeDrain(record.drain, nothing)])
    const batches = await makePlan(database, inventory, record)
    const gaps = [...await planGaps(database, record), ...judgeDrain(record.drain, await lastTimes(database))]
    if (gaps.length > 0) return inconclusive(gaps)
    const odd = await reconcileBatches(database, batches, inventory, output)
    if (odd.length > 0) return inconclusive(odd)
    const figures = await figuresOf(database)
    return { conclusion: "reconciled", gaps: [], figures: await withWays(database, figures, inventory, logsFolder) }
  } catch (error) {
    // A page in the middle of a file that cannot be read: the footer does not tell.
    if (!isUnreadable(error)) throw error
    return inconclusive([{ what: `a file cannot be read to its end: ${firstLine(error)}`, where: folder, missing: null }])
  } finally {
    await rm(temporaryFolder, { recursive: true, force: true })
  }
}

const nothing = { lastAnsweredUs: null, lastReceivedUs: null }

function inconclusive(gaps: Gap[]): LedgerSummary {
  return { conclusion: "inconclusive", gaps, figures: null }
}

/** DuckDB's errors for a file, or its temporary folder, that it cannot read; defects of a query are of other kinds. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && /^((Invalid|IO|Invalid Input) Error|TProtocolException)/.test(error.message)
}

/** Reconciles one batch after another; returns what in the files cannot be true. */
async function reconcileBatches(
  database: Database, batches: readonly BatchRange[], { files }: Inventory, output: string,
): Promise<Gap[]> {
  const sources: BatchSources = { acceptances: fileList(files.acceptances), expected: fileList(files.expected) }
  const sum: BatchChecks = { copies: 0, wantedTwice: 0, early: 0, refusals: 0 }
  for (const range of batches) {
    await database.run(fateTable({ ...range, firstId: literal(range.firstId), lastId: literal(range.lastId) }, sources))
    await database.run(addTally)
    await database.run(addLatency)
    await database.run(`insert into outcome ${outcomes(range.batch)}`)
    await database.run(addExamples(examplesMax))
    await writeOffenders(database, range.batch, output)
    const checks = await database.row<BatchChecks>(batchChecks)
    for (const name of ["copies", "wantedTwice", "early", "refusals"] as const) sum[name] += checks[name]
  }
  await writeOutcomes(database, output)
  const { arrived } = await database.row<{ arrived: number }>(
    "select coalesce(sum(copies), 0)::bigint as arrived from arrived semi join message using (id)")
  if (arrived !== sum.copies) {
    throw new LabFailure(`The ledger lost count: ${arrived} copies are on record, and ${sum.copies} were reconciled`, {
      where: output, remedy: "this is a defect of the ledger (load/ledger/); keep the folder and report it",
    })
  }
  return [...oddities(sum), ...await strayRecipients(database, sum)]
}

function oddities({ wantedTwice, early }: BatchChecks): Gap[] {
  return [
    ...wantedTwice > 0 ? [{
      what: `${wantedTwice} recipients are expected more than once for one message`, where: "expected-*.parquet", missing: null,
    }] : [],
    ...early > 0 ? [{
      what: `${early} recipients had a message before it was sent: the clocks of writers differ`,
      where: "submissions-*.parquet, acceptances-*.parquet", missing: null,
    }] : [],
  ]
}

/** What the send log says of recipients must be what the expectations say. */
async function strayRecipients(database: Database, { refusals }: BatchChecks): Promise<Gap[]> {
  const { messages, refused } = await database.row<{ messages: number; refused: number }>(`select
    (select count(*) from outcome join message using (n) where direct and expected <> recipients) as messages,
    (select count(*) from refused) as refused`)
  const gap = (what: string): Gap => ({ what, where: "expected-*.parquet", missing: null })
  return [
    ...messages > 0 ? [gap(`${messages} messages went to places of their stream's recipients that the expectations do not have`)] : [],
    ...refused !== refusals ? [gap(`${refused - refusals} refusals are of recipients to whom the message did not go`)] : [],
  ]
}

async function writeOffenders(database: Database, batch: number, output: string): Promise<void> {
  const { some } = await database.row<{ some: boolean }>(`select exists (${offenders}) as some`)
  if (!some) return
  const path = join(output, `offenders-${batch + 1}.parquet`)
  await database.run(`copy (${offenders}) to ${literal(path)} (format parquet)`)
}

async function writeOutcomes(database: Database, output: string): Promise<void> {
  const files = {
    messages: `select id, stream, sender, sender_class, audience, intended_us, started_us, answered_us, outcome.* exclude (n)
      from outcome join message using (n) order by id`,
    latencies: "select scope, name, step_us, sum(samples)::bigint as samples from latency group by all order by all",
    recipients: "select * from tally order by all",
  }
  for (const [name, query] of Object.entries(files)) {
    await database.run(`copy (${query}) to ${literal(join(output, `${name}.parquet`))} (format parquet)`)
  }
}
