import { createHash } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { WorldControl } from "../lab/world-control.ts"
import type { RecordedCopy, RecordingCounters } from "../lab/world/load-recording.ts"
import { MailCatcher } from "../lab/world/mail-catcher.ts"
import { MailRecord } from "../lab/world/mail-record.ts"
import { Database } from "./ledger/database.ts"
import type { LoadRecord } from "./ledger/load-record.ts"
import { reconcile } from "./ledger/reconcile.ts"
import { writeRows } from "./ledger/sample-load.ts"
import { sendStream, type StreamedMessage } from "./mail-stream.ts"

// The academies' server at volume, with a record that the ledger reads: sound, and with the defects that it must name.

const messages = 100
const recipientsPerMessage = 50
const text = "Bonjour.\r\n..a line that was stuffed\r\n"
const content = createHash("sha256").update("Bonjour.\r\n.a line that was stuffed\r\n").digest("hex")
const recipient = (place: number) => `agent${place}@ac-lyon.test`

let folder: string
let catcher: MailCatcher | undefined
let control: WorldControl
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "academies-")) })
afterEach(async () => {
  await catcher?.close()
  catcher = undefined
  await rm(folder, { recursive: true })
})

/** Sends the stream to a server with that record, ends the recording unless told not to, and asks the ledger. */
async function reconciledWith(record: MailRecord, { end = true } = {}) {
  catcher = new MailCatcher({
    node: "academies",
    listeners: [{ address: "127.0.0.1", port: 0, hostname: "mx.ac-lyon.test", domain: "ac-lyon.test", anyDomain: false }],
  }, { record })
  const controlPort = await catcher.listen("127.0.0.1", 0)
  control = new WorldControl({ host: "127.0.0.1", port: controlPort }, "academies")
  await control.json("POST", "/recording", { writer: "academies", run: "s1" })
  const sent = await sendStream({
    host: "127.0.0.1", port: catcher.listeners[0]!.port, run: "s1", stream: "notes", messages, recipientsPerMessage,
    connections: 4, rate: null, recipient, text,
  })
  const counters = await control.json<RecordingCounters>(end ? "DELETE" : "GET", "/recording")
  await writeLoad(sent, counters)
  return { ...await reconcile({ folder: join(folder, "load"), memoryMb: 200, threads: 1 }), counters }
}

async function writeLoad(sent: readonly StreamedMessage[], counters: RecordingCounters): Promise<void> {
  const to = join(folder, "load")
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(to, "temporary") })
  await writeRows(database, "submissions", sent.map((one) => ({
    id: one.id, stream: "notes", sender: "stream@education.test", target: "direct", content, recipient_first: one.recipientFirst,
    recipients: recipientsPerMessage, refused: 0, intended_us: one.intendedUs, started_us: one.startedUs, answered_us: one.answeredUs,
  })), join(to, "submissions-1.parquet"))
  await writeRows(database, "refusals", [], join(to, "refusals-1.parquet"))
  await writeRows(database, "expected", Array.from({ length: messages * recipientsPerMessage }, (_, place) =>
    ({ audience: "notes", place, recipient: recipient(place), since_us: 0, until_us: 2 ** 53 - 1 })), join(to, "expected-1.parquet"))
  const look = { node: "postfix", stage: "queue", left: 0, startedUs: Date.now() * 1_000 + 1_000_000, endedUs: Date.now() * 1_000 + 1_000_001 }
  const record: LoadRecord = {
    schema: "recette.load-record/v1", profile: "sample", run: "s1", streams: [{ name: "notes", senderClass: "institution" }],
    writers: {
      submissions: [{ writer: "1", counted: { messages, accepted: messages * recipientsPerMessage, refused: 0 } }],
      acceptances: [{ writer: "academies", counted: { recipients: counters.recipients } }], bounces: [],
    },
    drain: {
      nodes: ["postfix"], order: [{ node: "postfix", stage: "queue" }],
      looks: [look, { ...look, startedUs: look.endedUs, endedUs: look.endedUs + 1 }],
    },
  }
  await writeFile(join(to, "record.json"), JSON.stringify(record))
}

