import { sink, type Cost } from "../lab/closed-container.ts"
import type { BenchFigure } from "./bench.ts"

// What a message costs the generator, beside what it costs others. Each pair measures all clients of a group one after
// the other, in this order in odd pairs and backwards in even ones, so that what else the machine does falls on all alike.

/** Runs commands in a place where smtp-sink listens at `sink`. */
export interface BenchPlace {
  measure: (command: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Cost>
}

export interface Shape { bytes: number; recipients: number }

/** Somebody who sends: the command for so many messages. */
interface Sender {
  name: string
  /** Messages of a measured run, enough for half a second or more of CPU time. */
  messages: number
  command: (shape: Shape, sessions: number, messages: number) => { command: string[]; env?: Record<string, string> }
}

/** One measurement: per message, with what a run of one message for each session costs taken off. */
export interface Measurement {
  group: string
  sessions: number
  pair: number
  sender: string
  messages: number
  cpuMicroseconds: number
  messagesPerSecond: number
}

interface Claim { figure: Omit<BenchFigure, "samples">; of: (at: (sender: string) => Measurement) => number }

export interface Group { name: string; shape: Shape; senders: readonly Sender[]; claims: readonly Claim[] }

const batchMessages = 20
/** What smtp-source's own header adds to the size that it is told, as seen in smtp-sink's dump. */
const sourceHeaderBytes = 136
const source = (messages: number): Sender => ({
  name: "smtp-source -d", messages,
  command: ({ bytes, recipients }, sessions, count) => ({
    command: ["smtp-source", "-d", "-s", String(sessions), "-m", String(count), "-l", String(bytes - sourceHeaderBytes), "-r", String(recipients),
      "-f", "sender@generator.test", "-t", "u@academie-01.test", `${sink.host}:${sink.port}`],
  }),
})

const k6 = (name: string, messages: number, more: Record<string, string> = {}, [program, profile] = ["k6", "generator-cost.k6.ts"]): Sender => ({
  name, messages,
  command: ({ bytes, recipients }, sessions, count) => ({
    command: [program!, "run", "--quiet", "--no-usage-report", "--address=", profile!],
    env: {
      HOST: sink.host, PORT: String(sink.port), BYTES: String(bytes), RECIPIENTS: String(recipients), SESSIONS: String(sessions),
      MESSAGES: String(count), ...more,
    },
  }),
})

const nodemailer: Sender = {
  name: "nodemailer's pool", messages: 4_000,
  command: ({ bytes }, sessions, count) => ({
    command: ["node", "nodemailer-pool.ts", sink.host, String(sink.port), String(sessions), String(count), String(bytes)],
  }),
}

const cpu = (of: string, by = "smtp-source -d"): Claim["of"] => (at) => at(of).cpuMicroseconds / at(by).cpuMicroseconds
const cheaper = (than: string, must: number | null, aim: number | null): Claim => ({
  figure: { what: `2 KiB, 1 recipient: CPU of ${than} / send()`, unit: "x", bound: "at-least", must, aim }, of: cpu(than, "send()"),
})
const lower = (what: string, sender: string, must: number, aim: number): Claim =>
  ({ figure: { what: `${what}: CPU / smtp-source -d`, unit: "x", must, aim }, of: cpu(sender) })

/** What the requirement means by it: the way that is nearest at hand, net/smtp in k6. */
const naive = "one connection per message in k6"
const each = "one connection per message of its own"
const batch = `sendBatch(${batchMessages})`

/** The groups of one number of sessions; bounds are those of the requirement for the generator. */
export const groups: readonly Group[] = [
  {
    name: "2 KiB, 1 recipient", shape: { bytes: 2_048, recipients: 1 },
    senders: [
      source(40_000), k6("send()", 40_000), k6(batch, 60_000, { BATCH: String(batchMessages) }),
      k6("without PIPELINING", 25_000, { WITHOUT_PIPELINING: "1" }), k6(each, 8_000, { CONNECTION_EACH: "1" }),
      k6(naive, 6_000, {}, ["k6-naive", "naive-cost.k6.ts"]), nodemailer,
    ],
    claims: [
      lower("2 KiB, 1 recipient, send()", "send()", 1.3, 0.9),
      lower(`2 KiB, 1 recipient, ${batch}`, batch, 0.75, 0.4),
      {
        figure: { what: `2 KiB, 1 recipient, ${batch}: messages a second / smtp-source -d`, unit: "x", bound: "at-least", must: null, aim: 2 },
        of: (at) => at(batch).messagesPerSecond / at("smtp-source -d").messagesPerSecond,
      },
      lower("2 KiB, 1 recipient, send(), without PIPELINING", "without PIPELINING", 2, 1.2),
      cheaper("nodemailer's pool", 10, 20),
      cheaper(naive, 4, 8), cheaper(each, null, null),
    ],
  },
  {
    name: "50 KiB, 1 recipient", shape: { bytes: 51_200, recipients: 1 }, senders: [source(15_000), k6("send()", 15_000)],
    claims: [lower("50 KiB, 1 recipient, send()", "send()", 2, 1.2)],
  },
  {
    name: "2 KiB, 50 recipients", shape: { bytes: 2_048, recipients: 50 }, senders: [source(3_000), k6("send()", 15_000)],
    claims: [lower("2 KiB, 50 recipients, send()", "send()", 0.25, 0.1)],
  },
]

export interface CostRequest {
  pairs: number
  sessions: readonly number[]
  /** Told of each pair that begins. */
  onStep?: (text: string) => void
  /** What `place` throws once it aborts ends the measuring, and what there is is returned. */
  stop: AbortSignal
}

/** Measures all groups, pair by pair. */
export async function measureCosts(place: BenchPlace, { pairs, sessions, onStep, stop }: CostRequest, all = groups): Promise<Measurement[]> {
  const measurements: Measurement[] = []
  try {
    for (let pair = 1; pair <= pairs; pair += 1) {
      for (const [count, group] of sessions.flatMap((one) => all.map((group) => [one, group] as const))) {
        onStep?.(`pair ${pair} of ${pairs}, ${count} sessions: ${group.name}`)
        const senders = pair % 2 === 1 ? group.senders : group.senders.toReversed()
        for (const sender of senders) measurements.push(await measured(place, group, sender, count, pair))
      }
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
  return measurements
}

async function measured(place: BenchPlace, group: Group, sender: Sender, sessions: number, pair: number): Promise<Measurement> {
  const cost = async (messages: number): Promise<Cost> => {
    const { command, env } = sender.command(group.shape, sessions, messages)
    return place.measure(command, env)
  }
  const start = await cost(sessions)
  const whole = await cost(sender.messages)
  const messages = sender.messages - sessions
  return {
    group: group.name, sessions, pair, sender: sender.name, messages,
    cpuMicroseconds: (whole.cpuSeconds - start.cpuSeconds) / messages * 1e6,
    messagesPerSecond: messages / (whole.clockSeconds - start.clockSeconds),
  }
}

/** One figure for each claim and number of sessions; a pair that was not finished is left out. */
export function figuresOf(sessions: readonly number[], measurements: readonly Measurement[], all = groups): BenchFigure[] {
  return all.flatMap(({ name, senders, claims }) => claims.flatMap(({ figure, of }) => sessions.map((count) => {
    const here = measurements.filter((one) => one.group === name && one.sessions === count)
    const numbers = [...new Set(here.map(({ pair }) => pair))]
    const complete = numbers.map((pair) => here.filter((one) => one.pair === pair)).filter((pair) => pair.length === senders.length)
    const samples = complete.map((pair) => of((sender) => pair.find((one) => one.sender === sender)!))
    return { ...figure, what: `${figure.what}, ${count} sessions`, samples }
  })))
}
