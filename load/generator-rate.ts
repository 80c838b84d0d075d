import { sink } from "../lab/closed-container.ts"
import { LabFailure } from "../lab/failure.ts"
import type { BenchFigure } from "./bench.ts"

// Whether the generator keeps an arrival rate: a late or dropped message would make a platform look better than it is.

const asked = { messagesPerSecond: 2_000, vus: 200, seconds: 10, bytes: 2_048 }

/** Runs a command and returns what it printed, whatever its exit code. */
export interface RatePlace { said: (command: readonly string[]) => Promise<string> }

/** One run at the rate. `lagMs` are the 99th percentile and the worst of when a send began against when it was due. */
export interface RateMeasurement { pair: number; sent: number; dropped: number; lagMs: { p99: number; max: number } }

type Summary = { metrics: Record<string, Record<string, number> | undefined> }

/** One run, of ten seconds. */
export async function measureRate({ said }: RatePlace, pair: number): Promise<RateMeasurement> {
  const env = {
    HOST: sink.host, PORT: sink.port, RATE: asked.messagesPerSecond, VUS: asked.vus, SECONDS: asked.seconds, BYTES: asked.bytes,
  }
  const output = await said(["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), "timeout", "60",
    "sh", "-c", 'k6 run --quiet --no-usage-report --address= --summary-trend-stats="p(99),max" --summary-export=/tmp/rate.json '
      + "generator-rate.k6.ts >/tmp/rate.log 2>&1 && cat /tmp/rate.json || tail -n 20 /tmp/rate.log"])
  const { metrics } = parsed(output)
  const lag = metrics["mail_dispatch_lag"] ?? {}
  return {
    pair, sent: metrics["mail_messages"]?.["count"] ?? 0, dropped: metrics["dropped_iterations"]?.["count"] ?? 0,
    lagMs: { p99: lag["p(99)"] ?? Number.NaN, max: lag["max"] ?? Number.NaN },
  }
}

/** As many runs as there are pairs. What `place` throws once `stop` aborts ends the measuring, and what there is is returned. */
export async function measureRates(
  place: RatePlace, { pairs, stop, onStep }: { pairs: number; stop: AbortSignal; onStep?: (text: string) => void },
): Promise<RateMeasurement[]> {
  const measurements: RateMeasurement[] = []
  try {
    for (let pair = 1; pair <= pairs; pair += 1) {
      onStep?.(`run ${pair} of ${pairs}: ${asked.messagesPerSecond} messages a second`)
      measurements.push(await measureRate(place, pair))
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
  return measurements
}

/** Sent of asked, and dropped: both judged by their worst run. The message of the first moment may be one more than asked. */
export function rateFigures(measurements: readonly RateMeasurement[]): BenchFigure[] {
  const messages = asked.messagesPerSecond * asked.seconds
  const what = `${asked.messagesPerSecond} messages a second asked, ${asked.vus} VUs`
  const common = { judgedBy: "worst", aim: null } as const
  return [
    { ...common, what: `${what}: sent / asked`, unit: "x", bound: "at-least", must: 0.999, samples: measurements.map(({ sent }) => sent / messages) },
    { ...common, what: `${what}: dropped`, unit: "", must: 0, samples: measurements.map(({ dropped }) => dropped) },
  ]
}

function parsed(output: string): Summary {
  try {
    return JSON.parse(output) as Summary
  } catch (cause) {
    throw new LabFailure(`The run at a rate left no summary: ${output.trim()}`, { where: "generator-rate.k6.ts", remedy: "see the reason there", cause })
  }
}
