import { ownership, type Ownership } from "../../lab/own-lab.ts"
import { withBenchLab } from "../bench-lab.ts"
import { readmePerSecond, secondsUntil, wrongCopies } from "../bench-list.ts"
import type { BenchContext, BenchFigure, BenchOutcome } from "../bench.ts"
import type { LoadFile } from "../load-file.ts"
import type { LoadProfile } from "../load-profile.ts"
import { runLoad } from "../run-load.ts"

const release = "ariel-pr/2026.2"
const members = 40_000

export const profile: LoadProfile = {
  name: "list-40000",
  streams: [{
    name: "lettre", senderClass: "institution", target: { kind: "list", list: "info-elections", members },
    messages: 1, perSecond: 0.5, bytes: 100_000, vus: 1,
  }],
  sendMsMax: 120_000, drainMsMax: 3_600_000, honesty: { rateRatioMin: 0.99, cpuPercentMax: 20 },
}

/** A run takes some ten minutes, its counts are exact, and its rate has no bound that must hold: one says it. */
export const repeatsByDefault = 1

/**
 * One message of 100 kB to a list of 40 000 members, spread over the 30 academies, on a lab of its own: everyone exactly
 * once, by the ledger, and how fast. Bounded: two minutes to send, an hour to drain.
 */
export async function run({ repeats, seed, say }: BenchContext): Promise<BenchOutcome> {
  const owner = ownership("en")
  const files: LoadFile[] = []
  for (let turn = 0; turn < repeats; turn += 1) {
    files.push(await withBenchLab({ release, seed: seed + turn }, owner, ({ lab: { handle }, folder }, { stop }: Ownership) =>
      runLoad({ handle, profile, seed: seed + turn, runFolder: folder, say, signal: stop })))
    say(`run ${turn + 1} of ${repeats}: ${JSON.stringify(files.at(-1)!.ledger?.figures?.total.fates ?? files.at(-1)!.ledger?.gaps)}`)
  }
  return { figures: figuresOf(files), samplesMin: 1, versions: { release }, measurements: files }
}

export function figuresOf(files: readonly LoadFile[]): BenchFigure[] {
  const reached = (percent: number) => files.flatMap((file) => secondsUntil(file, percent) ?? [])
  return [
    { what: "members without exactly one unaltered copy, by the ledger", unit: "", samples: files.flatMap((file) => wrongCopies(file, members) ?? []), must: 0, aim: null, judgedBy: "worst" },
    { what: "members a second, up to 90 % of them (Sympa's README: 60)", unit: "/s", samples: reached(90).map((seconds) => members * 0.9 / seconds), must: null, aim: readmePerSecond, bound: "at-least" },
    { what: "members a second, all of them", unit: "/s", samples: reached(100).map((seconds) => members / seconds), must: null, aim: readmePerSecond, bound: "at-least" },
    { what: "everybody has it after", unit: "s", samples: reached(100), must: null, aim: null },
    { what: "generator and receiving servers of the platform's processor time", unit: "%", samples: files.flatMap(({ cpu }) => cpu ? [cpu.generatorPercent + cpu.catchersPercent] : []), must: null, aim: null },
  ]
}
