import { LabFailure } from "./failure.ts"

/** One message in a Postfix queue, as `postqueue -j` prints it. */
export interface QueueEntry {
  queueId: string
  /** `maildrop`, `hold`, `incoming`, `active` or `deferred`. */
  queueName: string
  /** Envelope sender; `""` for the null sender (Postfix prints it as MAILER-DAEMON). */
  sender: string
  /** Recipients that still wait; `delayReason` is the last server's own words, absent before the first attempt. */
  recipients: QueuedRecipient[]
  sizeBytes: number
  /** Arrival, in seconds since the epoch, by the node's clock. */
  arrivalSeconds: number
}

export interface QueuedRecipient { address: string; delayReason?: string }

/**
 * Reads the output of `postqueue -j`: one JSON object a line, without commas between them (postqueue(1)).
 * An empty output is an empty queue. Throws a LabFailure on a line that is not such an object; `where` names the node.
 */
export function parsePostqueue(output: string, where: string): QueueEntry[] {
  return output.split("\n").filter((line) => line.trim() !== "").map((line) => queueEntry(line, where))
}

/**
 * Lists the files of a queue, an id a line. `postqueue -j` reads every recipient of every message, seconds of processor time
 * where a list of a million is under way. A message that is still being written is none yet (mail_queue.h, mode READY), there
 * as here. Folders come in the order in which a message passes them, `active` a second time behind `deferred`, from which it
 * returns.
 */
export const listQueueFiles: readonly string[] = [
  "find", ...["maildrop", "incoming", "active", "deferred", "active", "hold"].map((name) => `/var/spool/postfix/${name}`),
  "-ignore_readdir_race", "-type", "f", "-perm", "-u=x", "-printf", "%f\\n",
]

/** Messages in what `listQueueFiles` printed: one that was seen in two folders is one. */
export function queuedIn(output: string): number {
  return new Set(output.split("\n").filter((id) => id !== "")).size
}

interface PostqueueLine {
  queue_id: string
  queue_name: string
  sender: string
  recipients: { address: string; delay_reason?: string }[]
  message_size: number
  arrival_time: number
}

function queueEntry(line: string, where: string): QueueEntry {
  let entry: Partial<PostqueueLine> | null
  try {
    entry = JSON.parse(line) as Partial<PostqueueLine> | null
  } catch (cause) {
    throw unreadable(line, where, cause)
  }
  if (!isComplete(entry)) throw unreadable(line, where)
  return {
    queueId: entry.queue_id,
    queueName: entry.queue_name,
    sender: entry.sender === "MAILER-DAEMON" ? "" : entry.sender,
    recipients: entry.recipients.map(({ address, delay_reason: delayReason }) => ({
      address, ...(delayReason === undefined ? {} : { delayReason }),
    })),
    sizeBytes: entry.message_size,
    arrivalSeconds: entry.arrival_time,
  }
}

function isComplete(entry: Partial<PostqueueLine> | null): entry is PostqueueLine {
  return entry !== null && typeof entry === "object"
    && typeof entry.queue_id === "string" && typeof entry.queue_name === "string"
    && typeof entry.sender === "string" && Array.isArray(entry.recipients)
    && typeof entry.message_size === "number" && typeof entry.arrival_time === "number"
}

function unreadable(line: string, where: string, cause?: unknown): LabFailure {
  return new LabFailure(`postqueue -j printed a line that is no queue entry: ${line.slice(0, 200)}`, {
    where, remedy: "see whether Postfix runs there, and what `postqueue -j` prints by hand", cause,
  })
}
