// The streams of streams.json (ScriptStream in load-profile.ts), each at an arrival rate of its own, by authenticated
// submission: what every profile runs that has no script of its own.
/// <reference types="k6" />
import exec from "k6/execution"
import { Client, Template } from "k6/x/mail"

interface Stream {
  name: string; senders: { address: string; password: string }[]; target: string; to: { list: string } | { file: string }
  messages: number; perSecond: number; startSeconds: number; bytes: number; vus: number; headers: Record<string, string>; ends: boolean
}

const given = (name: string): string => __ENV[name] ?? ""
const streams = JSON.parse(open("./streams.json")) as Stream[]
const authority = open("/recette/tls/ca.pem")
/** A client waits so long for a greeting (RFC 5321, 4.5.3.2.1), and for the final reply twice as long, which is the default. */
const connectTimeoutMs = 300_000
/** From here on, users of a stream whose sessions end with it leave after each message. */
const lastPart = 0.8

// Streams that share a sender share its sessions.
const clients = Object.fromEntries(streams.flatMap(({ senders }) => senders).map(({ address, password }) => [address, new Client({
  host: given("EDGE"), port: Number(given("SUBMISSION")), name: given("NAME"), startTls: "required", tls: { ca: authority },
  auth: { user: address, pass: password }, log: { folder: given("LOG_FOLDER"), writer: given("WRITER") }, connectTimeoutMs,
})]))

const flows = Object.fromEntries(streams.map(({ name, senders, target, to, bytes, headers, ends }) => [name, {
  ends,
  // One for each sender; a user sends as one of them, always the same.
  ways: senders.map(({ address }) => ({
    client: clients[address]!,
    message: new Template({
      from: address, to: "list" in to ? to.list : to, target, sizeBytes: bytes, run: given("RUN"), stream: name,
      subject: `${name} {id}`, headers,
    }),
  })),
}]))

export const options = {
  scenarios: Object.fromEntries(streams.map(({ name, messages, perSecond, startSeconds, vus }) => [name, {
    executor: "constant-arrival-rate",
    // The last message is due one interval before the end of the span, and the duration ends between the two: so many
    // messages, neither one more nor one less.
    rate: messages, timeUnit: `${messages / perSecond}s`, duration: `${(messages - 0.5) / perSecond}s`,
    startTime: `${startSeconds}s`, preAllocatedVUs: vus, maxVUs: vus, gracefulStop: "300s",
  }])),
  summaryTrendStats: ["med", "p(99)", "max"],
}

export default () => {
  const flow = flows[exec.scenario.name]
  if (flow === undefined) throw new Error(`streams.json has no stream ${exec.scenario.name}`)
  const { client, message } = flow.ways[exec.vu.idInTest % flow.ways.length]!
  client.send(message)
  if (flow.ends && exec.scenario.progress > lastPart) client.close()
}
