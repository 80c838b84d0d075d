/**
 * Runs probes in the network namespace it is started in, all at once, and prints their answers with milliseconds.
 * With a parameter it answers that request and ends; without, it answers the lines of its standard input.
 */
import { lookup, Resolver } from "node:dns/promises"
import { readFileSync, writeFileSync } from "node:fs"
import { connect, createServer, type AddressInfo } from "node:net"
import { networkInterfaces } from "node:os"
import { answerLines } from "./line-dialog.ts"

export type ProbeQuestion =
  | { kind: "connect"; host: string; port: number; /** The other side says a line first, which is waited for. */ greets?: boolean }
  | { kind: "ask"; server: string; name: string; /** A refusal is expected: silence is asked again. */ mayBeLost?: boolean }
  | { kind: "look-up"; name: string }
export interface ProbeRequest {
  questions: ProbeQuestion[]
  /** Longest wait for one answer, in ms. */
  waitMsMax: number
  /** A refusal slower than this, in ms, is asked for again: a busy machine may be slow once, a hanging network always is. */
  promptMsMax: number
  /** Only for the control: the name server to put into this container's resolv.conf first. */
  resolver?: string
}
export interface ProbeAnswer { answer: string; ms: number; attempts: number }
export interface ProbeReply {
  answers: ProbeAnswer[]
  /** IPv6 addresses other than loopback and link-local, and whether there is a default route. */
  ipv6: { addresses: string[]; defaultRoute: boolean }
}

const attemptsMax = 5
/** A server that shares a busy machine with the start of a lab greets late: 230 ms were seen at load 25. */
const greetingMsMax = 1_200
/** What may be said by somebody who need not say anything. */
const unaskedMsMax = 200
/**
 * The kernel limits how many ICMP messages it sends (icmp(7), icmp_ratelimit), so that the refusal of a UDP question may
 * be lost where several labs are probed at once: seen once in some sixty proofs. A way out would not be silent.
 */
const lostMax = 2
const refusals: Record<string, string> = {
  ECONNREFUSED: "refused", ENETUNREACH: "no route", EHOSTUNREACH: "no route", ENETDOWN: "no route",
  ENOTFOUND: "no such name", ENODATA: "no such name", ETIMEOUT: "no answer", EAI_AGAIN: "no answer", ESERVFAIL: "server failure",
}

const request = process.argv[2]
if (request) process.stdout.write(JSON.stringify(await reply(JSON.parse(request) as ProbeRequest)), () => process.exit(0))
else answerLines(async (asked: ProbeRequest | { listen: true }) => "listen" in asked ? listen() : reply(asked))

/**
 * Each kind of question by itself, after a first connection to nobody: what Node.js loads on first use is no part of
 * an answer's time.
 */
async function reply(request: ProbeRequest): Promise<ProbeReply> {
  if (request.resolver) writeFileSync("/etc/resolv.conf", `nameserver ${request.resolver}\n`)
  await put({ kind: "connect", host: "127.0.0.1", port: 9 }, request)
  const answers: ProbeAnswer[] = []
  for (const phase of ["connect", "ask", "look-up"] as const) {
    await Promise.all(request.questions.map(async (question, place) => {
      if (question.kind === phase) answers[place] = await put(question, request)
    }))
  }
  return { answers, ipv6: ipv6() }
}

/** A listener that the probes of other namespaces must reach: without it, their refusals would prove nothing. */
function listen(): Promise<{ port: number }> {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()).end("220 neighbour.test\r\n"))
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, "0.0.0.0", () => resolve({ port: (server.address() as AddressInfo).port }))
  })
}

async function put(question: ProbeQuestion, { waitMsMax, promptMsMax }: ProbeRequest): Promise<ProbeAnswer> {
  for (let attempts = 1; ; attempts++) {
    const start = performance.now()
    const answer = await within(waitMsMax, answerOf(question, waitMsMax, () => performance.now() - start))
    const ms = Math.round((answer.ms ?? performance.now() - start) * 10) / 10
    const slow = answer.text === "refused" && ms > promptMsMax && attempts < attemptsMax
    const lost = answer.text === "no answer" && question.kind === "ask" && question.mayBeLost && attempts <= lostMax
    if (!slow && !lost) return { answer: answer.text, ms, attempts }
  }
}

interface Answer { text: string; ms?: number }

async function answerOf(question: ProbeQuestion, waitMsMax: number, elapsed: () => number): Promise<Answer> {
  try {
    switch (question.kind) {
      case "connect": return await banner(question, elapsed)
      case "look-up": return { text: `answered ${(await lookup(question.name, { family: 4 })).address}` }
      case "ask": {
        const resolver = new Resolver({ timeout: waitMsMax, tries: 1 })
        resolver.setServers([question.server])
        return { text: `answered ${(await resolver.resolve4(question.name)).join(" ")}` }
      }
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return { text: refusals[code] ?? code }
  }
}

/** Connects; a connection is reported with the first line that the other side says, if it says one in time. */
function banner({ host, port, greets }: ProbeQuestion & { kind: "connect" }, elapsed: () => number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    socket.once("error", reject)
    socket.once("connect", () => {
      const ms = elapsed()
      const end = (text: string) => {
        socket.destroy()
        resolve({ text, ms })
      }
      socket.once("data", (data) => end(`connected: ${data.toString("latin1").split("\r\n")[0]}`))
      socket.setTimeout(greets ? greetingMsMax : unaskedMsMax, () => end("connected"))
    })
  })
}

function within(waitMsMax: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve({ text: "no answer" }), waitMsMax)
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

function ipv6(): ProbeReply["ipv6"] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    .filter(({ family, internal, address }) => family === "IPv6" && !internal && !address.startsWith("fe80:"))
    .map(({ address }) => address)
  return { addresses, defaultRoute: hasDefaultRoute() }
}

/** In /proc/net/ipv6_route a default route has prefix length 00; the kernel's own reject route is on `lo`. */
function hasDefaultRoute(): boolean {
  try {
    return readFileSync("/proc/net/ipv6_route", "utf8").split("\n")
      .map((line) => line.trim().split(/\s+/))
      .some((fields) => fields.length >= 10 && /^0+$/.test(fields[0]!) && fields[1] === "00" && fields[9] !== "lo")
  } catch {
    return false
  }
}
