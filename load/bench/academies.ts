import { fork, type ChildProcess } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { academies } from "../../fixtures/academies.ts"
import { LabFailure } from "../../lab/failure.ts"
import { temporaryFolder } from "../../lab/state-folder.ts"
import type { RecordingCounters } from "../../lab/world/load-recording.ts"
import type { AcademiesPorts, AcademiesSample } from "../academies-process.ts"
import type { BenchContext, BenchFigure } from "../bench.ts"
import { Database, literal } from "../ledger/database.ts"
import { inOwnProcess } from "../ledger/ledger-child.ts"
import type { LoadRecord } from "../ledger/load-record.ts"
import { writeRows } from "../ledger/sample-load.ts"
import type { StreamOutcome, StreamProcessOrder } from "../mail-stream-process.ts"
import { submissionRows } from "../mail-stream.ts"

const seconds = 60
const recipientsPerMessage = 50
const recipientsPerSecond = 50_000
const messages = seconds * recipientsPerSecond / recipientsPerMessage
const settledAfter = 10
const run1 = "bench"
const text = "The quick brown fox jumps over the lazy dog, and nobody on the platform waits.\r\n".repeat(20)
const content = createHash("sha256").update(text).digest("hex")

/** The academies' server at 50 000 recipients a second for a minute, 50 a message, 2 KiB; its record is reconciled. */
export async function run({ say, repeats }: BenchContext): Promise<BenchFigure[]> {
  const rates: number[] = []
  const growths: number[] = []
  const memories: number[] = []
  const serverCosts: number[] = []
  const senderCosts: number[] = []
  const missing: number[] = []
  for (let turn = 1; turn <= repeats; turn += 1) {
    const one = await runOnce()
    rates.push(one.rate)
    growths.push(one.growth)
    memories.push(one.rssMb)
    serverCosts.push(one.serverUs)
    senderCosts.push(one.senderUs)
    missing.push(one.missing)
    say(`run ${turn} of ${repeats}: ${Math.round(one.rate)} recipients/s, ${one.serverUs.toFixed(2)} µs of CPU each, ${Math.round(one.rssMb)} MB`)
  }
  return [
    { what: "recipients a second, asked 50 000", unit: "/s", samples: rates, must: 49_500, aim: 49_950, bound: "at-least", judgedBy: "worst" },
    { what: "resident memory at the end beside after 10 s", unit: "times", samples: growths, must: 1.1, aim: 1.02, judgedBy: "worst" },
    { what: "resident memory at the end", unit: "MB", samples: memories, must: null, aim: null },
    { what: "server, CPU of a recipient", unit: "µs", samples: serverCosts, must: null, aim: null },
    { what: "sender, CPU of a recipient", unit: "µs", samples: senderCosts, must: null, aim: null },
    { what: "recipients not delivered exactly once, by the ledger", unit: "", samples: missing, must: 0, aim: null, judgedBy: "worst" },
  ]
}

interface Run { rate: number; growth: number; rssMb: number; serverUs: number; senderUs: number; missing: number }

async function runOnce(): Promise<Run> {
  await using folder = await temporaryFolder("bench-academies")
  const server = fork(join(import.meta.dirname, "..", "academies-process.ts"), [folder.path], { execArgv: await optionsOfTheLab() })
  try {
    const [{ smtp, control }] = await once(server, "message") as [AcademiesPorts]
    const samples: AcademiesSample[] = []
    server.on("message", (sample: AcademiesSample) => samples.push(sample))
    const recording = `http://127.0.0.1:${control}/recording`
    await fetch(recording, { method: "POST", body: JSON.stringify({ writer: "academies", run: run1 }) })
    const { sent, cpuMs } = await stream({
      host: "127.0.0.1", port: smtp, run: run1, stream: "notes", messages, recipientsPerMessage, connections: 20,
      rate: recipientsPerSecond / recipientsPerMessage, text,
    })
    const counters = await (await fetch(recording, { method: "DELETE" })).json() as RecordingCounters
    await writeLoad(join(folder.path, "load"), sent, counters)
    const { summary } = await inOwnProcess({ folder: join(folder.path, "load") })
    if (!summary.figures) throw new LabFailure(`The ledger concludes nothing: ${JSON.stringify(summary.gaps)}`, {
      where: "load/bench/academies.ts", remedy: "this is a defect of the server's record, or of this benchmark",
    })
    return figuresOf(sent, samples, cpuMs, summary.figures.total)
  } finally {
    server.disconnect()
  }
}

