import { copyFile, mkdtemp, open, readFile, rename, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { Database } from "./database.ts"
import { LedgerSummary } from "./ledger-summary.ts"
import type { LoadRecord } from "./load-record.ts"
import { reconcile } from "./reconcile.ts"
import { acceptance, directId, list, listId, members, refusal, sampleRecord, sampleRows, writeRows, writeSample, type SampleRows } from "./sample-load.ts"

// Where a record is not whole, the ledger says what is missing and concludes nothing.

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "ledger-")) })
afterEach(() => rm(folder, { recursive: true }))

interface Fault {
  rows?: (rows: SampleRows) => void
  record?: (record: LoadRecord) => void
  files?: () => Promise<unknown>
}

/** The gaps of the sample with one fault, each as `where: what (missing)`. */
async function gapsWith({ rows: plant, record: change, files }: Fault): Promise<string[]> {
  const rows = sampleRows()
  plant?.(rows)
  const record = sampleRecord(rows)
  change?.(record)
  await writeSample(folder, rows, record)
  await files?.()
  const summary = LedgerSummary.parse(await reconcile({ folder, memoryMb: 200, threads: 1 }))
  expect(summary.conclusion).toBe("inconclusive")
  expect(summary.figures).toBeNull()
  return summary.gaps.map(({ where, what, missing }) => `${where}: ${what}${missing === null ? "" : ` (${missing} missing)`}`)
}

const acceptances = () => join(folder, "acceptances-academies.parquet")

test("a record that ends early is told by its writer's count, exactly", async () => {
  expect(await gapsWith({ record: ({ writers }) => { writers.acceptances[0]!.counted!.recipients = 77 } }))
    .toEqual(["acceptances-academies: 77 recipients were counted, and 70 are on record (7 missing)"])
})

test("a file that its writer has not ended", async () => {
  expect(await gapsWith({ files: () => rename(acceptances(), `${acceptances()}.part`) })).toEqual([
    "acceptances-academies.parquet.part: its writer has not ended this file",
    "acceptances-academies: 70 recipients were counted, and 0 are on record (70 missing)",
  ])
})

test("a file without its footer", async () => {
  const gaps = await gapsWith({ files: async () => truncate(acceptances(), (await readFile(acceptances())).length - 20) })
  expect(gaps[0]).toMatch(/^acceptances-academies\.parquet: it cannot be read: .*No magic bytes/)
  expect(gaps[1]).toBe("acceptances-academies: 70 recipients were counted, and 0 are on record (70 missing)")
})

test("a file with a damaged page in its middle", async () => {
  const gaps = await gapsWith({ files: async () => {
    await using file = await open(acceptances(), "r+")
    await file.write(Buffer.alloc(400, 0xff), 0, 400, 4)
  } })
  expect(gaps).toHaveLength(1)
  expect(gaps[0]).toContain("cannot be read to its end")
})

test("a part that is missing between two others", async () => {
  const gaps = await gapsWith({ files: async () => {
    await rename(acceptances(), join(folder, "acceptances-academies.1.parquet"))
    using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
    await writeRows(database, "acceptances", [], join(folder, "acceptances-academies.3.parquet"))
  } })
  expect(gaps).toEqual(["acceptances-academies.2.parquet: this part is missing"])
})

test("a column that is missing or of another type", async () => {
  const gaps = await gapsWith({ files: async () => {
    using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
    await database.run(`copy (select * exclude (content) replace (received_us::varchar as received_us)
      from read_parquet('${acceptances()}')) to '${acceptances()}.new' (format parquet)`)
    await rename(`${acceptances()}.new`, acceptances())
  } })
  expect(gaps[0]).toBe(
    "acceptances-academies.parquet: columns: received_us is VARCHAR and must be BIGINT, content is missing and must be VARCHAR")
})

test("a file of a writer that nobody announced", async () => {
  expect(await gapsWith({ files: () => copyFile(acceptances(), join(folder, "acceptances-other.parquet")) }))
    .toEqual(["acceptances-other.parquet: record.json names no such writer"])
})

test("a writer that nobody asked for its count", async () => {
  expect(await gapsWith({ record: ({ writers }) => { writers.submissions[0]!.counted = null } })).toContain(
    "submissions-g1: nobody asked the writer for its count of messages")
})

test("a message that arrived and that the send log does not know", async () => {
  expect(await gapsWith({ rows: ({ acceptances }) => acceptances.push(acceptance(listId(9), members[0]!), acceptance(listId(9), members[1]!)) }))
    .toEqual(["submissions-*.parquet: 2 copies arrived of 1 messages of run s1 that the send log does not know (1 missing)"])
})

test("no message at all", async () => {
  expect(await gapsWith({ rows: (rows) => { rows.submissions = []; rows.acceptances = [] } })).toContain(
    "submissions-*.parquet: no message was sent")
})

test("expectations that are missing, double or of other people", async () => {
  expect(await gapsWith({ rows: (rows) => { rows.expected = rows.expected.filter(({ audience }) => audience !== list) } }))
    .toEqual([`expected-*.parquet: nothing says who must get mail for the list ${list}`])
  expect(await gapsWith({ rows: (rows) => { rows.expected.push({ ...rows.expected[0]!, place: 20 }) } }))
    .toEqual(["expected-*.parquet: 3 recipients are expected more than once for one message"])
  expect(await gapsWith({ rows: (rows) => { rows.expected = rows.expected.filter(({ audience, place }) => audience === list || place !== 2) } }))
    .toContain("expected-*.parquet: 2 messages went to places of their stream's recipients that the expectations do not have")
})

test("refusals that fit nothing that was sent", async () => {
  expect(await gapsWith({ rows: (rows) => {
    rows.refusals.push(refusal(directId(0), "nobody@ac-lille.test"))
    rows.submissions.find(({ id }) => id === directId(0))!.refused = 1
  } })).toEqual(["expected-*.parquet: 1 refusals are of recipients to whom the message did not go"])
  expect(await gapsWith({ rows: (rows) => { rows.refusals.push(refusal(directId(0), "agent0@ac-lille.test")) } }))
    .toEqual(["submissions-g1: 1 refused recipients were counted, and 0 are on record (1 missing)"])
})

test("a stream without a sender class, and an id that stands twice", async () => {
  expect(await gapsWith({ record: ({ streams }) => { streams.pop() } }))
    .toEqual(["record.json, streams: stream notes is in the send log and has no sender class"])
  expect(await gapsWith({ rows: (rows) => { rows.submissions.push(rows.submissions[0]!) } }))
    .toContain("submissions-*.parquet: 1 ids stand in more than one row")
})

test("clocks that differ", async () => {
  expect(await gapsWith({ rows: ({ acceptances }) => { acceptances[0]!.received_us = Number(acceptances[0]!.received_us) - 3_600_000_000 } }))
    .toEqual(["submissions-*.parquet, acceptances-*.parquet: 1 recipients had a message before it was sent: the clocks of writers differ"])
})

test("a platform that nobody saw empty", async () => {
  expect(await gapsWith({ record: (record) => { record.drain = null } }))
    .toEqual(["record.json, drain: nobody waited for the platform to drain"])
})

test("a record that is no record", async () => {
  await writeFile(join(folder, "record.json"), JSON.stringify({ schema: "recette.load-record/v1", run: "" }))
  await expect(reconcile({ folder })).rejects.toThrow(/record\.json cannot be used: .*profile/s)
})
