import { cpus } from "node:os"
import { join } from "node:path"
import { InputError } from "../../lab/failure.ts"
import { ownership, type Ownership } from "../../lab/own-lab.ts"
import { withBenchLab } from "../bench-lab.ts"
import type { BenchContext, BenchFigure, BenchOutcome } from "../bench.ts"
import type { LoadFile } from "../load-file.ts"
import type { LoadProfile } from "../load-profile.ts"
import { readCpu } from "../processor-time.ts"
import { runLoad } from "../run-load.ts"

const release = "ariel-pr/2026.2"
const repeatsMax = 50

/** Some minute of a platform on 2 cores; the asked rate says only that nothing waits. */
export const saturation: LoadProfile = {
  name: "saturation", script: join(import.meta.dirname, "..", "saturation.k6.ts"),
  streams: [{
    name: "pression", senderClass: "institution", target: { kind: "academies", each: 20 },
    messages: 3_000, perSecond: 1_000, bytes: 2_048, vus: 30,
  }],
  sendMsMax: 300_000, drainMsMax: 300_000, honesty: { rateRatioMin: 0, cpuPercentMax: 20 },
}

export interface Start { turn: number; generator: boolean; startMs: number; cpuMs: number }

/**
 * What the laboratory itself costs: a lab's start with the generator's node beside one without it, in interleaved pairs, and
 * the processor time of generator and academies beside the platform's while as much mail is pressed into the platform as it
 * takes. Bounded: so many starts, and so many loads of 3 000 messages in one lab. Ctrl-C removes the lab at hand.
 */
export async function run({ repeats, seed, say }: BenchContext): Promise<BenchOutcome> {
  if (repeats < 1 || repeats > repeatsMax) {
    throw new InputError(`${repeats} pairs cannot be measured`, { where: "the command line", remedy: `give --times 1 to ${repeatsMax}` })
  }
  const owner = ownership("en")
  const starts: Start[] = []
  for (let turn = 0; turn < repeats; turn += 1) {
    // Neither goes first always: the second one finds the disk's cache warmer.
    for (const generator of turn % 2 === 0 ? [true, false] : [false, true]) {
      starts.push({ turn, generator, ...await startOnce({ generator, seed }, owner) })
      say(`pair ${turn + 1} of ${repeats}, ${generator ? "with" : "without"} the generator: ${Math.round(starts.at(-1)!.startMs)} ms`)
    }
  }
  const loads = await withBenchLab({ release, seed }, owner, async ({ lab: { handle }, folder }, { stop }: Ownership) => {
    const files: LoadFile[] = []
    for (let turn = 0; turn < repeats; turn += 1) {
      files.push(await runLoad({ handle, profile: saturation, seed: seed + turn, runFolder: folder, signal: stop }))
      say(`load ${turn + 1} of ${repeats}: ${JSON.stringify(files.at(-1)!.cpu)}`)
    }
    return files
  })
  return { figures: [...startFigures(starts), ...saturationFigures(loads)], versions: { release }, measurements: [...starts, ...loads] }
}

async function startOnce({ generator, seed }: { generator: boolean; seed: number }, owner: Ownership): Promise<Pick<Start, "startMs" | "cpuMs">> {
  return withBenchLab({ release, seed, without: generator ? [] : ["generator"] }, owner, async ({ lab: { handle }, startMs }) => {
    const { byNode } = await readCpu(handle)
    return { startMs, cpuMs: [...byNode.values()].reduce((sum, one) => sum + one, 0) }
  })
}

export function startFigures(starts: readonly Start[]): BenchFigure[] {
  const ratios = (of: "startMs" | "cpuMs") => [...Map.groupBy(starts, ({ turn }) => turn).values()].flatMap((pair) => {
    const [withIt, without] = [pair.find(({ generator }) => generator), pair.find(({ generator }) => !generator)]
    return withIt && without ? [withIt[of] / without[of]] : []
  })
  const seconds = (of: "startMs" | "cpuMs") => starts.filter(({ generator }) => generator).map((start) => start[of] / 1_000)
  return [
    { what: "start of a lab: time with the generator's node / without", unit: "x", samples: ratios("startMs"), must: null, aim: null },
    { what: "the same, processor time of all nodes", unit: "x", samples: ratios("cpuMs"), must: null, aim: null },
    { what: "start of a lab with all its nodes", unit: "s", samples: seconds("startMs"), must: null, aim: null },
  ]
}

export function saturationFigures(loads: readonly LoadFile[]): BenchFigure[] {
  // Figures of mail that was not all delivered once would be those of another load.
  const sound = loads.flatMap(({ cpu, ledger, startedUs, drainedUs, streams: [stream] }) => {
    const { recipients, fates } = ledger?.figures?.total ?? { recipients: 0, fates: undefined }
    if (!cpu || !stream || startedUs === null || drainedUs === null || fates?.["delivered-once"] !== recipients) return []
    return [{ cpu, stream, seconds: (drainedUs - startedUs) / 1_000_000 }]
  })
  const busy = ({ cpu }: (typeof sound)[number]) => cpu.nodes.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / cpu.clockMs / cpus().length
  return [
    { what: "platform saturated: CPU of generator and academies / of the platform", unit: "%", samples: sound.map(({ cpu }) => cpu.generatorPercent + cpu.catchersPercent), must: 20, aim: 10 },
    { what: "of it, the generator", unit: "%", samples: sound.map(({ cpu }) => cpu.generatorPercent), must: null, aim: null },
    { what: "of the machine's cores, kept busy by the lab", unit: "x", samples: sound.map(busy), must: null, aim: null },
    { what: "messages a second, from the first to the end of the drain", unit: "/s", samples: sound.map(({ stream, seconds }) => stream.achieved.accepted / seconds), must: null, aim: null },
    { what: "messages a second that the edge accepted", unit: "/s", samples: sound.map(({ stream }) => stream.achieved.perSecond), must: null, aim: null },
  ]
}
