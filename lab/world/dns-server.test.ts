import { createSocket } from "node:dgram"
import { once } from "node:events"
import { connect } from "node:net"
import packet, { type Packet } from "dns-packet"
import { afterEach, beforeEach, expect, test } from "vitest"
import { DnsServer } from "./dns-server.ts"
import type { ZoneData } from "./zone-data.ts"

const long = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(200))
const data: ZoneData = {
  records: [
    { name: "education.test", type: "SOA", ttl: 60, data: { mname: "dns.lab.test", rname: "h.lab.test", serial: 7 } },
    { name: "education.test", type: "MX", ttl: 60, data: { preference: 10, exchange: "mx1.ariel-pr.test" } },
    { name: "mx1.ariel-pr.test", type: "A", ttl: 60, data: "10.9.0.4" },
    { name: "www.education.test", type: "CNAME", ttl: 60, data: "mx1.ariel-pr.test" },
    { name: "outside.education.test", type: "CNAME", ttl: 60, data: "somewhere.example.test" },
    { name: "*.wild.education.test", type: "A", ttl: 60, data: "10.9.0.9" },
    { name: "key._domainkey.education.test", type: "TXT", ttl: 60, data: long },
    { name: "4.0.9.10.in-addr.arpa", type: "PTR", ttl: 60, data: "mx1.ariel-pr.test" },
  ],
  ownedZones: ["education.test", "ariel-pr.test", "lab.test"],
  catchAll: { exchange: "mx.internet.test", address: "10.9.0.3" },
  nxdomain: ["invalid"],
}

let server: DnsServer
let port: number
let control: string

beforeEach(async () => {
  const taken = await listenSomewhere()
  port = taken.port
  control = `http://127.0.0.1:${taken.controlPort}`
})
afterEach(() => server.close())

/** UDP draws the port, and TCP needs the same one: where somebody else has it, another is drawn. */
async function listenSomewhere(): Promise<{ port: number; controlPort: number }> {
  for (;;) {
    server = new DnsServer(data)
    try {
      return await server.listen("127.0.0.1", 0, 0)
    } catch (error) {
      await server.close()
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error
    }
  }
}

test("answers what the zones hold, authoritatively, in the letters in which it was asked", async () => {
  const reply = await ask("EDUCATION.test", "MX")

  expect(reply).toMatchObject({ rcode: "NOERROR", flag_aa: true, flag_ra: false })
  expect(reply.answers).toMatchObject([{ name: "EDUCATION.test", data: { exchange: "mx1.ariel-pr.test" } }])
})

test("follows a CNAME, also into the catch-all", async () => {
  expect((await ask("www.education.test", "A")).answers).toMatchObject([{ type: "CNAME" }, { data: "10.9.0.4" }])
  expect((await ask("outside.education.test", "A")).answers).toMatchObject([{ type: "CNAME" }, { data: "10.9.0.3" }])
})

test("says NXDOMAIN with the zone's SOA for unknown names of owned zones, .invalid and unknown addresses", async () => {
  const reply = await ask("nobody.education.test", "A")

  expect(reply.rcode).toBe("NXDOMAIN")
  expect(reply.authorities).toMatchObject([{ name: "education.test", type: "SOA", data: { serial: 7 } }])
  expect((await ask("whatever.invalid", "MX")).rcode).toBe("NXDOMAIN")
  expect((await ask("lab.test", "A")).rcode).toBe("NXDOMAIN")
  expect((await ask("9.9.9.198.in-addr.arpa", "PTR")).rcode).toBe("NXDOMAIN")
})

test("says NOERROR without data where the name exists, also an empty non-terminal and for unknown types", async () => {
  for (const [name, type] of [
    ["education.test", "AAAA"], ["education.test", "ANY"], ["education.test", "UNKNOWN_65"],
    ["_domainkey.education.test", "TXT"], ["test", "NS"], [".", "A"],
  ] as const) {
    expect(await ask(name, type), `${name} ${type}`).toMatchObject({ rcode: "NOERROR", answers: [] })
  }
})

test("leads every other name to the internet node", async () => {
  expect((await ask("a.b.example.test", "MX")).answers).toMatchObject([{ data: { exchange: "mx.internet.test" } }])
  expect((await ask("example.org", "A")).answers).toMatchObject([{ data: "10.9.0.3" }])
  expect(await ask("example.org", "AAAA")).toMatchObject({ rcode: "NOERROR", answers: [] })
})

test("serves wildcards of the zones and reverse names", async () => {
  expect((await ask("x.y.wild.education.test", "A")).answers).toMatchObject([{ data: "10.9.0.9" }])
  expect((await ask("4.0.9.10.in-addr.arpa", "PTR")).answers).toMatchObject([{ data: "mx1.ariel-pr.test" }])
})

