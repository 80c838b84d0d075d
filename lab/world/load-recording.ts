import { createReadStream, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { ColumnarFile, type ColumnShapes } from "./columnar-file.ts"
import { WrongRequest } from "./control.ts"
import { contentOf } from "./load-content.ts"

/** What is asked of `POST /recording`. */
export interface RecordingOrder {
  /** Names the files: `acceptances-<writer>.<part>.parquet`. */
  writer: string
  /** First part of the ids of the load's messages. */
  run: string
}

/** What a server counted by itself, apart from its files. */
export interface RecordingCounters { writer: string; run: string; recipients: number; messages: number; files: string[]; ended: boolean }

/** One copy, as the server that took it knows it. */
export interface RecordedCopy {
  id: string | null; recipients: readonly string[]; node: string; receivedUs: number; raw: Buffer
  answered: boolean; transaction: string
}

/** Columns of `acceptances-….parquet`, the ledger's first (load/ledger/README.md). */
export const acceptanceColumns = {
  id: "word", recipient: "text", node: "word", received_us: "int64", content: "word", answered: "boolean", transaction: "word",
  bytes: "int32",
} as const satisfies ColumnShapes

const partRowsMax = 1_000_000
const keptMessagesMax = 100

/**
 * A load's copies, written to columnar files beside the usual record, so that memory stays flat at any volume: a row group
 * (65 536 recipients) at most stands in it. A file that is not ended keeps the name of a part, and its rows are missing.
 */
export class LoadRecording {
  readonly order: RecordingOrder
  private readonly folder: string
  private file: ColumnarFile | undefined
  private readonly ended: string[] = []
  private recipients = 0
  private messages = 0
  isEnded = false
  /** The first message of each content: one that was altered can be read. */
  readonly kept = new Map<string, Buffer>()
  private readonly contents = new Set<string>()

  /** `folder` must not hold files of that writer. */
  constructor(folder: string, order: RecordingOrder) {
    const { writer, run } = order ?? {}
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(writer ?? "") || !/^[A-Za-z0-9_-]{1,40}$/.test(run ?? "")) {
      throw new WrongRequest("a recording is { writer, run }, each of 1 to 40 letters, digits, - and _")
    }
    mkdirSync(folder, { recursive: true })
    if (readdirSync(folder).some((name) => name.startsWith(`acceptances-${writer}.`))) {
      throw new WrongRequest(`there is a recording of writer ${writer} already; name another one`)
    }
    this.folder = folder
    this.order = order
    this.begin()
  }

  /** Whether a message with this id belongs to the load. */
  isOfLoad(id: string | null): id is string {
    return id !== null && id.startsWith(`${this.order.run}.`)
  }

  /** What was taken after the files had ended is counted all the same: the ledger sees that the record is not whole. */
  add({ id, recipients, node, receivedUs, raw, answered, transaction }: RecordedCopy): void {
    this.recipients += recipients.length
    this.messages += 1
    const file = this.file
    if (!file) return
    const content = contentOf(raw, id ?? "")
    const lowerCase = recipients.map((recipient) => recipient.toLowerCase())
    file.add([id ?? "", lowerCase, node, receivedUs, content, answered, transaction, raw.length], recipients.length)
    this.keep(content, transaction, raw)
    if (file.rows >= partRowsMax) {
      this.endFile(file)
      this.begin()
    }
  }

  counters(): RecordingCounters {
    const { recipients, messages, isEnded, ended: files } = this
    return { ...this.order, recipients, messages, files: [...files], ended: isEnded }
  }

  /** Ends the last file. Copies that come afterwards are not recorded. */
  end(): RecordingCounters {
    this.endFiles()
    this.isEnded = true
    return this.counters()
  }

  /** Ends the last file while copies still come. */
  endFiles(): void {
    if (this.file) this.endFile(this.file)
    this.file = undefined
  }

  open(name: string): Readable | undefined {
    return this.ended.includes(name) ? createReadStream(join(this.folder, name)) : undefined
  }

  private begin(): void {
    this.file = new ColumnarFile(join(this.folder, this.nextName()), acceptanceColumns)
  }
  private endFile(file: ColumnarFile): void {
    const name = this.nextName()
    file.close()
    this.ended.push(name)
  }
  private nextName(): string {
    return `acceptances-${this.order.writer}.${this.ended.length + 1}.parquet`
  }

  private keep(content: string, transaction: string, raw: Buffer): void {
    if (this.kept.size >= keptMessagesMax || this.contents.has(content)) return
    this.contents.add(content)
    this.kept.set(transaction, raw)
  }
}
