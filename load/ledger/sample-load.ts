import { rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Database, literal } from "./database.ts"
import { columnsOf, fileKinds, type FileKind } from "./ledger-files.ts"
import type { LoadRecord } from "./load-record.ts"

// A small load for tests, without a fault until a test plants one: three messages to a list of 20, and five to two
// people each.

export type Row = Record<string, string | number | boolean>
export type SampleRows = Record<FileKind, Row[]>

const startUs = 1_795_536_318_000_000
export const list = "lettre@listes.education.test"
export const content = "ab".repeat(32)
export const members = Array.from({ length: 20 }, (_, place) => `membre${place}@ac-${place % 2 === 0 ? "lyon" : "nice"}.test`)
const people = Array.from({ length: 5 }, (_, place) => `agent${place}@ac-lille.test`)
const always = { since_us: 0, until_us: 2 ** 53 - 1 }

export const listId = (number: number) => `s1.lettre.1.${number}`
export const directId = (number: number) => `s1.notes.2.${number}`
/** The two people who get message `number` of stream `notes`; past the end it goes on from the beginning. */
export const pair = (number: number) => [people[number % 5]!, people[(number + 1) % 5]!]

export function sampleRows(): SampleRows {
  const submission = (id: string, number: number, rest: Row): Row => ({
    id, content, refused: 0, intended_us: startUs + number * 1_000_000, started_us: startUs + number * 1_000_000 + 100,
    answered_us: startUs + number * 1_000_000 + 5_000, ...rest,
  })
  return {
    submissions: [
      ...[0, 1, 2].map((number) => submission(listId(number), number,
        { stream: "lettre", sender: "ministre@education.test", target: list, recipient_first: 0, recipients: 1 })),
      ...[0, 1, 2, 3, 4].map((number) => submission(directId(number), number,
        { stream: "notes", sender: "dsi@education.test", target: "direct", recipient_first: number, recipients: 2 })),
    ],
    refusals: [],
    acceptances: [
      // The member in place p has it p + 1 tenths of a second after it was due.
      ...[0, 1, 2].flatMap((number) => members.map((recipient, place) =>
        acceptance(listId(number), recipient, startUs + number * 1_000_000 + (place + 1) * 100_000))),
      ...[0, 1, 2, 3, 4].flatMap((number) => pair(number).map((recipient) =>
        acceptance(directId(number), recipient, startUs + number * 1_000_000 + 50_000))),
    ],
    expected: [
      ...members.map((recipient, place) => ({ audience: list, place, recipient, ...always })),
      ...people.map((recipient, place) => ({ audience: "notes", place, recipient, ...always })),
    ],
    bounces: [],
  }
}

export function acceptance(id: string, recipient: string, receivedUs = startUs + 4_000_000): Row {
  return { id, recipient, node: "academies", received_us: receivedUs, content, answered: true, transaction: `academies-${id}-${recipient}` }
}

export function refusal(id: string, recipient: string, rest: Row = {}): Row {
  return { id, recipient, class: "permanent", text: "No such user here", ...rest }
}

/** The record that goes with these rows: every writer counted what it wrote, and the platform was empty. */
export function sampleRecord(rows: SampleRows): LoadRecord {
  const sum = (column: string) => rows.submissions.reduce((total, row) => total + Number(row[column]), 0)
  const look = (node: string, stage: string, number: number) =>
    ({ node, stage, left: 0, startedUs: startUs + 60_000_000 + number * 1_000, endedUs: startUs + 60_000_500 + number * 1_000 })
  return {
    schema: "recette.load-record/v1", profile: "sample", run: "s1",
    streams: [{ name: "lettre", senderClass: "minister" }, { name: "notes", senderClass: "institution" }],
    writers: {
      submissions: [{ writer: "g1", counted: {
        messages: rows.submissions.length, accepted: sum("recipients") - sum("refused"), refused: rows.refusals.length,
      } }],
      acceptances: [{ writer: "academies", counted: { recipients: rows.acceptances.length } }],
      bounces: rows.bounces.length === 0 ? [] : [{ writer: "logs", counted: { recipients: rows.bounces.length } }],
    },
    drain: {
      nodes: ["postfix", "sympa"],
      order: [{ node: "postfix", stage: "queue" }, { node: "sympa", stage: "queue" }, { node: "sympa", stage: "spools" }],
      looks: [look("postfix", "queue", 0), look("sympa", "queue", 1), look("sympa", "spools", 2), look("postfix", "queue", 3)],
    },
  }
}

const writerOf: Record<FileKind, string> = { submissions: "g1", refusals: "g1", acceptances: "academies", expected: "fixtures", bounces: "logs" }

/** Writes rows and record into `folder`. */
export async function writeSample(folder: string, rows: SampleRows, record: LoadRecord = sampleRecord(rows)): Promise<void> {
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
  for (const kind of fileKinds) {
    if (kind === "bounces" && rows.bounces.length === 0) continue
    await writeRows(database, kind, rows[kind], join(folder, `${kind}-${writerOf[kind]}.parquet`))
  }
  await writeFile(join(folder, "record.json"), JSON.stringify(record))
}

export async function writeRows(database: Database, kind: FileKind, rows: readonly Row[], path: string): Promise<void> {
  const columns = columnsOf[kind]
  const lacking = rows.flatMap((row) => Object.keys(columns).filter((name) => row[name] === undefined))
  if (lacking.length > 0) throw new Error(`a row of ${kind} lacks ${lacking[0]}`)
  await writeFile(`${path}.ndjson`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""))
  const types = Object.entries(columns).map(([name, type]) => `${name}: '${type}'`).join(", ")
  await database.run(`copy (select * from read_json(${literal(`${path}.ndjson`)}, format = 'newline_delimited', columns = {${types}}))
    to ${literal(path)} (format parquet)`)
  await rm(`${path}.ndjson`)
}
