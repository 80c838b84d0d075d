import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { InputError } from "../../lab/failure.ts"
import { type Database, fileList, literal } from "./database.ts"
import { columnsOf, fileKinds, isUnended, ledgerFile, type FileKind, type LedgerFile } from "./ledger-files.ts"
import type { Gap } from "./ledger-summary.ts"
import type { LoadRecord } from "./load-record.ts"

/** The files of a load that can be read, and what is known to be missing. */
export interface Inventory { files: Readonly<Record<FileKind, readonly string[]>>; gaps: Gap[] }

interface ReadableFile extends LedgerFile { path: string; rows: number }

/**
 * Looks at every file of a load: ended by its writer, footer there, columns as they must be, none missing in a row of
 * parts, and as many rows as the writer itself counted. Rows are counted from the footers; contents are read later.
 */
export async function takeInventory(database: Database, folder: string, record: LoadRecord): Promise<Inventory> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new InputError(`The load's folder cannot be read: ${(cause as Error).message}`, {
      where: folder, remedy: "name the folder that holds record.json and the Parquet files", cause,
    })
  })
  const gaps: Gap[] = names.filter(isUnended).sort().map((name) =>
    ({ what: "its writer has not ended this file", where: name, missing: null }))
  const readable: ReadableFile[] = []
  for (const file of names.sort().flatMap((name) => ledgerFile(name) ?? [])) {
    const path = join(folder, file.name)
    const { rows, wrong } = await lookInto(database, path, file.kind)
    if (wrong === undefined) readable.push({ ...file, path, rows })
    else gaps.push({ what: wrong, where: file.name, missing: null })
  }
  gaps.push(...strangers(readable, record), ...missingParts(readable), ...await miscounts(database, readable, record))
  const paths = (kind: FileKind) => readable.filter((file) => file.kind === kind).map(({ path }) => path)
  const files = Object.fromEntries(fileKinds.map((kind) => [kind, paths(kind)])) as Record<FileKind, string[]>
  if (files.expected.length === 0) gaps.push({ what: "nothing says who must get what", where: "expected-*.parquet", missing: null })
  return { files, gaps }
}

async function lookInto(database: Database, path: string, kind: FileKind): Promise<{ rows: number; wrong?: string }> {
  try {
    const columns = await database.rows<{ columnName: string; columnType: string }>(
      `describe select * from read_parquet(${literal(path)})`)
    const types = new Map(columns.map(({ columnName, columnType }) => [columnName, columnType]))
    const wrong = Object.entries(columnsOf[kind]).filter(([name, type]) => types.get(name) !== type)
      .map(([name, type]) => `${name} is ${types.get(name) ?? "missing"} and must be ${type}`)
    if (wrong.length > 0) return { rows: 0, wrong: `columns: ${wrong.join(", ")}` }
    return await database.row<{ rows: number }>(
      `select num_rows as rows from parquet_file_metadata(${literal(path)})`)
  } catch (error) {
    return { rows: 0, wrong: `it cannot be read: ${firstLine(error)}` }
  }
}

/** The record ends early where a part is missing in the middle; what misses at the end is found by the counts. */
function missingParts(files: readonly ReadableFile[]): Gap[] {
  const byWriter = Map.groupBy(files.filter(({ part }) => part !== null), ({ kind, writer }) => `${kind}-${writer}`)
  return [...byWriter].flatMap(([name, parts]) => {
    const there = new Set(parts.map(({ part }) => part))
    const last = Math.max(...parts.map(({ part }) => part!))
    return Array.from({ length: last }, (_, index) => index + 1).filter((part) => !there.has(part))
      .map((part) => ({ what: "this part is missing", where: `${name}.${part}.parquet`, missing: null }))
  })
}

/** Files that nobody announced may be those of another load. */
function strangers(files: readonly ReadableFile[], { writers }: LoadRecord): Gap[] {
  const announced: Record<FileKind, readonly { writer: string }[] | null> = {
    submissions: writers.submissions, refusals: writers.submissions, acceptances: writers.acceptances,
    bounces: writers.bounces, expected: null,
  }
  return files.filter(({ kind, writer }) => announced[kind]?.every((one) => one.writer !== writer))
    .map(({ name }) => ({ what: "record.json names no such writer", where: name, missing: null }))
}

async function miscounts(database: Database, files: readonly ReadableFile[], { writers }: LoadRecord): Promise<Gap[]> {
  const gaps: Gap[] = []
  const of = (kind: FileKind, writer: string) => files.filter((file) => file.kind === kind && file.writer === writer)
  const rows = (kind: FileKind, writer: string) => of(kind, writer).reduce((sum, file) => sum + file.rows, 0)
  for (const { writer, counted } of writers.submissions) {
    const sent = await recipientsSent(database, of("submissions", writer).map(({ path }) => path))
    gaps.push(
      ...miscount("submissions", writer, "messages", rows("submissions", writer), counted && counted.messages),
      ...miscount("submissions", writer, "accepted recipients", sent.accepted, counted && counted.accepted),
      ...miscount("refusals", writer, "refused recipients", rows("refusals", writer), counted && counted.refused),
      ...miscount("submissions", writer, "refused recipients", sent.refused, rows("refusals", writer)))
  }
  for (const { writer, counted } of writers.acceptances) {
    gaps.push(...miscount("acceptances", writer, "recipients", rows("acceptances", writer), counted && counted.recipients))
  }
  for (const { writer, counted } of writers.bounces) {
    gaps.push(...miscount("bounces", writer, "recipients", rows("bounces", writer), counted && counted.recipients))
  }
  return gaps
}

async function recipientsSent(database: Database, paths: readonly string[]): Promise<{ accepted: number; refused: number }> {
  if (paths.length === 0) return { accepted: 0, refused: 0 }
  return database.row(`
    select coalesce(sum(recipients - refused), 0)::bigint as accepted, coalesce(sum(refused), 0)::bigint as refused
    from read_parquet(${fileList(paths)})`)
}

function miscount(kind: FileKind, writer: string, what: string, there: number, counted: number | null): Gap[] {
  const where = `${kind}-${writer}`
  if (counted === null) return [{ what: `nobody asked the writer for its count of ${what}`, where, missing: null }]
  if (there === counted) return []
  return [{ what: `${counted} ${what} were counted, and ${there} are on record`, where, missing: Math.max(counted - there, 0) }]
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!
}
