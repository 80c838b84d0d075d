import { once } from "node:events"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect as connectTls, type ConnectionOptions } from "node:tls"
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { CertificateAuthority, type NodeCertificates } from "../certificates.ts"
import type { Behaviour } from "./behaviour.ts"
import { MailCatcher } from "./mail-catcher.ts"
import type { Acceptance, Refusal } from "./mail-record.ts"
import { sendMessage, type SendOutcome } from "./smtp-client.ts"
import { TlsContexts } from "./tls-contexts.ts"

let folder: string
let catcher: MailCatcher
let control: string
let certificates: NodeCertificates

beforeAll(async () => certificates = await (await CertificateAuthority.create("test")).forNode(["mx.ac-lyon.test"]))
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "catcher-"))
  await start()
})
afterEach(async () => {
  await catcher.close()
  rmSync(folder, { recursive: true })
})

test("takes its own domain, records each recipient of one copy, and refuses a foreign domain", async () => {
  const outcome = await send({ recipients: ["Anne.Dupont@ac-lyon.test", "zoe@AC-LYON.test", "x@ac-nice.test"] })

  expect(outcome.accepted).toEqual(["Anne.Dupont@ac-lyon.test", "zoe@AC-LYON.test"])
  expect(outcome.refused).toMatchObject([{ recipient: "x@ac-nice.test", code: 550, text: "5.7.1 Relaying denied" }])
  const [anne, zoe] = await acceptances("id=m1")
  expect(anne).toMatchObject({
    id: "m1", messageId: "<m1@test>", recipient: "anne.dupont@ac-lyon.test", domain: "ac-lyon.test",
    recipientAsGiven: "Anne.Dupont@ac-lyon.test", sender: "bob@example.test", node: "academies",
    server: "mx.ac-lyon.test", code: 250, answered: true, tls: false, helo: "client.example.test",
  })
  expect(zoe).toMatchObject({ recipient: "zoe@ac-lyon.test", transaction: anne!.transaction })
  expect(anne!.receivedUs).toBeGreaterThan(Date.now() * 1_000 - 5_000_000)
  const raw = await (await fetch(`${control}/messages/${anne!.transaction}`)).text()
  expect(raw).toContain("\r\n.a line with a dot\r\n")
  expect(anne!.bytes).toBe(raw.length)
  expect(await refusals("stage=rcpt")).toMatchObject([{ recipient: "x@ac-nice.test", code: 550, enhanced: "5.7.1" }])
})

test("takes any domain on the internet, by query of recipient, sender and time", async () => {
  await send({ to: 1, recipients: ["a@somewhere.example"], id: "i1" })
  const [first] = await acceptances("recipient=A@somewhere.example")
  await send({ to: 1, recipients: ["a@somewhere.example"], id: "i2", sender: "" })

  expect(await acceptances(`recipient=a@somewhere.example&sinceUs=${first!.receivedUs + 1}`)).toMatchObject([{ id: "i2" }])
  expect(await acceptances("sender=")).toMatchObject([{ id: "i2" }])
})

test("knows unknown users, single refusals and too many recipients", async () => {
  await behave("ac-lyon.test", {
    unknownUsers: ["Ghost@ac-lyon.test"], recipientsMax: 2,
    refusedRecipients: { "full@ac-lyon.test": { code: 452, enhanced: "4.2.2", text: "Mailbox full" } },
  })
  const outcome = await send({
    recipients: ["ghost", "full", "a", "b", "c"].map((name) => `${name}@ac-lyon.test`),
  })

  expect(outcome.refused.map(({ code, text }) => `${code} ${text}`)).toEqual([
    "550 5.1.1 No such user here", "452 4.2.2 Mailbox full", "452 4.5.3 Too many recipients",
  ])
  expect(outcome.accepted).toEqual(["a@ac-lyon.test", "b@ac-lyon.test"])
})

