import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { LabFailure } from "../lab/failure.ts"

/** A stream of direct mail to one server, for what is measured beside the generator. One connection has one message at hand. */
export interface StreamOrder {
  host: string
  port: number
  run: string
  stream: string
  messages: number
  recipientsPerMessage: number
  connections: number
  /** Messages a second over all connections; `null`: as fast as they are taken. */
  rate: number | null
  /** Address of the person in a place of the stream's audience; message `number` goes to those from its own first place on. */
  recipient: (place: number) => string
  text: string
}

/** What became of one message, as the send log has it. Times are microseconds since the epoch. */
export interface StreamedMessage {
  id: string; recipientFirst: number; accepted: boolean; text: string
  intendedUs: number; startedUs: number; answeredUs: number
}

const sender = "stream@education.test"

/** Sends all messages and returns what became of each. Throws a LabFailure where a connection breaks or a recipient is refused. */
export async function sendStream(order: StreamOrder): Promise<StreamedMessage[]> {
  const beganUs = nowUs()
  const sent: StreamedMessage[] = []
  let next = 0
  await Promise.all(Array.from({ length: order.connections }, async () => {
    const dialog = await Dialog.open(order)
    while (next < order.messages) {
      const number = next
      next += 1
      const dueUs = order.rate === null ? undefined : beganUs + Math.round(number * 1_000_000 / order.rate)
      if (dueUs !== undefined && dueUs > nowUs()) await pause((dueUs - nowUs()) / 1_000)
      sent.push(await dialog.send(number, dueUs))
    }
    dialog.close()
  }))
  return sent
}

class Dialog {
  private readonly order: StreamOrder
  private readonly socket: Socket
  private text = ""
  private awaited: { last: RegExp; resolve: (text: string) => void; reject: (error: Error) => void } | undefined
  private constructor(order: StreamOrder, socket: Socket) {
    this.order = order
    this.socket = socket
    socket.setNoDelay(true)
    socket.on("data", (chunk: Buffer) => {
      this.text += chunk.toString("latin1")
      this.look()
    })
    const broken = (error?: Error) => this.awaited?.reject(error ?? new Error("the server closed the connection"))
    socket.on("error", broken)
    socket.on("close", () => broken())
  }

  static async open(order: StreamOrder): Promise<Dialog> {
    const socket = connect(order.port, order.host)
    await once(socket, "connect")
    const dialog = new Dialog(order, socket)
    await dialog.reply(/^220 .*\r\n$/m)
    socket.write("EHLO stream.example.test\r\n")
    await dialog.reply(/^250 .*\r\n$/m)
    return dialog
  }

  async send(number: number, dueUs: number | undefined): Promise<StreamedMessage> {
    const { run, stream, recipientsPerMessage: count, recipient, text } = this.order
    const id = `${run}.${stream}.${number}`
    const recipientFirst = number * count
    const recipients = Array.from({ length: count }, (_, place) => `RCPT TO:<${recipient(recipientFirst + place)}>\r\n`).join("")
    const startedUs = nowUs()
    this.socket.write(`MAIL FROM:<${sender}>\r\n${recipients}DATA\r\n`)
    const taken = await this.reply(/^(354|[45]\d\d) .*\r\n$/m)
    if (/^[45]\d\d/m.test(taken)) throw this.failure(taken)
    this.socket.write(`From: ${sender}\r\nTo: undisclosed-recipients:;\r\nSubject: Stream\r\nMessage-ID: <${id}@education.test>\r\n`
      + `X-Recette-Id: ${id}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nId: ${id}\r\n${text}.\r\n`)
    const answer = (await this.reply(/^\d\d\d .*\r\n$/m)).trim()
    if (!answer.startsWith("250")) throw this.failure(answer)
    return { id, recipientFirst, accepted: true, text: answer, intendedUs: dueUs ?? startedUs, startedUs, answeredUs: nowUs() }
  }

  close(): void {
    this.awaited = undefined
    this.socket.end("QUIT\r\n")
  }

  /** Everything up to a line that matches. */
  private async reply(last: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      this.awaited = { last, resolve, reject }
      this.look()
    })
  }

  private look(): void {
    if (!this.awaited || !this.text.endsWith("\r\n") || !this.awaited.last.test(this.text)) return
    const { text, awaited } = this
    this.text = ""
    this.awaited = undefined
    awaited.resolve(text)
  }

  private failure(answer: string): LabFailure {
    return new LabFailure(`The server refused a message of the stream: ${answer.trim()}`, {
      where: `${this.order.host}:${this.order.port}`, remedy: "let the server take what the stream sends, or send another one",
    })
  }
}

function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000)
}

/** The rows of `submissions` that stand for what a stream sent; `content` is the hash of the part that carries the id. */
export function submissionRows(
  sent: readonly StreamedMessage[], { content, recipients }: { content: string; recipients: number },
): Record<string, string | number>[] {
  return sent.map(({ id, recipientFirst, intendedUs, startedUs, answeredUs }) => ({
    id, stream: "notes", sender, target: "direct", content, recipient_first: recipientFirst, recipients, refused: 0,
    intended_us: intendedUs, started_us: startedUs, answered_us: answeredUs,
  }))
}
