import { createHash } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { WorldControl } from "../lab/world-control.ts"
import type { Dishonesty, Planted } from "../lab/world/dishonesty.ts"
import type { RecordingCounters } from "../lab/world/load-recording.ts"
import { MailCatcher } from "../lab/world/mail-catcher.ts"
import { MailRecord } from "../lab/world/mail-record.ts"
import { Database } from "./ledger/database.ts"
import type { LoadRecord } from "./ledger/load-record.ts"
import { reconcile } from "./ledger/reconcile.ts"
import { writeRows } from "./ledger/sample-load.ts"
import { sendStream, submissionRows, type StreamedMessage } from "./mail-stream.ts"

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

interface Given { dishonesty?: Dishonesty; end?: boolean }

/** Sends the stream to a server whose record lies like that, ends the recording unless told not to, and asks the ledger. */
async function reconciledWith({ dishonesty, end = true }: Given = {}) {
  catcher = new MailCatcher({
    node: "academies",
    listeners: [{ address: "127.0.0.1", port: 0, hostname: "mx.ac-lyon.test", domain: "ac-lyon.test", anyDomain: false }],
  }, { record: new MailRecord(folder) })
  const controlPort = await catcher.listen("127.0.0.1", 0)
  control = new WorldControl({ host: "127.0.0.1", port: controlPort }, "academies")
  await control.json("POST", "/recording", { writer: "academies", run: "s1" })
  if (dishonesty) await control.json("PUT", "/dishonesty", dishonesty)
  const sent = await sendStream({
    host: "127.0.0.1", port: catcher.listeners[0]!.port, run: "s1", stream: "notes", messages, recipientsPerMessage,
    connections: 4, rate: null, recipient, text,
  })
  const counters = await control.json<RecordingCounters>(end ? "DELETE" : "GET", "/recording")
  const planted = dishonesty && await control.json<Planted>("DELETE", "/dishonesty")
  await writeLoad(sent, counters)
  return { ...await reconcile({ folder: join(folder, "load"), memoryMb: 200, threads: 1 }), counters, planted }
}

async function writeLoad(sent: readonly StreamedMessage[], counters: RecordingCounters): Promise<void> {
  const to = join(folder, "load")
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(to, "temporary") })
  await writeRows(database, "submissions", submissionRows(sent, { content, recipients: recipientsPerMessage }), join(to, "submissions-1.parquet"))
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
  const { figures, gaps, counters } = await reconciledWith()

  expect(gaps).toEqual([])
  expect(counters).toMatchObject({ recipients: 5_000, messages: 100, files: ["acceptances-academies.1.parquet"], ended: true })
  expect(figures!.total).toMatchObject({ recipients: 5_000, fates: { "delivered-once": 5_000 }, marks: { altered: 0 } })
})

test("a server that drops acknowledged messages is caught with the exact number", async () => {
  const { figures, planted } = await reconciledWith({ dishonesty: { dropsEvery: 100 } })

  expect(planted).toMatchObject({ dropped: 50 })
  expect(figures!.total.fates).toMatchObject({ "delivered-once": 4_950, lost: 50 })
  expect(figures!.examples.map(({ offence, first }) => [offence, first.length])).toEqual([["lost", 50]])
})

test("a server that records messages twice is caught with the exact number", async () => {
  const { figures, planted } = await reconciledWith({ dishonesty: { repeatsEvery: 100 } })

  expect(planted).toMatchObject({ repeated: 50 })
  expect(figures!.total).toMatchObject({ fates: { "delivered-once": 4_950, duplicated: 50 }, extraCopies: 50 })
})

test("a server that alters a message is caught, and the altered message can be read", async () => {
  const { figures, planted } = await reconciledWith({ dishonesty: { altersEvery: 100 } })

  expect(planted).toMatchObject({ altered: 50 })
  expect(figures!.total.marks.altered).toBe(50)
  const [transaction] = figures!.examples.find(({ offence }) => offence === "altered")!.first[0]!.transactions
  expect(catcher!.record.message(transaction!)?.toString("latin1")).toContain("\r\nxBonjour")
})

test("a server that records a message for somebody else as well is caught with the exact number", async () => {
  const { figures, planted } = await reconciledWith({ dishonesty: { straysEvery: 25 } })

  expect(planted).toMatchObject({ strayed: 4 })
  expect(figures!.total.fates).toMatchObject({ "delivered-once": 5_000, unexpected: 4 })
})

test("a server that stops writing concludes nothing, with the number of rows that are missing", async () => {
  const { conclusion, gaps, planted } = await reconciledWith({ dishonesty: { endsAfter: 90 } })

  expect(planted).toMatchObject({ unwritten: 500 })
  expect(conclusion).toBe("inconclusive")
  expect(gaps.map(({ what, missing }) => [what, missing])).toEqual([["5000 recipients were counted, and 4500 are on record", 500]])
})

test("a lie that is none is refused", async () => {
  await reconciledWith()

  await expect(control.json("PUT", "/dishonesty", { drops: 1 })).rejects.toThrow("no dishonesty drops; use dropsEvery")
  await expect(control.json("PUT", "/dishonesty", { dropsEvery: 0 })).rejects.toThrow("dropsEvery is 1 to 1000000 copies")
  await expect(control.json("DELETE", "/dishonesty")).rejects.toThrow("404")
})

test("a record that ends early concludes nothing, with the number of rows that are missing", async () => {
  const { conclusion, gaps } = await reconciledWith({ end: false })

  expect(conclusion).toBe("inconclusive")
  expect(gaps.map(({ what, missing }) => [what, missing])).toEqual([
    ["its writer has not ended this file", null], ["5000 recipients were counted, and 0 are on record", 5_000],
  ])
})

test("a load's mail is in its files alone, and a writer has one recording", async () => {
  await reconciledWith()

  expect(catcher!.record.acceptedMessages).toBe(0)
  const [name, copy] = ["acceptances-academies.1.parquet", join(folder, "copy.parquet")]
  await control.download(`/recording/${name}`, copy)
  expect(await readFile(copy)).toEqual(await readFile(join(folder, "load", name)))
  await expect(control.download("/recording/other.parquet", copy)).rejects.toThrow("404")
  expect(() => catcher!.record.startRecording({ writer: "academies", run: "s1" })).toThrow("there is a recording of writer academies already")
  expect(catcher!.record.startRecording({ writer: "again", run: "s2" })).toMatchObject({ recipients: 0, ended: false })
  expect(() => catcher!.record.startRecording({ writer: "third", run: "s3" })).toThrow("a load is recorded already")
})