/** Options of Node with which the lab starts the program: lab/images/world/start.sh. */
async function optionsOfTheLab(): Promise<string[]> {
  const script = await readFile(join(import.meta.dirname, "..", "..", "lab", "images", "world", "start.sh"), "utf8")
  return /exec node (.*) ?\/world\/mail-catcher\.ts/.exec(script)![1]!.split(" ").filter(Boolean)
}

function figuresOf(sent: StreamOutcome["sent"], samples: readonly AcademiesSample[], senderMs: number, total: { recipients: number; fates: Record<string, number> }): Run {
  const began = Math.min(...firstAndLast(sent, "startedUs"))
  const ended = Math.max(...firstAndLast(sent, "answeredUs"))
  const recipients = sent.length * recipientsPerMessage
  const busy = samples.filter((sample, index) => sample.recipients > 0 && sample.recipients > (samples[index - 1]?.recipients ?? 0))
  const last = busy.at(-1)!
  return {
    rate: recipients / (ended - began) * 1_000_000, growth: last.rssMb / busy[settledAfter - 1]!.rssMb, rssMb: last.rssMb,
    serverUs: (last.cpuMs - busy[0]!.cpuMs) * 1_000 / (last.recipients - busy[0]!.recipients),
    senderUs: senderMs * 1_000 / recipients, missing: recipients - (total.fates["delivered-once"] ?? 0),
  }
}

function firstAndLast(sent: StreamOutcome["sent"], column: "startedUs" | "answeredUs"): [number, number] {
  return sent.reduce<[number, number]>(([low, high], one) => [Math.min(low, one[column]), Math.max(high, one[column])], [Infinity, 0])
}

async function stream(order: StreamProcessOrder): Promise<StreamOutcome> {
  const sender: ChildProcess = fork(join(import.meta.dirname, "..", "mail-stream-process.ts"))
  sender.send(order)
  const [outcome] = await Promise.race([once(sender, "message"), once(sender, "exit").then(([code]) => {
    throw new LabFailure(`The stream ended with exit code ${code} before all was sent`, {
      where: "load/mail-stream-process.ts", remedy: "read what it said above",
    })
  })]) as [StreamOutcome]
  return outcome
}

async function writeLoad(folder: string, sent: StreamOutcome["sent"], counters: RecordingCounters): Promise<void> {
  using database = await Database.open({ memoryMb: 500, threads: 2, temporaryFolder: join(folder, "temporary") })
  await writeRows(database, "submissions", submissionRows(sent, { content, recipients: recipientsPerMessage }), join(folder, "submissions-1.parquet"))
  await writeRows(database, "refusals", [], join(folder, "refusals-1.parquet"))
  const domains = academies.map(({ domain }) => literal(domain)).join(", ")
  await database.run(`copy (select 'notes' as audience, place::integer as place,
      'prenom.nom' || place || '@' || [${domains}][place % ${academies.length} + 1] as recipient,
      0::bigint as since_us, ${Number.MAX_SAFE_INTEGER}::bigint as until_us
    from range(${messages * recipientsPerMessage}) as one(place)) to ${literal(join(folder, "expected-1.parquet"))} (format parquet)`)
  const now = Math.round((performance.timeOrigin + performance.now()) * 1_000)
  const look = { node: "none", stage: "queue", left: 0 }
  const record: LoadRecord = {
    schema: "recette.load-record/v1", profile: "bench", run: run1, streams: [{ name: "notes", senderClass: "institution" }],
    writers: {
      submissions: [{ writer: "1", counted: { messages, accepted: messages * recipientsPerMessage, refused: 0 } }],
      acceptances: [{ writer: "academies", counted: { recipients: counters.recipients } }], bounces: [],
    },
    // Nothing stands between sender and server: what was answered has arrived.
    drain: {
      nodes: ["none"], order: [{ node: "none", stage: "queue" }],
      looks: [{ ...look, startedUs: now, endedUs: now }, { ...look, startedUs: now, endedUs: now }],
    },
  }
  await writeFile(join(folder, "record.json"), JSON.stringify(record))
}
