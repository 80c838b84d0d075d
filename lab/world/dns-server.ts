import { createSocket, type Socket as Datagrams } from "node:dgram"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import type { Server as HttpServer } from "node:http"
import { createServer, type AddressInfo, type Server, type Socket } from "node:net"
import { controlServer, WrongRequest } from "./control.ts"
import { malformedReply, readQuery, writeReply, type DnsQuery, type DnsReply } from "./dns-message.ts"
import { nameFault, NameFaults } from "./name-faults.ts"
import { QuestionsAsked } from "./questions-asked.ts"
import { NameSpace, type ZoneData, type ZoneRecord } from "./zone-data.ts"

const tcpIdleMs = 30_000
const tcpBytesMax = 64 * 1024
const tcpSocketsMax = 512

/**
 * The lab's DNS: authoritative for the root, over UDP and TCP. It never asks anybody else.
 * HTTP control: `/asked`, `/names`, `/faults`, `/records`, `/health`.
 */
export class DnsServer {
  readonly faults = new NameFaults()
  readonly asked = new QuestionsAsked()
  private readonly names: NameSpace
  private readonly udp: Datagrams = createSocket("udp4")
  private readonly tcp: Server = createServer((socket) => this.talk(socket))
  private readonly control: HttpServer
  private readonly waiting = new Set<NodeJS.Timeout>()
  private readonly sockets = new Set<Socket>()

  constructor(data: ZoneData) {
    this.names = new NameSpace(data)
    this.control = controlServer(this.routes())
    this.tcp.maxConnections = tcpSocketsMax
  }

  /** Listens; port 0 takes a free one, the same for UDP and TCP. Returns the ports taken. */
  async listen(address: string, port: number, controlPort: number): Promise<{ port: number; controlPort: number }> {
    this.udp.on("message", (message, from) =>
      this.take(message, from.address, "udp", (reply) => this.udp.send(reply, from.port, from.address, () => {})))
    this.udp.bind(port, address)
    await once(this.udp, "listening")
    const taken = this.udp.address().port
    this.udp.on("error", (error) => console.error(`dns: udp: ${error.message}`))
    this.tcp.listen(taken, address)
    this.control.listen(controlPort, address)
    await Promise.all([once(this.tcp, "listening"), once(this.control, "listening")])
    return { port: taken, controlPort: (this.control.address() as AddressInfo).port }
  }

  async close(): Promise<void> {
    for (const timer of this.waiting) clearTimeout(timer)
    for (const socket of this.sockets) socket.destroy()
    this.control.closeAllConnections()
    await Promise.all([
      new Promise<void>((resolve) => this.udp.close(() => resolve())),
      ...[this.tcp, this.control].map((server) => new Promise((resolve) => server.close(resolve))),
    ])
  }

  private talk(socket: Socket): void {
    const client = (socket.remoteAddress ?? "").replace(/^::ffff:/, "")
    let pending = Buffer.alloc(0)
    this.sockets.add(socket)
    socket.setTimeout(tcpIdleMs, () => socket.destroy())
    socket.on("error", () => socket.destroy())
    socket.on("close", () => this.sockets.delete(socket))
    socket.on("data", (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk])
      while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
        const end = 2 + pending.readUInt16BE(0)
        this.take(pending.subarray(2, end), client, "tcp", (reply) => {
          const length = Buffer.alloc(2)
          length.writeUInt16BE(reply.length)
          if (socket.writable) socket.write(Buffer.concat([length, reply]))
        })
        pending = pending.subarray(end)
      }
      if (pending.length > tcpBytesMax + 2) socket.destroy()
    })
  }

  /** One message in, at most one out. Nothing that comes from the network may end the program. */
  private take(message: Buffer, client: string, transport: "udp" | "tcp", send: (reply: Buffer) => void): void {
    const query = readQuery(message)
    if (query === undefined) return
    if (query === "malformed") return send(malformedReply(message))
    const { name, type } = query.question
    const fault = this.faults.for(name, type)
    const reply = fault?.kind === "silent" ? undefined : this.replyTo(query, fault?.kind)
    this.asked.add({ name, type, client, transport, askedUs: Date.now() * 1000, outcome: reply?.rcode ?? "SILENT" })
    if (!reply) return
    const wire = wireOf(query, reply, transport)
    if (fault?.kind !== "delay") return send(wire)
    const timer = setTimeout(() => {
      this.waiting.delete(timer)
      send(wire)
    }, fault.delayMs)
    this.waiting.add(timer)
  }

  private replyTo({ question, opcode, edns }: DnsQuery, fault: string | undefined): DnsReply {
    if (opcode !== "QUERY") return { rcode: "NOTIMP" }
    if (edns && edns.ednsVersion > 0) return { rcode: "BADVERS" }
    if (fault === "servfail") return { rcode: "SERVFAIL" }
    if (fault === "refused") return { rcode: "REFUSED" }
    if (fault === "nxdomain") return { rcode: "NXDOMAIN" }
    return this.names.answer(question.name, question.type)
  }

  private routes() {
    return {
      "GET /health": () => ({ ready: true }),
      "GET /asked": ({ query }: { query: URLSearchParams }) =>
        this.asked.list(query.get("name") ?? undefined, Number(query.get("sinceUs") ?? 0)),
      "GET /names": () => this.asked.names(),
      "GET /faults": () => this.faults.list(),
      "PUT /faults": ({ rest, body }: { rest: string; body: unknown }) => {
        this.faults.set(rest, nameFault(body ?? {}))
        return this.faults.list()
      },
      "DELETE /faults": ({ rest }: { rest: string }) => {
        this.faults.clear(rest === "" ? undefined : rest)
        return this.faults.list()
      },
      "GET /records": ({ rest }: { rest: string }) => ({ records: this.names.at(rest) }),
      "PUT /records": ({ rest, query, body }: { rest: string; query: URLSearchParams; body: unknown }) => {
        this.names.replace(rest, recordsOf(rest, body), query.get("type") ?? undefined)
        return { records: this.names.at(rest) }
      },
    }
  }
}

/** A record that cannot be encoded is the lab's mistake: the client sees SERVFAIL and the log says which name. */
function wireOf(query: DnsQuery, reply: DnsReply, transport: "udp" | "tcp"): Buffer {
  try {
    return writeReply(query, reply, transport)
  } catch (error) {
    console.error(`dns: the records of ${query.question.name} cannot be encoded: ${String(error)}`)
    return writeReply(query, { rcode: "SERVFAIL" }, transport)
  }
}

function recordsOf(name: string, body: unknown): ZoneRecord[] {
  const { records } = (body ?? {}) as { records?: ZoneRecord[] }
  if (name === "" || !Array.isArray(records)) throw new WrongRequest("give /records/<name> and { records: [...] }")
  for (const { type, data, ttl } of records) {
    if (typeof type !== "string" || data === undefined || !Number.isInteger(ttl)) {
      throw new WrongRequest("a record has type, data and ttl (seconds)")
    }
  }
  return records
}

if (import.meta.main) {
  const server = new DnsServer(JSON.parse(readFileSync(process.argv[2] ?? "/recette/dns.json", "utf8")) as ZoneData)
  await server.listen("0.0.0.0", 53, 8080)
  console.log("dns: serving the root on port 53")
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0))
}