test("every acceptance is recorded, once, as it was sent", async () => {
  const { figures, gaps, counters } = await reconciledWith(new MailRecord(folder))

  expect(gaps).toEqual([])
  expect(counters).toMatchObject({ recipients: 5_000, messages: 100, files: ["acceptances-academies.1.parquet"], ended: true })
  expect(figures!.total).toMatchObject({ recipients: 5_000, fates: { "delivered-once": 5_000 }, marks: { altered: 0 } })
})

/** A server whose record has a defect at every hundredth copy. */
class DefectiveRecord extends MailRecord {
  private readonly defect: (copy: RecordedCopy, record: (copy: RecordedCopy) => void) => void
  private copies = 0
  constructor(defect: (copy: RecordedCopy, record: (copy: RecordedCopy) => void) => void) {
    super(folder)
    this.defect = defect
  }
  override recorded(copy: RecordedCopy): "of the load" | "of others" {
    this.copies += 1
    const record = (one: RecordedCopy) => { super.recorded(one) }
    if (this.copies % 100 === 0) this.defect(copy, record)
    else record(copy)
    return "of the load"
  }
}

test("a server that drops acknowledged messages is caught with the exact number", async () => {
  const { figures } = await reconciledWith(new DefectiveRecord(() => undefined))

  expect(figures!.total.fates).toMatchObject({ "delivered-once": 4_950, lost: 50 })
  expect(figures!.examples.map(({ offence, first }) => [offence, first.length])).toEqual([["lost", 50]])
})

test("a server that records messages twice is caught with the exact number", async () => {
  const { figures } = await reconciledWith(new DefectiveRecord((copy, record) => {
    record(copy)
    record(copy)
  }))

  expect(figures!.total).toMatchObject({ fates: { "delivered-once": 4_950, duplicated: 50 }, extraCopies: 50 })
})

test("a server that alters a message is caught, and the altered message can be read", async () => {
  const { figures } = await reconciledWith(new DefectiveRecord((copy, record) =>
    record({ ...copy, raw: Buffer.from(copy.raw.toString("latin1").replace("Bonjour", "Bonsoir"), "latin1") })))

  expect(figures!.total.marks.altered).toBe(50)
  const [transaction] = figures!.examples.find(({ offence }) => offence === "altered")!.first[0]!.transactions
  expect(catcher!.record.message(transaction!)?.toString("latin1")).toContain("Bonsoir")
})

test("a record that ends early concludes nothing, with the number of rows that are missing", async () => {
  const { conclusion, gaps } = await reconciledWith(new MailRecord(folder), { end: false })

  expect(conclusion).toBe("inconclusive")
  expect(gaps.map(({ what, missing }) => [what, missing])).toEqual([
    ["its writer has not ended this file", null], ["5000 recipients were counted, and 0 are on record", 5_000],
  ])
})

test("a load's mail is in its files alone, and a writer has one recording", async () => {
  await reconciledWith(new MailRecord(folder))

  expect(catcher!.record.acceptedMessages).toBe(0)
  const [name, copy] = ["acceptances-academies.1.parquet", join(folder, "copy.parquet")]
  await control.download(`/recording/${name}`, copy)
  expect(await readFile(copy)).toEqual(await readFile(join(folder, "load", name)))
  await expect(control.download("/recording/other.parquet", copy)).rejects.toThrow("404")
  expect(() => catcher!.record.startRecording({ writer: "academies", run: "s1" })).toThrow("there is a recording of writer academies already")
  expect(catcher!.record.startRecording({ writer: "again", run: "s2" })).toMatchObject({ recipients: 0, ended: false })
  expect(() => catcher!.record.startRecording({ writer: "third", run: "s3" })).toThrow("a load is recorded already")
})
