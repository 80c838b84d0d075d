// The streams of streams.json (ScriptStream in load-profile.ts), each at an arrival rate of its own, by authenticated
// submission: what every profile runs that has no script of its own.
/// <reference types="k6" />
import exec from "k6/execution"
import { Client, Template } from "k6/x/mail"

interface Stream {
  name: string; sender: string; password: string; target: string; to: { list: string } | { file: string }
  messages: number; perSecond: number; startSeconds: number; bytes: number; vus: number
}

const given = (name: string): string => __ENV[name] ?? ""
const streams = JSON.parse(open("./streams.json")) as Stream[]
const authority = open("/recette/tls/ca.pem")
/** A client waits so long for a greeting (RFC 5321, 4.5.3.2.1), and for the final reply twice as long, which is the default. */
const connectTimeoutMs = 300_000

const flows = Object.fromEntries(streams.map(({ name, sender, password, target, to, bytes }) => [name, {
  client: new Client({
    host: given("EDGE"), port: Number(given("SUBMISSION")), name: given("NAME"), startTls: "required", tls: { ca: authority },
    auth: { user: sender, pass: password }, log: { folder: given("LOG_FOLDER"), writer: given("WRITER") }, connectTimeoutMs,
  }),
  message: new Template({
    from: sender, to: "list" in to ? to.list : to, target, sizeBytes: bytes, run: given("RUN"), stream: name,
    subject: `${name} {id}`,
  }),
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
  flow.client.send(flow.message)
}
