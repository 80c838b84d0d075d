import { isDeepStrictEqual } from "node:util"
import { LabFailure } from "../../lab/failure.ts"
import { temporaryFolder } from "../../lab/state-folder.ts"
import type { BenchContext, BenchFigure } from "../bench.ts"
import { inOwnProcess, type LedgerOutcome } from "../ledger/ledger-child.ts"
import type { Offence } from "../ledger/ledger-summary.ts"
import { electors, writeDeliveries, type Planted } from "../ledger/many-deliveries.ts"

/** The ledger over 26.6 million deliveries with planted errors, in a process of its own, each time from the files on. */
export async function run({ say, seed, repeats }: BenchContext): Promise<BenchFigure[]> {
  await using folder = await temporaryFolder("bench-ledger")
  const planted = await writeDeliveries(folder.path, { seed, electors, say })
  const seconds: number[] = []
  const cpuSeconds: number[] = []
  const gibibytes: number[] = []
  for (let turn = 1; turn <= repeats; turn += 1) {
    const started = performance.now()
    const outcome = await inOwnProcess({ folder: folder.path })
    seconds.push((performance.now() - started) / 1_000)
    cpuSeconds.push(outcome.cpuMs / 1_000)
    gibibytes.push(outcome.maxRssKb / 1_048_576)
    checkPlanted(outcome, planted)
    say(`run ${turn} of ${repeats}: ${seconds.at(-1)!.toFixed(1)} s, ${gibibytes.at(-1)!.toFixed(2)} GiB; all planted errors named`)
  }
  return [
    { what: "26.6 million deliveries, time", unit: "s", samples: seconds, must: 60, aim: 10 },
    { what: "the same, CPU of both cores", unit: "s", samples: cpuSeconds, must: null, aim: null },
    { what: "the same, peak resident memory", unit: "GiB", samples: gibibytes, must: 2, aim: 1 },
  ]
}

/** A fast ledger that misses what was planted, or names what was not, is no ledger. */
export function checkPlanted({ summary }: Pick<LedgerOutcome, "summary">, planted: Planted): void {
  const examples = summary.figures?.examples ?? []
  const named = (offence: Offence) => examples.find((one) => one.offence === offence)?.first
    .map(({ id, recipient }) => `${id} ${recipient}`).sort() ?? []
  const found: Planted = {
    lost: named("lost"), duplicated: named("duplicated"), unexpected: named("unexpected"), altered: named("altered"),
  }
  if (examples.length === 4 && isDeepStrictEqual(found, planted)) return
  throw new LabFailure(`The ledger found ${JSON.stringify(summary.figures ? found : summary.gaps)}, and planted was ${JSON.stringify(planted)}`, {
    where: "load/ledger/", remedy: "this is a defect of the ledger, or of load/ledger/many-deliveries.ts",
  })
}
