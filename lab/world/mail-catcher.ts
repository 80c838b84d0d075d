import { once } from "node:events"
import { readFileSync } from "node:fs"
import type { Server as HttpServer } from "node:http"
import type { AddressInfo } from "node:net"
import { behaviourFrom } from "./behaviour.ts"
import { Behaviours } from "./behaviours.ts"
import { controlServer, WrongRequest, type ControlRequest } from "./control.ts"
import { MailListener, type ListenerDefinition } from "./mail-listener.ts"
import type { RecordingOrder } from "./load-recording.ts"
import { MailRecord, rowsOf, type Acceptance, type Refusal } from "./mail-record.ts"
import { sendMessage, type SendOrder } from "./smtp-client.ts"
import { TlsContexts } from "./tls-contexts.ts"

/** `/recette/catcher.json`: the mail servers that one program plays. */
export interface CatcherConfiguration {
  /** Node of the lab, in every row. */
  node: string
  listeners: ListenerDefinition[]
}

const rowsMax = 50_000

/**
 * The mail servers of one node of the world: the 30 academies', or the internet's one that takes everything.
 * HTTP control: `/acceptances`, `/refusals`, `/messages`, `/behaviours`, `/recording`, `/send`, `/counters`,
 * `/health`.
 */
export class MailCatcher {
  readonly behaviours = new Behaviours()
  readonly record: MailRecord
  readonly listeners: readonly MailListener[]
  private readonly control: HttpServer
  private readonly started = Date.now().toString(36)
  private transactions = 0

  /** `folder` is where acceptances.ndjson is kept; without it they are kept in memory alone. */
  constructor(
    { node, listeners }: CatcherConfiguration,
    { folder, tls, record }: { folder?: string; tls?: TlsContexts; record?: MailRecord } = {},
  ) {
    this.record = record ?? new MailRecord(folder)
    const nextTransaction = () => `${node}-${this.started}-${this.transactions += 1}`
    this.listeners = listeners.map((definition) =>
      new MailListener(definition, node, this.behaviours, this.record, nextTransaction, tls))
    this.control = controlServer(this.routes())
  }

  /** Opens every listener and the control; returns the control's port. */
  async listen(controlAddress: string, controlPort: number): Promise<number> {
    await Promise.all(this.listeners.map((listener) => listener.settle()))
    this.control.listen(controlPort, controlAddress)
    await once(this.control, "listening")
    return (this.control.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.control.closeAllConnections()
    await Promise.all([
      new Promise((resolve) => this.control.close(resolve)), ...this.listeners.map((listener) => listener.close()),
    ])
    this.record.close()
  }

  private routes() {
    return {
      "GET /health": () => ({ listeners: this.listeners.filter((listener) => listener.isOpen).length }),
      "GET /counters": () => this.counters(),
      "GET /acceptances": ({ query }: ControlRequest) => this.acceptances(query),
      "GET /refusals": ({ query }: ControlRequest) => this.refusals(query),
      "GET /messages": ({ rest }: ControlRequest) => this.record.message(rest),
      "GET /behaviours": ({ rest }: ControlRequest) =>
        rest === "" ? this.behaviours.list() : this.behaviours.get(rest),
      "PUT /behaviours": ({ rest, body }: ControlRequest) => this.behave(rest, body),
      "DELETE /behaviours": async ({ rest }: ControlRequest) => {
        this.behaviours.reset(rest === "" ? undefined : rest)
        await this.settle()
        return this.behaviours.list()
      },
      "GET /recording": ({ rest }: ControlRequest) =>
        rest === "" ? this.record.recordingCounters() : this.record.recordedFile(rest),
      "POST /recording": ({ body }: ControlRequest) => this.record.startRecording(body as RecordingOrder),
      "DELETE /recording": () => this.record.endRecording(),
      "PUT /dishonesty": ({ body }: ControlRequest) => this.record.beDishonest(body),
      "DELETE /dishonesty": () => this.record.beHonest(),
      "POST /send": ({ body }: ControlRequest) => this.send(body as SendOrder),
    }
  }

  private async behave(domain: string, body: unknown) {
    if (domain === "") throw new WrongRequest("give /behaviours/<domain>")
    this.behaviours.set(domain, behaviourFrom(body))
    await this.settle()
    return this.behaviours.get(domain)
  }

  private async settle(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.settle()))
  }

  private acceptances(query: URLSearchParams) {
    const matches = matcher<Acceptance>(query, ["recipient", "sender", "domain", "server", "transaction"])
    const sinceUs = Number(query.get("sinceUs") ?? 0)
    const acceptances: Acceptance[] = []
    let more = false
    for (const transaction of this.record.accepted(query.get("id") ?? undefined)) {
      if (transaction.receivedUs < sinceUs) continue
      for (const row of rowsOf(transaction)) {
        if (!matches(row)) continue
        if (acceptances.length < rowsMax) acceptances.push(row)
        else more = true
      }
    }
    return { acceptances, more, incomplete: this.record.incomplete }
  }

  private refusals(query: URLSearchParams) {
    const matches = matcher<Refusal>(query, ["recipient", "sender", "server", "stage", "id"])
    const sinceUs = Number(query.get("sinceUs") ?? 0)
    const found = [...this.record.refusedOnes()].filter((row) => row.refusedUs >= sinceUs && matches(row))
    return { refusals: found.slice(0, rowsMax), more: found.length > rowsMax, incomplete: this.record.incomplete }
  }

  private counters() {
    const { acceptedRecipients, acceptedMessages, refused, incomplete } = this.record
    return {
      acceptedRecipients, acceptedMessages, refused, incomplete,
      connections: this.listeners.reduce((sum, listener) => sum + listener.connections, 0),
      open: this.listeners.reduce((sum, listener) => sum + listener.open, 0),
    }
  }

  private async send(order: SendOrder) {
    const wanted = order?.from?.toLowerCase()
    const listener = this.listeners.find(({ definition }) => wanted === undefined || definition.domain === wanted)
    if (!listener) throw new WrongRequest(`no server of ${wanted} here; leave \`from\` out for the first one`)
    const { address, hostname } = listener.definition
    return sendMessage(order, { localAddress: address === "0.0.0.0" ? undefined : address, hostname })
  }
}

/** True for rows whose fields equal what the query asks of them; addresses are compared in lower case. */
function matcher<Row extends object>(query: URLSearchParams, fields: readonly (keyof Row & string)[]) {
  const wanted = fields.flatMap((field) => {
    const value = query.get(field)
    return value === null ? [] : [[field, settled(field, value)] as const]
  })
  return (row: Row) => wanted.every(([field, value]) => settled(field, String(row[field] ?? "")) === value)
}

function settled(field: string, value: string): string {
  return field === "transaction" || field === "id" ? value : value.toLowerCase()
}

if (import.meta.main) {
  const path = process.argv[2] ?? "/recette/catcher.json"
  const configuration = JSON.parse(readFileSync(path, "utf8")) as CatcherConfiguration
  const catcher = new MailCatcher(configuration, { folder: "/recette", tls: new TlsContexts("/recette/tls") })
  await catcher.listen("0.0.0.0", 8080)
  console.log(`mail: ${configuration.listeners.length} servers of node ${configuration.node} listen`)
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0))
}