test("greylists a triplet until its time has passed, and reset forgets it", async () => {
  await behave("ac-lyon.test", { greylistMs: 40 })
  expect((await send({})).refused).toMatchObject([{ code: 450, text: "4.7.1 Greylisted, please try again later" }])
  await expect.poll(async () => (await send({})).accepted, { timeout: 2_000 }).toHaveLength(1)

  await fetch(`${control}/behaviours/ac-lyon.test`, { method: "DELETE" })
  expect((await send({})).accepted).toHaveLength(1)
})

test("is down: the port is closed and open connections are cut; reset opens it again", async () => {
  const port = catcher.listeners[0]!.port
  const open = connect(port, "127.0.0.1")
  await new Promise((resolve) => open.once("data", resolve))
  const cut = new Promise((resolve) => open.once("close", resolve))
  await behave("ac-lyon.test", { down: true })
  await cut

  expect((await send({})).failure).toContain("ECONNREFUSED")
  await fetch(`${control}/behaviours/ac-lyon.test`, { method: "DELETE" })
  expect((await send({})).accepted).toHaveLength(1)
})

test("says 421 at connect, refuses after the dot, and keeps count of it", async () => {
  await behave("ac-lyon.test", { connect: { code: 421, enhanced: "4.3.2", text: "Closed for the night" } })
  expect((await send({})).failure).toContain("greeted with 421 4.3.2 Closed for the night")

  await behave("ac-lyon.test", { data: { code: 451, enhanced: "4.3.0", text: "Try again" } })
  expect((await send({ id: "d1" })).refused).toMatchObject([{ code: 451 }])
  expect(await refusals("id=d1")).toMatchObject([{ stage: "data", recipient: "anne@ac-lyon.test", code: 451 }])
  expect(await acceptances("id=d1")).toEqual([])
})

test("cuts the connection between the dot and the reply, with or without having taken the message", async () => {
  await behave("ac-lyon.test", { cutAfterData: "taken" })
  expect((await send({ id: "c1" })).failure).toContain("closed the connection")
  await behave("ac-lyon.test", { cutAfterData: "lost" })
  await send({ id: "c2" })

  expect(await acceptances("id=c1")).toMatchObject([{ answered: false }])
  expect(await acceptances("id=c2")).toEqual([])
})

test("is slow before each reply, or before the last one only", async () => {
  await behave("ac-lyon.test", { slowMs: 15 })
  const eachMs = await timed(() => send({}))
  await behave("ac-lyon.test", { slowDataMs: 60 })
  const lastMs = await timed(() => send({}))

  expect(eachMs).toBeGreaterThan(6 * 14)
  expect(lastMs).toBeGreaterThan(55)
})

test("offers STARTTLS and drops what was sent in clear behind it", async () => {
  expect((await send({ startTls: "required", id: "t1" })).accepted).toHaveLength(1)
  expect(await acceptances("id=t1")).toMatchObject([{ tls: true }])

  const replies = await lines("EHLO x\r\nSTARTTLS\r\nMAIL FROM:<smuggled@example.test>\r\n", /220 2\.0\.0 Ready/)
  expect(replies).not.toContain("Sender ok")
})

test("speaks TLS although it is slow", async () => {
  await behave("ac-lyon.test", { slowMs: 5 })
  expect((await send({ startTls: "required", id: "t2" })).accepted).toHaveLength(1)
})

test("presents the certificate that its behaviour names, and speaks no TLS newer than it names", async () => {
  const handshakes: Record<string, string> = {}
  for (const [name, behaviour] of Object.entries<Behaviour>({
    none: {}, expired: { certificate: "expired" }, "other name": { certificate: "other-name" },
    "unknown authority": { certificate: "unknown-authority" }, "incomplete chain": { certificate: "incomplete-chain" },
    old: { tlsVersionMax: "TLSv1.1" }, "1.2": { tlsVersionMax: "TLSv1.2" },
  })) {
    await behave("ac-lyon.test", behaviour)
    handshakes[name] = await handshake({ ca: certificates.authority, servername: "mx.ac-lyon.test" })
  }

  expect(handshakes).toEqual({
    none: "TLSv1.3", expired: "CERT_HAS_EXPIRED", "other name": "ERR_TLS_CERT_ALTNAME_INVALID",
    "unknown authority": expect.stringMatching(/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)$/),
    "incomplete chain": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    old: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "1.2": "TLSv1.2",
  })
})

