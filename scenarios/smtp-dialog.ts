import { connect, type Socket } from "node:net"
import { connect as connectTls, TLSSocket, type ConnectionOptions } from "node:tls"
import type { SubmissionEndpoint } from "../lab/postfix.ts"
import { ClaimFailed } from "./claim-failed.ts"

/** One whole SMTP reply. `enhanced` is the enhanced status code (RFC 3463), empty where the server gave none. */
export interface Reply { code: number; enhanced: string; text: string }

const replyMsMax = 20_000

/**
 * An SMTP dialog word by word, for what a mail client would never say: other line ends, commands out of turn.
 * A connection that breaks is a reply as well: code 0 with the reason as its text.
 */
export class SmtpDialog {
  readonly greeting: Reply
  private socket: Socket
  private waiting: ((reply: Reply) => void) | undefined
  private received = ""
  private broken: string | undefined

  private constructor(socket: Socket, greeting: Reply) {
    this.socket = socket
    this.greeting = greeting
  }

  /** Connects and waits for the greeting. Throws ClaimFailed where there is none. */
  static async open(endpoint: { host: string; port: number }): Promise<SmtpDialog> {
    const dialog = new SmtpDialog(connect(endpoint), { code: 0, enhanced: "", text: "" })
    dialog.listen()
    const greeting = await dialog.reply()
    if (greeting.code === 0) throw new ClaimFailed(`No SMTP greeting: ${greeting.text}`)
    return Object.assign(dialog, { greeting })
  }

  /** A dialog on the submission port, over TLS and logged in. Throws ClaimFailed where that is refused. */
  static async asAccount({ host, port, name, tls, auth }: SubmissionEndpoint): Promise<SmtpDialog> {
    const dialog = await SmtpDialog.open({ host, port })
    await dialog.say(`EHLO ${name}`)
    await dialog.say("STARTTLS")
    const wrong = await dialog.startTls(tls)
    if (wrong) throw new ClaimFailed(`Submission offers no TLS: ${wrong.message}`, { cause: wrong })
    await dialog.say(`EHLO ${name}`)
    const login = await dialog.say(`AUTH PLAIN ${Buffer.from(`\0${auth.user}\0${auth.pass}`).toString("base64")}`)
    if (login.code !== 235) throw new ClaimFailed(`The login of ${auth.user} is refused: ${login.code} ${login.text}`)
    return dialog
  }

  /** Opens a transaction up to the reply to DATA, which it returns. */
  async startMessage(sender: string, recipients: readonly string[]): Promise<Reply> {
    await this.say(`MAIL FROM:<${sender}>`)
    for (const recipient of recipients) await this.say(`RCPT TO:<${recipient}>`)
    return this.say("DATA")
  }

  /** Sends one line, CR LF added, and returns the reply to it. */
  async say(line: string): Promise<Reply> {
    return this.sendRaw(`${line}\r\n`)
  }

  /** Sends the octets as they are, each character of `text` being one (latin1), and returns the next reply. */
  async sendRaw(text: string): Promise<Reply> {
    const reply = this.reply()
    if (this.broken === undefined) this.socket.write(text, "latin1")
    return reply
  }

  /** Sends the octets and breaks off once they are out, without waiting for an answer. */
  async leaveAfter(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(text, "latin1", () => resolve()))
    this.close()
  }

  /** Waits for one more reply, for a server that may answer twice. Code 0 after `withinMs`. */
  async furtherReply(withinMs: number): Promise<Reply> {
    return this.reply(withinMs)
  }

  /** After the reply to STARTTLS: goes on over TLS. Returns what went wrong in the handshake, or `undefined`. */
  async startTls(options: ConnectionOptions): Promise<Error | undefined> {
    this.socket.removeAllListeners()
    const plain = this.socket
    return new Promise((resolve) => {
      const encrypted = connectTls({ ...options, socket: plain })
      plain.once("error", resolve)
      encrypted.once("error", resolve)
      encrypted.once("close", () => resolve(new Error("the server closed the connection during the handshake")))
      encrypted.once("secureConnect", () => {
        this.socket = encrypted
        this.listen()
        resolve(undefined)
      })
    })
  }

  /** What the server has shown in the handshake (SHA-256); empty before it. */
  get shownCertificate(): string {
    return this.socket instanceof TLSSocket ? this.socket.getPeerCertificate().fingerprint256 : ""
  }

  close(): void {
    this.socket.on("error", () => undefined)
    this.socket.destroy()
  }

  private listen(): void {
    this.socket.setTimeout(replyMsMax)
    this.socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1")
      this.settle()
    })
    const end = (why: string) => {
      this.broken ??= why
      this.settle()
    }
    this.socket.on("timeout", () => end(`no reply within ${replyMsMax} ms`))
    this.socket.on("error", (error) => end(error.message))
    this.socket.on("close", () => end("the server closed the connection"))
  }

  private reply(withinMs = replyMsMax): Promise<Reply> {
    return new Promise((resolve) => {
      this.socket.setTimeout(withinMs)
      this.waiting = resolve
      this.settle()
    })
  }

  private settle(): void {
    if (!this.waiting) return
    const reply = takeReply(this.received)
    if (!reply && this.broken === undefined) return
    this.received = reply?.rest ?? ""
    const answer = this.waiting
    this.waiting = undefined
    answer(reply ?? { code: 0, enhanced: "", text: this.broken! })
  }
}

/** The first whole reply in `text` (RFC 5321, section 4.2.1), and what follows it. */
export function takeReply(text: string): (Reply & { rest: string }) | undefined {
  const match = /^(?:\d{3}-[^\n]*\n)*\d{3}(?: [^\n]*)?\n/.exec(text)
  if (!match) return undefined
  const lines = match[0].trimEnd().split(/\r?\n/)
  return { ...replyOf(Number(lines[0]!.slice(0, 3)), lines.map((line) => line.slice(4)).join("\n")), rest: text.slice(match[0].length) }
}

/** A reply from its code and the text after it. */
export function replyOf(code: number, text: string): Reply {
  return { code, enhanced: /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? "", text }
}
