import type { Socket } from "node:net"
import { TLSSocket, type SecureContext } from "node:tls"
import type { Behaviour, Extension, SmtpReply } from "./behaviour.ts"
import { extensions } from "./behaviour.ts"
import { MessageData } from "./message-data.ts"
import { envelopePath, isAscii, type EnvelopePath } from "./smtp-address.ts"

export type RefusalStage = "connect" | "mail" | "rcpt" | "data"

/** What a session asks of the server behind it. Behaviours may change between two commands. */
export interface SmtpServer {
  readonly hostname: string
  readonly secureContext: SecureContext | undefined
  /** Behaviour for a recipient, or of the listener's own domain without one. */
  behaviourFor(recipient?: string): Behaviour
  /** `undefined`: the recipient is taken. */
  judgeRecipient(recipient: string, session: SessionState): SmtpReply | undefined
  refused(stage: RefusalStage, recipient: string | null, reply: SmtpReply, session: SessionState): void
  /** Called once the message is whole; returns what the client is told, or `cut` where it is told nothing. */
  take(raw: Buffer, session: SessionState): SmtpReply | "cut"
}

/** What is known of the client and of its transaction. */
export interface SessionState {
  clientAddress: string
  helo: string
  tls: boolean
  pipelined: boolean
  sender: string | undefined
  recipients: string[]
  /** `X-Recette-Id` of the message that was just refused after its final dot. */
  id: string | null
}

const idleMs = 300_000
const lineBytesMax = 4_096
const errorsMax = 100
const sizeBytesDefault = 52_428_800

/** One SMTP connection, server side (RFC 5321, 2920, 1870, 6152, 6531, 3207, 2034). */
export class SmtpSession {
  readonly state: SessionState
  private readonly server: SmtpServer
  private socket: Socket
  private pending: Buffer = Buffer.alloc(0)
  private data: MessageData | undefined
  private output = ""
  private busy = false
  private closed = false
  private errors = 0

  constructor(socket: Socket, server: SmtpServer) {
    this.server = server
    this.socket = socket
    this.state = {
      clientAddress: (socket.remoteAddress ?? "").replace(/^::ffff:/, ""),
      helo: "", tls: false, pipelined: false, sender: undefined, recipients: [], id: null,
    }
    socket.setNoDelay(true)
    this.listen()
    const { connect } = server.behaviourFor()
    if (connect) server.refused("connect", null, connect, this.state)
    this.say(connect ?? { code: 220, enhanced: "", text: `${server.hostname} ESMTP recette` }, connect && "end")
    this.flush()
  }

  destroy(): void {
    this.closed = true
    this.socket.destroy()
  }