test("refuses STARTTLS where its behaviour says so, and goes on in clear", async () => {
  await behave("ac-lyon.test", { startTls: { code: 454, enhanced: "4.7.0", text: "TLS not available" } })

  expect(await lines("EHLO x\r\nSTARTTLS\r\nQUIT\r\n", /221/)).toMatch(/250-STARTTLS[^]*454 4\.7\.0 TLS not available/)
  expect((await send({ id: "clear" })).accepted).toHaveLength(1)
})

test("switches extensions off and holds to SIZE", async () => {
  await behave("ac-lyon.test", { withoutExtensions: ["SMTPUTF8", "STARTTLS"], sizeBytesMax: 1_000 })

  const hello = await lines("EHLO x\r\nQUIT\r\n", /221/)
  expect(hello).toContain("250-SIZE 1000")
  expect(hello).not.toMatch(/SMTPUTF8|STARTTLS/)
  expect((await send({ sender: "é@example.test" })).refused).toMatchObject([{ code: 553 }])
  expect((await send({ mailParameters: "SMTPUTF8" })).refused).toMatchObject([{ code: 555 }])
  expect((await send({ mailParameters: "SIZE=1001" })).refused).toMatchObject([{ code: 552 }])
  expect((await send({ body: "x".repeat(2_000) })).refused).toMatchObject([{ code: 552 }])
})

test("reads pipelined transactions cut at every octet, and no bare line end ends a message", async () => {
  const body = "X-Recette-Id: p1\r\n\r\nfirst\n.\nsecond\r\n..dot\r\n"
  const dialog = "EHLO x\r\nMAIL FROM:<a@example.test>\r\nRCPT TO:<b@ac-lyon.test>\r\nDATA\r\n"
    + `${body}.\r\nMAIL FROM:<>\r\nRCPT TO:<@relay.test:c@ac-lyon.test>\r\nDATA\r\n.\r\nQUIT\r\n`

  expect(await lines(dialog, /221/, 1)).toMatch(/250 2\.0\.0 Ok: taken[^]*250 2\.0\.0 Ok: taken[^]*221/)
  const [first] = await acceptances("id=p1")
  expect(first!.bytes).toBe(Buffer.byteLength(body) - 1)
  expect(await acceptances("recipient=c@ac-lyon.test")).toMatchObject([{ bytes: 0, sender: "", id: null }])
  await lines(dialog, /221/)
  expect((await acceptances("id=p1")).map(({ pipelined }) => pipelined)).toEqual([false, true])
})

test("survives a restart with its acceptances, and says that raw messages are gone", async () => {
  await send({ recipients: ["a@ac-lyon.test", "b@ac-lyon.test"], id: "r1" })
  await catcher.close()
  await start()

  expect(await acceptances("id=r1")).toMatchObject([{ recipient: "a@ac-lyon.test" }, { recipient: "b@ac-lyon.test" }])
  const answer = await (await fetch(`${control}/acceptances`)).json() as { incomplete: unknown }
  expect(answer.incomplete).toMatchObject({ messagesDropped: 1, acceptancesDropped: 0 })
  const rows = readFileSync(join(folder, "acceptances.ndjson"), "utf8").trim().split("\n")
  expect(rows.map((row) => (JSON.parse(row) as Acceptance).recipient)).toEqual(["a@ac-lyon.test", "b@ac-lyon.test"])
})

test("sends in the name of its own servers and hands out every reply", async () => {
  const answer = await fetch(`${control}/send`, {
    method: "POST",
    body: JSON.stringify({
      from: "ac-lyon.test", host: "127.0.0.1", port: catcher.listeners[1]!.port, sender: "a@ac-lyon.test",
      recipients: ["b@example.test"], data: "X-Recette-Id: out\n\n.\nbody",
    }),
  })

  expect((await answer.json() as SendOutcome).replies.map(({ code }) => code)).toEqual([220, 250, 250, 250, 354, 250, 221])
  expect(await acceptances("id=out")).toMatchObject([{ helo: "mx.ac-lyon.test", clientAddress: "127.0.0.1" }])
})

