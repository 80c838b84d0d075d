import { mkdtemp, rename, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Database } from "./database.ts"
import { LedgerSummary } from "./ledger-summary.ts"
import { reconcile } from "./reconcile.ts"
import { sampleRecord, sampleRows, writeRows, writeSample } from "./sample-load.ts"

// A load that several generators sent, each its share into a log of its own.

const generators = ["g1", "g2", "g3"]
let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "ledger-")) })
afterEach(() => rm(folder, { recursive: true }))

/** The sample as the generators sent it in turn; `killed` did not get to its end. */
async function sentInTurn(killed?: string): Promise<LedgerSummary> {
  const rows = sampleRows()
  const record = sampleRecord(rows)
  await writeSample(folder, rows)
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
  record.writers.submissions = []
  for (const [index, writer] of generators.entries()) {
    const share = rows.submissions.filter((_, number) => number % generators.length === index)
    const path = join(folder, `submissions-${writer}.parquet`)
    await writeRows(database, "submissions", share, path)
    if (writer === killed) await rename(path, `${path}.part`)
    const accepted = share.reduce((sum, { recipients }) => sum + Number(recipients), 0)
    record.writers.submissions.push({ writer, counted: writer === killed ? null : { messages: share.length, accepted, refused: 0 } })
  }
  await writeFile(join(folder, "record.json"), JSON.stringify(record))
  return LedgerSummary.parse(await reconcile({ folder, memoryMb: 200, threads: 1 }))
}

test("what three generators sent comes to the figures of one", async () => {
  await writeSample(folder, sampleRows())
  const one = LedgerSummary.parse(await reconcile({ folder, memoryMb: 200, threads: 1 }))
  const three = await sentInTurn()
  expect(three.figures).not.toBeNull()
  expect(three.figures).toEqual(one.figures)
})

test("one that was killed leaves no conclusion, and the gaps name its log", async () => {
  const { conclusion, figures, gaps } = await sentInTurn("g2")
  expect([conclusion, figures]).toEqual(["inconclusive", null])
  expect(gaps.map(({ where, what }) => `${where}: ${what}`)).toEqual(expect.arrayContaining([
    "submissions-g2.parquet.part: its writer has not ended this file",
    "submissions-g2: nobody asked the writer for its count of messages",
  ]))
})
