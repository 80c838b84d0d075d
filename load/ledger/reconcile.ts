import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { LabFailure } from "../../lab/failure.ts"
import {
  addCells, addExamples, fateTable, offenderTable, outcomes, type BatchRange, type BatchSources,
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
  /** For DuckDB; the process takes some 400 MB more. Default 500. */
  memoryMb?: number
  /** Default 2. */
  threads?: number
}

interface Checks extends Record<string, unknown> {
  arrived: number; copies: number; wantedTwice: number; early: number; refusals: number
}

/**
 * What became of every recipient of a load: exact counts, latencies, the first offenders with their way through the
 * logs. Refuses to conclude, and says what is missing, where the record is not whole or the platform had not drained.
 * Everything that is worth a look is in `reconciled/*.parquet` afterwards. Throws an InputError for a folder or
 * record.json that cannot be used.
 */
export async function reconcile({ folder, logsFolder, memoryMb = 500, threads = 2 }: ReconcileOptions): Promise<LedgerSummary> {
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
  for (const range of batches) {
    await database.run(fateTable({ ...range, firstId: literal(range.firstId), lastId: literal(range.lastId) }, sources))
    await database.run(addCells)
    await database.run(`insert into outcome ${outcomes(range.batch)}`)
    await database.run(offenderTable)
    await database.run(addExamples(examplesMax))
    await writeOffenders(database, range.batch, output)
  }
  await writeOutcomes(database, output)
  const checks = await database.row<Checks>(`select
    (select coalesce(sum(copies), 0)::bigint from arrived semi join message using (id)) as arrived,
    coalesce(sum(copies), 0)::bigint as copies, coalesce(sum(wanted_twice), 0)::bigint as wanted_twice,
    coalesce(sum(early), 0)::bigint as early, coalesce(sum(refusals) filter (direct), 0)::bigint as refusals
    from outcome join message using (n)`)
  if (checks.arrived !== checks.copies) {
    throw new LabFailure(`The ledger lost count: ${checks.arrived} copies are on record, and ${checks.copies} were reconciled`, {
      where: output, remedy: "this is a defect of the ledger (load/ledger/); keep the folder and report it",
    })
  }
  return [...oddities(checks), ...await strayRecipients(database, checks)]
}

function oddities({ wantedTwice, early }: Checks): Gap[] {
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
async function strayRecipients(database: Database, { refusals }: Checks): Promise<Gap[]> {
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
  const { some } = await database.row<{ some: boolean }>("select exists (from offender) as some")
  if (!some) return
  const path = join(output, `offenders-${batch + 1}.parquet`)
  await database.run(`copy offender to ${literal(path)} (format parquet)`)
}

async function writeOutcomes(database: Database, output: string): Promise<void> {
  const files = {
    messages: `select id, stream, sender, sender_class, audience, intended_us, started_us, answered_us,
      outcome.* exclude (n, copies, wanted_twice, early, refusals) from outcome join message using (n) order by id`,
    recipients: `select audience, sender_class, cell.* exclude (flow) from cell join flow using (flow)`,
  }
  for (const [name, query] of Object.entries(files)) {
    await database.run(`copy (${query}) to ${literal(join(output, `${name}.parquet`))} (format parquet)`)
  }
}