test("refuses a behaviour it does not know, with the cure", async () => {
  const answer = await fetch(`${control}/behaviours/ac-lyon.test`, { method: "PUT", body: "{\"slow\":1}" })
  expect(answer.status).toBe(400)
  expect((await answer.json() as { error: string }).error).toMatch(/^no behaviour slow; use down, connect/)
})

async function start(): Promise<void> {
  const one = (hostname: string, domain: string, anyDomain: boolean) =>
    ({ address: "127.0.0.1", port: 0, hostname, domain, anyDomain })
  catcher = new MailCatcher({
    node: "academies",
    listeners: [one("mx.ac-lyon.test", "ac-lyon.test", false), one("mx.internet.test", "internet.test", true)],
  }, { folder, tls: new TlsContexts(writeCertificates(certificates)) })
  control = `http://127.0.0.1:${await catcher.listen("127.0.0.1", 0)}`
}

/** Certificates as a lab gives them, in the folders where a container finds them. */
function writeCertificates(tls: NodeCertificates): string {
  for (const [name, { certificate, key }] of Object.entries({ "": tls, ...tls.defective })) {
    const place = join(folder, "tls", name)
    mkdirSync(place, { recursive: true })
    for (const [file, text] of [["fullchain.pem", certificate], ["key.pem", key]] as const) writeFileSync(join(place, file), text)
  }
  return join(folder, "tls")
}

async function send({
  to = 0, recipients = ["anne@ac-lyon.test"], sender = "bob@example.test", id = "m1", body = ".a line with a dot",
  ...rest
}: { to?: number; recipients?: string[]; sender?: string; id?: string; body?: string; startTls?: "required"; mailParameters?: string }) {
  const data = `Message-ID: <${id}@test>\nX-Recette-Id: ${id}\nSubject: test\n\n${body}\n`
  return sendMessage(
    { host: "127.0.0.1", port: catcher.listeners[to]!.port, sender, recipients, data, replyMsMax: 3_000, ...rest },
    { localAddress: undefined, hostname: "client.example.test" })
}

async function behave(domain: string, behaviour: Behaviour): Promise<void> {
  const answer = await fetch(`${control}/behaviours/${domain}`, { method: "PUT", body: JSON.stringify(behaviour) })
  expect(answer.status, await answer.text()).toBe(200)
}

async function acceptances(query: string): Promise<Acceptance[]> {
  return (await (await fetch(`${control}/acceptances?${query}`)).json() as { acceptances: Acceptance[] }).acceptances
}

async function refusals(query: string): Promise<Refusal[]> {
  return (await (await fetch(`${control}/refusals?${query}`)).json() as { refusals: Refusal[] }).refusals
}

/** Writes a whole dialog at once, or in pieces, and returns all that was said up to `end`. */
async function lines(dialog: string, end: RegExp, pieceBytes = dialog.length): Promise<string> {
  const socket = connect(catcher.listeners[0]!.port, "127.0.0.1").setNoDelay(true)
  let heard = ""
  socket.on("data", (chunk: Buffer) => heard += chunk.toString())
  for (let at = 0; at < dialog.length; at += pieceBytes) {
    socket.write(dialog.slice(at, at + pieceBytes))
    await new Promise((resolve) => setImmediate(resolve))
  }
  await expect.poll(() => heard, { interval: 5 }).toMatch(end)
  socket.destroy()
  return heard
}

/** The version of TLS that was agreed on, or the code of what went wrong. */
async function handshake(options: ConnectionOptions): Promise<string> {
  const plain = connect(catcher.listeners[0]!.port, "127.0.0.1")
  for (const line of ["", "EHLO x\r\n", "STARTTLS\r\n"]) {
    plain.write(line)
    await once(plain, "data")
  }
  const secure = connectTls({ ...options, socket: plain })
  try {
    await once(secure, "secureConnect")
    return secure.getProtocol()!
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!
  } finally {
    secure.destroy()
  }
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await action()
  return performance.now() - started
}
