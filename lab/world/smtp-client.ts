import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { WrongRequest } from "./control.ts"

/** A message to send out of a server of the world, in its own name. */
export interface SendOrder {
  /** Domain whose server sends, with its address and HELO name: `ac-lyon.test`. The first listener without it. */
  from?: string
  host: string
  /** 25 without it. */
  port?: number
  /** HELO name, when it must be another than the server's. */
  helo?: string
  /** Envelope sender; empty for the null sender. */
  sender: string
  recipients: string[]
  /** The message as text (UTF-8), lines ended by LF or CRLF. */
  data: string
  /** `required`: the dialog breaks off where STARTTLS is not offered. Certificates are not checked. */
  startTls?: "no" | "required"
  /** Logs in (AUTH PLAIN) before MAIL; the dialog breaks off where that is refused. */
  login?: { user: string; password: string }
  /** For each reply, 30 000 without it. */
  replyMsMax?: number
  /** Extra parameters of MAIL, for example `SIZE=99999999`. */
  mailParameters?: string
}

export interface SmtpAnswer { command: string; code: number; text: string }

export interface SendOutcome {
  /** Every reply in order, the greeting first, each with the command that it answers. */
  replies: SmtpAnswer[]
  /** Recipients that the server took, in the end: RCPT and the final dot were both answered 2xx. */
  accepted: string[]
  refused: { recipient: string; code: number; text: string }[]
  /** Why the dialog broke off (refused, timed out, cut), `null` where it was whole. */
  failure: string | null
}

const replyMsDefault = 30_000
const replyBytesMax = 64 * 1024

/** Plays a client's part to the end, without retry. SMTP refusals are answers, not errors. */
export async function sendMessage(
  order: SendOrder, { localAddress, hostname }: { localAddress: string | undefined; hostname: string },
): Promise<SendOutcome> {
  check(order)
  const outcome: SendOutcome = { replies: [], accepted: [], refused: [], failure: null }
  const dialog = new Dialog(outcome.replies, order.replyMsMax ?? replyMsDefault)
  try {
    await dialog.open(order.host, order.port ?? 25, localAddress)
    await transact(dialog, order, order.helo ?? hostname, outcome)
  } catch (error) {
    outcome.failure = error instanceof Error ? error.message : String(error)
    outcome.accepted = []
  } finally {
    dialog.close()
  }
  return outcome
}

async function transact(dialog: Dialog, order: SendOrder, helo: string, outcome: SendOutcome): Promise<void> {
  let hello = await dialog.say(`EHLO ${helo}`)
  if (hello.code !== 250) hello = await dialog.say(`HELO ${helo}`)
  if (order.startTls === "required") {
    const start = await dialog.say("STARTTLS")
    if (start.code !== 220) throw new Error(`STARTTLS refused: ${start.code} ${start.text}`)
    await dialog.secure()
    hello = await dialog.say(`EHLO ${helo}`)
  }
  if (order.login) {
    const { user, password } = order.login
    const login = await dialog.say(`AUTH PLAIN ${Buffer.from(`\0${user}\0${password}`).toString("base64")}`, "AUTH PLAIN")
    if (login.code !== 235) throw new Error(`login refused: ${login.code} ${login.text}`)
  }
  const extra = order.mailParameters ? ` ${order.mailParameters}` : ""
  const mail = await dialog.say(`MAIL FROM:<${order.sender}>${extra}`)
  const taken: string[] = []
  for (const recipient of order.recipients) {
    const answer = mail.code === 250 ? await dialog.say(`RCPT TO:<${recipient}>`) : mail
    if (answer.code >= 200 && answer.code < 300) taken.push(recipient)
    else outcome.refused.push({ recipient, code: answer.code, text: answer.text })
  }
  if (taken.length > 0) {
    let final = await dialog.say("DATA")
    if (final.code === 354) final = await dialog.say(stuffed(order.data), "(message)")
    if (final.code === 250) outcome.accepted = taken
    else outcome.refused.push(...taken.map((recipient) => ({ recipient, code: final.code, text: final.text })))
  }
  await dialog.say("QUIT")
}

class Dialog {
  private readonly replies: SmtpAnswer[]
  private readonly replyMsMax: number
  private socket: Socket | undefined
  private received = ""
  private broken: string | undefined
  private wake: () => void = () => {}

  constructor(replies: SmtpAnswer[], replyMsMax: number) {
    this.replies = replies
    this.replyMsMax = replyMsMax
  }

  async open(host: string, port: number, localAddress: string | undefined): Promise<void> {
    this.attach(connect({ host, port, family: 4, ...(localAddress ? { localAddress } : {}) }))
    const greeting = await this.reply("(connect)")
    if (greeting.code !== 220) throw new Error(`greeted with ${greeting.code} ${greeting.text}`)
  }

  async say(line: string, shownAs = line): Promise<SmtpAnswer> {
    this.socket!.write(`${line}\r\n`)
    return this.reply(shownAs)
  }

  async secure(): Promise<void> {
    const plain = this.socket!
    plain.removeAllListeners("data")
    const secure = connectTls({ socket: plain, rejectUnauthorized: false })
    this.attach(secure)
    await once(secure, "secureConnect", { signal: AbortSignal.timeout(this.replyMsMax) })
  }

  close(): void {
    this.socket?.destroy()
  }

  private attach(socket: Socket): void {
    this.socket = socket
    const fail = (why: string) => {
      this.broken ??= why
      this.wake()
    }
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("utf8")
      if (this.received.length > replyBytesMax) fail("the reply is too long")
      this.wake()
    })
    socket.on("error", (error) => fail(error.message))
    socket.on("close", () => fail("the server closed the connection"))
  }

  private async reply(command: string): Promise<SmtpAnswer> {
    const deadline = performance.now() + this.replyMsMax
    for (;;) {
      const match = /^(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n/.exec(this.received)
      if (match) {
        this.received = this.received.slice(match[0].length)
        const text = match[0].trimEnd().split(/\r?\n/).map((line) => line.slice(4)).join("\n")
        const answer = { command, code: Number(match[1]), text }
        this.replies.push(answer)
        return answer
      }
      if (this.broken !== undefined) throw new Error(`${this.broken}, after ${command}`)
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`no reply within ${this.replyMsMax} ms, after ${command}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

function stuffed(data: string): string {
  const lines = data.replace(/\r\n|\r|\n/g, "\r\n").replace(/^\./gm, "..")
  return lines.endsWith("\r\n") ? `${lines}.` : `${lines}\r\n.`
}

function check({ host, recipients, sender, data }: SendOrder): void {
  if (typeof host !== "string" || typeof sender !== "string" || typeof data !== "string"
    || !Array.isArray(recipients) || recipients.length === 0) {
    throw new WrongRequest("give host, sender, recipients (at least one) and data")
  }
  if ([sender, ...recipients].some((address) => /[\r\n]/.test(address))) {
    throw new WrongRequest("an address holds no line end")
  }
}
