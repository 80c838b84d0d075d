import { once } from "node:events"
import { createServer, type AddressInfo, type Server, type Socket } from "node:net"
import type { SecureContext } from "node:tls"
import type { Behaviour, SmtpReply } from "./behaviour.ts"
import type { Behaviours } from "./behaviours.ts"
import { idOf } from "./load-content.ts"
import { domainOf, type MailRecord } from "./mail-record.ts"
import { messageFacts } from "./message-content.ts"
import { SmtpSession, type RefusalStage, type SessionState, type SmtpServer } from "./smtp-session.ts"
import type { TlsContexts } from "./tls-contexts.ts"

/** One mail server of the world, as written in `/recette/catcher.json`. */
export interface ListenerDefinition {
  /** Local address to listen on and to send from; `0.0.0.0` for all. */
  address: string
  port: number
  /** Said in the greeting and in HELO, for example `mx.ac-lyon.test`. */
  hostname: string
  /** Its own domain, for example `ac-lyon.test`: the key of its behaviour. */
  domain: string
  /** True: takes every domain; false: 550 5.7.1 for a foreign one. */
  anyDomain: boolean
}

const recipientsMaxByDefault = 1_000
const foreign: SmtpReply = { code: 550, enhanced: "5.7.1", text: "Relaying denied" }
const unknown: SmtpReply = { code: 550, enhanced: "5.1.1", text: "No such user here" }
const greylisted: SmtpReply = { code: 450, enhanced: "4.7.1", text: "Greylisted, please try again later" }
const overLimit: SmtpReply = { code: 450, enhanced: "4.7.1", text: "Too many recipients for now, please try again later" }
const tooMany: SmtpReply = { code: 452, enhanced: "4.5.3", text: "Too many recipients" }

/** A mail server that takes what its behaviour lets it take, and records all of it. */
export class MailListener implements SmtpServer {
  readonly definition: ListenerDefinition
  connections = 0
  private readonly node: string
  private readonly behaviours: Behaviours
  private readonly record: MailRecord
  private readonly sessions = new Set<SmtpSession>()
  private readonly nextTransaction: () => string
  private readonly tls: TlsContexts | undefined
  private server: Server | undefined
  private portTaken = 0

  constructor(
    definition: ListenerDefinition, node: string, behaviours: Behaviours, record: MailRecord,
    nextTransaction: () => string, tls?: TlsContexts,
  ) {
    this.definition = definition
    this.node = node
    this.behaviours = behaviours
    this.record = record
    this.nextTransaction = nextTransaction
    this.tls = tls
  }

  /** What it presents to the next client that starts TLS. */
  get secureContext(): SecureContext | undefined { return this.tls?.for(this.behaviourFor()) }
  get hostname(): string { return this.definition.hostname }
  get port(): number { return this.portTaken }
  get isOpen(): boolean { return this.server !== undefined }
  get open(): number { return this.sessions.size }

  /** Opens the port, or closes it and cuts the open connections, as the behaviour of its own domain says. */
  async settle(): Promise<void> {
    if (this.behaviourFor().down) await this.close()
    else if (!this.server) await this.listen()
  }

  async close(): Promise<void> {
    const { server } = this
    this.server = undefined
    for (const session of this.sessions) session.destroy()
    if (server) await new Promise((resolve) => server.close(resolve))
  }

  behaviourFor(recipient?: string): Behaviour {
    const own = this.definition.domain
    return this.behaviours.for(recipient === undefined ? own : domainOf(recipient), own)
  }

  judgeRecipient(given: string, { clientAddress, sender = "", recipients }: SessionState): SmtpReply | undefined {
    const recipient = given.toLowerCase()
    const isOwn = domainOf(recipient) === this.definition.domain || recipient === "postmaster"
    if (!this.definition.anyDomain && !isOwn) return foreign
    const { refusedRecipients, unknownUsers, recipientsMax = recipientsMaxByDefault, greylistMs, limits } =
      this.behaviourFor(recipient)
    const refused = refusedRecipients?.[recipient]
    if (refused) return refused
    if (unknownUsers === "all" || unknownUsers?.includes(recipient)) return unknown
    if (recipients.length >= recipientsMax) return tooMany
    const isGrey = greylistMs !== undefined
      && this.behaviours.isGreylisted(clientAddress, sender.toLowerCase(), recipient, greylistMs)
    if (isGrey) return greylisted
    // Last of all: only what is taken counts.
    return limits && !this.behaviours.counts.take(limits, { client: clientAddress, sender }) ? overLimit : undefined
  }

  take(raw: Buffer, state: SessionState): SmtpReply | "cut" {
    const { data, cutAfterData } = this.behaviourOfTransaction(state.recipients)
    if (data) {
      state.id = messageFacts(raw).id
      return data
    }
    if (cutAfterData === "lost") return "cut"
    const transaction = this.nextTransaction()
    const answered = cutAfterData === undefined
    const reply: SmtpReply | "cut" = cutAfterData ? "cut" : { code: 250, enhanced: "2.0.0", text: `Ok: taken as ${transaction}` }
    if (this.record.isRecording) {
      const { recipients } = state
      const copy = { id: idOf(raw), recipients, node: this.node, receivedUs: nowUs(), raw, answered, transaction }
      if (this.record.recorded(copy) === "of the load") return reply
    }
    this.record.accept({
      ...messageFacts(raw), transaction, sender: state.sender ?? "", node: this.node, server: this.hostname,
      receivedUs: nowUs(), bytes: raw.length, code: 250, answered,
      helo: state.helo, clientAddress: state.clientAddress, tls: state.tls, pipelined: state.pipelined,
      recipients: state.recipients,
    }, raw)
    return reply
  }

  refused(stage: RefusalStage, recipient: string | null, reply: SmtpReply, state: SessionState): void {
    this.record.refuse({
      stage, recipient, sender: state.sender ?? null, id: state.id, ...reply, node: this.node, server: this.hostname,
      refusedUs: nowUs(), helo: state.helo, clientAddress: state.clientAddress,
    })
  }

  /** Several domains may share one copy: the first that does something at the final dot decides for all. */
  private behaviourOfTransaction(recipients: readonly string[]): Behaviour {
    const behaviours = recipients.map((recipient) => this.behaviourFor(recipient))
    return behaviours.find(({ data, cutAfterData }) => data || cutAfterData) ?? {}
  }

  private async listen(): Promise<void> {
    const server = createServer((socket) => this.talk(socket))
    this.server = server
    server.listen({ host: this.definition.address, port: this.portTaken || this.definition.port, backlog: 1_024 })
    await once(server, "listening")
    this.portTaken = (server.address() as AddressInfo).port
    server.on("error", (error) => console.error(`mail: ${this.hostname}: ${error.message}`))
  }

  private talk(socket: Socket): void {
    this.connections += 1
    const session = new SmtpSession(socket, this)
    this.sessions.add(session)
    socket.on("close", () => this.sessions.delete(session))
  }
}

let lastUs = 0
/** Microseconds since the epoch, never twice the same, so that an order can be read from them. */
function nowUs(): number {
  lastUs = Math.max(lastUs + 1, Math.round((performance.timeOrigin + performance.now()) * 1_000))
  return lastUs
}