  private listen(): void {
    this.socket.setTimeout(idleMs, () => this.destroy())
    this.socket.on("error", () => this.destroy())
    this.socket.on("close", () => this.closed = true)
    this.socket.on("data", (chunk: Buffer) => {
      this.pending = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk])
      this.pump()
    })
  }

  /** Works through what has come in, until it is used up or a reply has to wait. */
  private pump(): void {
    while (!this.busy && !this.closed && this.pending.length > 0) {
      if (this.data ? !this.gather(this.data) : !this.nextCommand()) break
    }
    this.flush()
  }

  private gather(data: MessageData): boolean {
    const rest = data.take(this.pending)
    this.pending = rest ?? Buffer.alloc(0)
    if (!rest) return false
    this.data = undefined
    this.endOfData(data)
    return true
  }

  private nextCommand(): boolean {
    const end = this.pending.indexOf(10)
    if (end < 0) {
      if (this.pending.length > lineBytesMax) this.say({ code: 500, enhanced: "5.5.2", text: "Line too long" }, "end")
      return false
    }
    const line = this.pending.toString("utf8", 0, end).replace(/\r$/, "")
    this.pending = this.pending.subarray(end + 1)
    this.command(line)
    return true
  }

  private command(line: string): void {
    const [, verb = "", rest = ""] = /^(\S*)\s*(.*)$/.exec(line) ?? []
    switch (verb.toUpperCase()) {
      case "EHLO": return this.greet(rest, true)
      case "HELO": return this.greet(rest, false)
      case "MAIL": return this.mail(rest)
      case "RCPT": return this.recipient(rest)
      case "DATA": return this.startData()
      case "RSET":
        this.resetTransaction()
        return this.say(ok)
      case "NOOP": return this.say(ok)
      case "VRFY": return this.say({ code: 252, enhanced: "2.0.0", text: "Send some mail, I will do my best" })
      case "STARTTLS": return this.startTls()
      case "QUIT": return this.say({ code: 221, enhanced: "2.0.0", text: "Bye" }, "end")
      default: return this.mistake(500, "5.5.2", `Command not recognised: ${verb.slice(0, 40)}`)
    }
  }

  private greet(helo: string, extended: boolean): void {
    if (helo === "") return this.mistake(501, "5.5.4", "Give your name")
    this.resetTransaction()
    this.state.helo = helo
    const lines = extended ? extensions.filter((name) => this.offers(name)).map((name) =>
      name === "SIZE" ? `SIZE ${this.sizeBytesMax()}` : name) : []
    const all = [this.server.hostname, ...lines]
    this.write(all.map((text, index) => `250${index === all.length - 1 ? " " : "-"}${text}\r\n`).join(""))
  }

  private mail(rest: string): void {
    const path = pathAfter(/^FROM:/i, rest)
    if (this.state.helo === "") return this.mistake(503, "5.5.1", "Say EHLO first")
    if (this.state.sender !== undefined) return this.mistake(503, "5.5.1", "A transaction is open already")
    if (!path) return this.mistake(501, "5.5.4", "Syntax: MAIL FROM:<address>")
    const wrong = this.wrongParameter(path, ["SIZE", "BODY", "SMTPUTF8"])
    if (wrong) {
      this.server.refused("mail", null, wrong, { ...this.state, sender: path.address })
      return this.say(wrong)
    }
    this.state.sender = path.address
    this.say({ code: 250, enhanced: "2.1.0", text: "Sender ok" })
  }

  private wrongParameter({ address, parameters }: EnvelopePath, known: readonly string[]): SmtpReply | undefined {
    for (const name of Object.keys(parameters)) {
      const extension = name === "BODY" ? "8BITMIME" : name
      if (!known.includes(name) || !this.offers(extension as Extension)) {
        return { code: 555, enhanced: "5.5.4", text: `Parameter not supported: ${name}` }
      }
    }
    if (Number(parameters.SIZE ?? 0) > this.sizeBytesMax()) return tooLarge
    if (!isAscii(address) && !this.offers("SMTPUTF8")) {
      return { code: 553, enhanced: "5.6.7", text: "Non-ASCII addresses are not supported" }
    }
    return undefined
  }

  private recipient(rest: string): void {
    const path = pathAfter(/^TO:/i, rest)
    if (this.state.sender === undefined) return this.mistake(503, "5.5.1", "Say MAIL first")
    if (!path || path.address === "") return this.mistake(501, "5.5.4", "Syntax: RCPT TO:<address>")
    this.state.pipelined ||= this.pending.length > 0
    const refusal = this.wrongParameter({ ...path, parameters: {} }, [])
      ?? this.server.judgeRecipient(path.address, this.state)
    if (refusal) this.server.refused("rcpt", path.address.toLowerCase(), refusal, this.state)
    else this.state.recipients.push(path.address)
    this.say(refusal ?? { code: 250, enhanced: "2.1.5", text: "Recipient ok" }, undefined,
      this.server.behaviourFor(path.address).slowMs)
  }

  private startData(): void {
    if (this.state.recipients.length === 0) {
      const code = this.state.sender === undefined ? 503 : 554
      return this.say({ code, enhanced: "5.5.1", text: "No valid recipients" })
    }
    this.data = new MessageData(this.sizeBytesMax())
    this.say({ code: 354, enhanced: "", text: "End data with <CR><LF>.<CR><LF>" })
  }

  private endOfData(data: MessageData): void {
    const { slowDataMs, slowMs } = this.server.behaviourFor(this.state.recipients[0])
    const outcome = data.tooLarge ? tooLarge : this.server.take(data.message(), this.state)
    if (outcome !== "cut" && outcome.code !== 250) {
      for (const recipient of this.state.recipients) {
        this.server.refused("data", recipient.toLowerCase(), outcome, this.state)
      }
    }
    this.resetTransaction()
    if (outcome === "cut") return this.destroy()
    this.say(outcome, undefined, slowDataMs ?? slowMs)
  }

  private startTls(): void {
    const { secureContext } = this.server
    const { startTls } = this.server.behaviourFor()
    if (startTls && !this.state.tls) return this.say(startTls)
    if (!secureContext || !this.offers("STARTTLS") || this.state.tls) {
      return this.mistake(502, "5.5.1", "STARTTLS is not offered")
    }
    // What the client sent in clear behind STARTTLS is dropped (RFC 3207, section 4.2).
    this.pending = Buffer.alloc(0)
    this.say({ code: 220, enhanced: "2.0.0", text: "Ready to start TLS" }, () => this.encrypt(secureContext))
  }

  /** Only after the reply has gone out in clear, which a slow server says late. */
  private encrypt(secureContext: SecureContext): void {
    const plain = this.socket
    for (const event of ["data", "error", "close", "timeout"]) plain.removeAllListeners(event)
    plain.setTimeout(0)
    plain.on("error", () => this.destroy())
    this.socket = new TLSSocket(plain, { isServer: true, secureContext })
    this.state.tls = true
    this.state.helo = ""
    this.resetTransaction()
    this.listen()
  }

  private offers(extension: Extension): boolean {
    if (extension === "STARTTLS" && (!this.server.secureContext || this.state.tls)) return false
    return !this.server.behaviourFor().withoutExtensions?.includes(extension)
  }
  private sizeBytesMax(): number {
    return this.server.behaviourFor().sizeBytesMax ?? sizeBytesDefault
  }
  private resetTransaction(): void {
    Object.assign(this.state, { sender: undefined, recipients: [], pipelined: false, id: null })
  }

  private mistake(code: number, enhanced: string, text: string): void {
    this.errors += 1
    this.say({ code, enhanced, text }, this.errors > errorsMax ? "end" : undefined)
  }

  private say(
    { code, enhanced, text }: SmtpReply, then?: "end" | (() => void), slowMs = this.server.behaviourFor().slowMs ?? 0,
  ): void {
    const shown = enhanced !== "" && this.offers("ENHANCEDSTATUSCODES") ? `${enhanced} ` : ""
    this.write(`${code} ${shown}${text}\r\n`, then, slowMs)
  }

  private write(text: string, then?: "end" | (() => void), slowMs = 0): void {
    if (slowMs > 0) {
      this.flush()
      this.busy = true
      setTimeout(() => {
        this.busy = false
        this.write(text, then)
        this.pump()
      }, slowMs).unref()
      return
    }
    this.output += text
    if (then === undefined) return
    this.flush()
    if (then !== "end") return then()
    this.closed = true
    this.socket.end()
  }

  private flush(): void {
    if (this.output === "") return
    if (this.socket.writable) this.socket.write(this.output)
    this.output = ""
  }
}

const ok: SmtpReply = { code: 250, enhanced: "2.0.0", text: "Ok" }
const tooLarge: SmtpReply = { code: 552, enhanced: "5.3.4", text: "Message too large" }

function pathAfter(prefix: RegExp, text: string): EnvelopePath | undefined {
  return prefix.test(text) ? envelopePath(text.replace(prefix, "")) : undefined
}
