import { closeSync, openSync, readSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { WrongRequest } from "./control.ts"
import { DishonestRecord, type Planted } from "./dishonesty.ts"
import { LoadRecording, type RecordedCopy, type RecordingCounters, type RecordingOrder } from "./load-recording.ts"

/** What one recipient of one accepted message leaves behind: the ledger's row, and more. */
export interface Acceptance {
  /** `X-Recette-Id`, `null` where the message had none. */
  id: string | null
  messageId: string | null
  /** Envelope recipient in lower case. */
  recipient: string
  recipientAsGiven: string
  /** Envelope sender; empty for the null sender. */
  sender: string
  /** The recipient's domain. */
  domain: string
  /** Node of the lab: `academies` or `internet`. */
  node: string
  /** Host name of the server that took it, for example `mx.ac-lyon.test`. */
  server: string
  /** Microseconds of real time since the epoch. */
  receivedUs: number
  /** Octets of the message, dots unstuffed. */
  bytes: number
  /** Hash of the part that carries the id (message-content.ts). */
  content: string
  /** Reply code of the final dot. */
  code: number
  /** False where the connection was cut before the reply: the client cannot know. */
  answered: boolean
  helo: string
  clientAddress: string
  tls: boolean
  pipelined: boolean
  /** The same for all recipients of one copy. */
  transaction: string
}

/** One accepted copy with all its recipients. */
export interface Transaction extends Omit<Acceptance, "recipient" | "recipientAsGiven" | "domain"> {
  /** As given by the client. */
  recipients: string[]
}

/** Something this server did not take. */
export interface Refusal {
  stage: "connect" | "mail" | "rcpt" | "data"
  /** Lower case; `null` where there is none yet (connect, mail). */
  recipient: string | null
  sender: string | null
  id: string | null
  code: number
  enhanced: string
  text: string
  node: string
  server: string
  refusedUs: number
  helo: string
  clientAddress: string
}

export interface Incomplete { acceptancesDropped: number; refusalsDropped: number; messagesDropped: number }

export interface RecordLimits {
  recipientsMax: number; refusalsMax: number; messagesMax: number; messageBytesMax: number
}

const limitsByDefault: RecordLimits = {
  recipientsMax: 1_000_000, refusalsMax: 200_000, messagesMax: 50_000, messageBytesMax: 256 * 1024 * 1024,
}

/**
 * Everything a node took and refused. Rows go to `<folder>/acceptances.ndjson` before the client gets its 250 (so that
 * they outlive the program, which reads them back when it starts again); memory is bounded, the oldest go first, and
 * `incomplete` says how many.
 */
export class MailRecord {
  readonly incomplete: Incomplete = { acceptancesDropped: 0, refusalsDropped: 0, messagesDropped: 0 }
  acceptedRecipients = 0
  acceptedMessages = 0
  refused = 0
  private readonly limits: RecordLimits
  private readonly file: number | undefined
  private readonly transactions = new Fifo<Transaction>()
  private readonly byId = new Map<string, Transaction[]>()
  private readonly refusals = new Fifo<Refusal>()
  private readonly messages = new Map<string, Buffer>()
  private recipients = 0
  private messageBytes = 0

  private recording: LoadRecording | undefined
  private dishonest: DishonestRecord | undefined
  private readonly folder: string | undefined

  constructor(folder: string | undefined, limits: Partial<RecordLimits> = {}) {
    this.limits = { ...limitsByDefault, ...limits }
    this.folder = folder
    if (folder === undefined) return
    this.file = openSync(`${folder}/acceptances.ndjson`, "a+")
    this.readBack(linesIn(this.file))
  }

  accept(transaction: Transaction, raw: Buffer): void {
    if (this.file !== undefined) writeSync(this.file, linesOf(transaction))
    this.remember(transaction)
    this.keepMessage(transaction.transaction, raw)
  }

  get isRecording(): boolean { return this.recording?.isEnded === false }

  /** Begins to write a load's copies to columnar files, in `load/` below the record's folder. */
  startRecording(order: RecordingOrder): RecordingCounters {
    if (this.isRecording) throw new WrongRequest("a load is recorded already; end it first")
    if (this.folder === undefined) throw new WrongRequest("this record has no folder")
    this.recording = new LoadRecording(join(this.folder, "load"), order)
    return this.recording.counters()
  }
  /** Ends the files; `undefined` where no load was ever recorded. */
  endRecording(): RecordingCounters | undefined { return this.recording?.end() }
  /** One of the files of the recording, once it is ended. */
  recordedFile(name: string): Readable | undefined { return this.recording?.open(name) }
  recordingCounters(): RecordingCounters | undefined { return this.recording?.counters() }

  /** Writes a copy to the load's files. One of the load's own stands there alone, all other mail in memory as well. */
  recorded(copy: RecordedCopy): "of the load" | "of others" {
    const recording = this.recording!
    if (this.dishonest && recording.isOfLoad(copy.id)) this.lie(this.dishonest, recording, copy)
    else recording.add(copy)
    return recording.isOfLoad(copy.id) ? "of the load" : "of others"
  }

  /** From now on the files say of a load something else than what came. For tests (dishonesty.ts). */
  beDishonest(ways: unknown): Planted {
    this.dishonest = new DishonestRecord(ways)
    return this.dishonest.planted
  }
  /** What was planted; `undefined` where the record was honest. */
  beHonest(): Planted | undefined {
    const planted = this.dishonest?.planted
    this.dishonest = undefined
    return planted
  }
  private lie(dishonest: DishonestRecord, recording: LoadRecording, copy: RecordedCopy): void {
    const { recorded, isUnwritten } = dishonest.of(copy)
    if (isUnwritten) recording.endFiles()
    for (const one of recorded) recording.add(one)
  }

  refuse(refusal: Refusal): void {
    this.refused += 1
    this.refusals.push(refusal)
    if (this.refusals.length > this.limits.refusalsMax) {
      this.refusals.shift()
      this.incomplete.refusalsDropped += 1
    }
  }

  /** Copies of the message with that id, or everything in memory, oldest first. */
  accepted(id?: string): Iterable<Transaction> {
    return id === undefined ? this.transactions : this.byId.get(id) ?? []
  }
  refusedOnes(): Iterable<Refusal> { return this.refusals }
  message(transaction: string): Buffer | undefined {
    return this.messages.get(transaction) ?? this.recording?.kept.get(transaction)
  }
  close(): void {
    if (this.file !== undefined) closeSync(this.file)
  }

  private remember(transaction: Transaction): void {
    this.acceptedMessages += 1
    this.acceptedRecipients += transaction.recipients.length
    this.recipients += transaction.recipients.length
    this.transactions.push(transaction)
    const copies = transaction.id === null ? undefined : this.byId.get(transaction.id)
    if (copies) copies.push(transaction)
    else if (transaction.id !== null) this.byId.set(transaction.id, [transaction])
    while (this.recipients > this.limits.recipientsMax && this.transactions.length > 1) this.forgetOldest()
  }

  private forgetOldest(): void {
    const oldest = this.transactions.shift()!
    this.recipients -= oldest.recipients.length
    this.incomplete.acceptancesDropped += oldest.recipients.length
    const copies = oldest.id === null ? undefined : this.byId.get(oldest.id)
    if (copies && copies.length > 1) copies.shift()
    else if (copies) this.byId.delete(oldest.id!)
  }

  private keepMessage(transaction: string, raw: Buffer): void {
    this.messages.set(transaction, raw)
    this.messageBytes += raw.length
    for (const [oldest, message] of this.messages) {
      if (this.messages.size <= this.limits.messagesMax && this.messageBytes <= this.limits.messageBytesMax) return
      this.messages.delete(oldest)
      this.messageBytes -= message.length
      this.incomplete.messagesDropped += 1
    }
  }

  /** After a restart the acceptances are known again; the raw messages are not. */
  private readBack(lines: Iterable<string>): void {
    let last: Transaction | undefined
    for (const line of lines) {
      const { recipient: _, recipientAsGiven, domain: __, ...shared } = JSON.parse(line) as Acceptance
      if (last?.transaction === shared.transaction) {
        last.recipients.push(recipientAsGiven)
        continue
      }
      if (last) this.remember(last)
      last = { ...shared, recipients: [recipientAsGiven] }
      this.incomplete.messagesDropped += 1
    }
    if (last) this.remember(last)
  }
}

/** The whole lines of a file; one that a killed program left unfinished is closed with a line end and left out. */
function* linesIn(file: number): Generator<string> {
  const chunk = Buffer.alloc(1 << 20)
  let rest = ""
  for (let at = 0; ;) {
    const length = readSync(file, chunk, 0, chunk.length, at)
    if (length === 0) break
    at += length
    const lines = (rest + chunk.toString("latin1", 0, length)).split("\n")
    rest = lines.pop()!
    for (const line of lines) if (line.endsWith("}")) yield Buffer.from(line, "latin1").toString("utf8")
  }
  if (rest !== "") writeSync(file, "\n")
}

/** One row for each recipient of a transaction. */
export function rowsOf({ recipients, ...shared }: Transaction): Acceptance[] {
  return recipients.map((recipientAsGiven) => {
    const recipient = recipientAsGiven.toLowerCase()
    return { ...shared, recipient, recipientAsGiven, domain: domainOf(recipient) }
  })
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase()
}

/** What the recipients share is turned into JSON once: at 50 recipients a copy this is most of the cost. */
function linesOf({ recipients, ...shared }: Transaction): string {
  const rest = JSON.stringify(shared).slice(1)
  let lines = ""
  for (const given of recipients) {
    const recipient = given.toLowerCase()
    lines += `{"recipient":${JSON.stringify(recipient)},"recipientAsGiven":${JSON.stringify(given)},`
      + `"domain":${JSON.stringify(domainOf(recipient))},${rest}\n`
  }
  return lines
}

/** A queue whose `shift` does not move all that is behind it. */
class Fifo<T> {
  private items: T[] = []
  private first = 0
  get length(): number { return this.items.length - this.first }
  push(item: T): void { this.items.push(item) }
  shift(): T | undefined {
    const item = this.items[this.first]
    this.first += 1
    if (this.first > 1_000 && this.first * 2 > this.items.length) {
      this.items = this.items.slice(this.first)
      this.first = 0
    }
    return item
  }
  *[Symbol.iterator](): Iterator<T> {
    for (let index = this.first; index < this.items.length; index += 1) yield this.items[index]!
  }
}