test("truncates over UDP and gives the whole answer over TCP", async () => {
  const short = await ask("key._domainkey.education.test", "TXT", { edns: true })
  const whole = await askTcp("key._domainkey.education.test", "TXT")

  expect(short).toMatchObject({ flag_tc: true, answers: [] })
  expect(short.additionals).toMatchObject([{ type: "OPT", udpPayloadSize: 1232 }])
  expect(whole.flag_tc).toBe(false)
  expect(Buffer.concat((whole.answers![0] as { data: Buffer[] }).data).toString()).toBe(long.join(""))
})

test("survives what is no query", async () => {
  for (const junk of [Buffer.alloc(0), Buffer.from("x"), Buffer.alloc(12), Buffer.alloc(400, 0xff),
    Buffer.concat([Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from([0xc0, 0x0c, 0, 1, 0, 1])])]) {
    await sendOnly(junk)
  }
  expect(await exchange(Buffer.concat([Buffer.from([0, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), Buffer.from([63])])))
    .toMatchObject({ id: 9, rcode: "FORMERR" })
  expect((await ask("mx1.ariel-pr.test", "A")).rcode).toBe("NOERROR")
})

test("fails a name or a zone on demand, and stops doing so", async () => {
  await put("/faults/education.test", { kind: "servfail", scope: "zone", types: ["MX"] })
  await put("/faults/mx1.ariel-pr.test", { kind: "delay", delayMs: 60 })

  expect((await ask("sub.education.test", "MX")).rcode).toBe("SERVFAIL")
  expect((await ask("www.education.test", "A")).rcode).toBe("NOERROR")
  const started = performance.now()
  await ask("mx1.ariel-pr.test", "A")
  expect(performance.now() - started).toBeGreaterThan(50)

  await fetch(`${control}/faults`, { method: "DELETE" })
  expect((await ask("education.test", "MX")).rcode).toBe("NOERROR")
})

test("keeps silent on demand, and says that it was asked", async () => {
  await put("/faults/education.test", { kind: "silent" })
  await sendOnly(queryFor("education.test", "MX"))
  await ask("mx1.ariel-pr.test", "A")

  const { questions, count } = await (await fetch(`${control}/asked?name=Education.test`)).json() as
    { questions: unknown[]; count: number }
  expect(questions).toMatchObject([{ type: "MX", client: "127.0.0.1", outcome: "SILENT" }])
  expect(count).toBe(1)
})

test("takes new records while it runs, and refuses a wrong fault with the cure", async () => {
  await put("/records/new.education.test?type=A", { records: [{ type: "A", data: "10.9.0.8", ttl: 5 }] })
  expect((await ask("new.education.test", "A")).answers).toMatchObject([{ data: "10.9.0.8" }])
  await put("/records/new.education.test", { records: [] })
  expect((await ask("new.education.test", "A")).rcode).toBe("NXDOMAIN")

  const refused = await put("/faults/education.test", { kind: "explode" })
  expect(refused.status).toBe(400)
  expect(await refused.json()).toEqual({
    error: "no fault explode; use one of servfail, silent, delay, refused, nxdomain",
  })
})

type Reply = Packet & { rcode: string; flag_tc: boolean; flag_aa: boolean; flag_ra: boolean }

function queryFor(name: string, type: string, edns = false): Buffer {
  const option = { type: "OPT", name: ".", udpPayloadSize: 4096, extendedRcode: 0, ednsVersion: 0, flags: 0, options: [] }
  return packet.encode({
    type: "query", id: 77, flags: packet.RECURSION_DESIRED, questions: [{ name, type: type as "A" }],
    additionals: edns ? [option as never] : [],
  })
}

async function ask(name: string, type: string, { edns = false } = {}): Promise<Reply> {
  return exchange(queryFor(name, type, edns))
}

async function exchange(message: Buffer): Promise<Reply> {
  const socket = createSocket("udp4")
  try {
    socket.send(message, port, "127.0.0.1")
    const [reply] = await once(socket, "message", { signal: AbortSignal.timeout(2_000) }) as [Buffer]
    return packet.decode(reply) as unknown as Reply
  } finally {
    socket.close()
  }
}

async function sendOnly(message: Buffer): Promise<void> {
  const socket = createSocket("udp4")
  await new Promise((resolve) => socket.send(message, port, "127.0.0.1", resolve))
  socket.close()
}

async function askTcp(name: string, type: string): Promise<Reply> {
  const socket = connect(port, "127.0.0.1")
  const query = queryFor(name, type)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(query.length)
  socket.write(Buffer.concat([length, query]))
  let received = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    received = Buffer.concat([received, chunk])
    if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) break
  }
  return packet.decode(received.subarray(2)) as unknown as Reply
}

async function put(path: string, body: unknown): Promise<Response> {
  return fetch(control + path, { method: "PUT", body: JSON.stringify(body) })
}
