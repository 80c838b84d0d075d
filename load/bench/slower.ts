import { loadavg } from "node:os"
import { join } from "node:path"
import type { LabHandle } from "../../lab/handle.ts"
import { InputError, LabFailure } from "../../lab/failure.ts"
import { ownership } from "../../lab/own-lab.ts"
import { StartedPostfixContainer } from "../../lab/postfix.ts"
import { withBenchLab } from "../bench-lab.ts"
import type { BenchContext, BenchOutcome } from "../bench.ts"
import type { LoadProfile } from "../load-profile.ts"
import { chanceOfNoise } from "../matrix/effects.ts"
import { measure } from "../matrix/measurement.ts"
import { runLoad } from "../run-load.ts"
import { coresFor, orderOfRun, sides, slowerFigures, trialIn, wanted, type Side, type SideLoad, type Trial } from "../slow-down.ts"
import { saturation } from "./lab.ts"

const release = "ariel-pr/2026.2"
/** Pairs of one run: noise alone puts all their ratios on one side once in 16. */
const pairs = 5
const messages = 600
const runsMax = 50
const trialsMade = 3

/** As many runs as the requirement names. */
export const repeatsByDefault = 10

/** Every session sends its next message when the last one is answered: the platform is what limits. */
export const profile: LoadProfile = {
  ...saturation, name: "slower", streams: saturation.streams.map((stream) => ({ ...stream, messages, perSecond: messages / 2 })),
  honesty: { rateRatioMin: 0, cpuPercentMax: 50 },
}

/**
 * Whether a platform that is made some 20 % slower is told apart from noise. The edge, through which all mail goes, is given less
 * of the processor: as much less as the bench finds out itself, and anew after each pair. Then come runs, each of five times three
 * loads in a random order: as it is, as it is again, and slowed; pairs of the first two count false alarms. One lab for all, some
 * 18 s a load where the edge takes 50 messages a second: 45 minutes for ten runs. `--times 0` finds out the limit and stops.
 */
export async function run({ repeats, seed, say }: BenchContext): Promise<BenchOutcome> {
  if (repeats > runsMax) throw new InputError(`${repeats} runs cannot be made`, { where: "the command line", remedy: `give --times 0 to ${runsMax}` })
  const found = await withBenchLab({ release, seed }, ownership("en"), async ({ lab: { handle }, folder }, { stop }) => {
    const bench = new SlowedLab(handle, { folder, seed, stop, say })
    const trials = await bench.calibrate()
    const loads: SideLoad[] = []
    for (let turn = 0; turn < repeats; turn += 1) {
      for (const { pair, side } of orderOfRun(pairs, seed + turn)) {
        loads.push({ run: turn, pair, side, ...await bench.load(side) })
        const whole = loads.filter((load) => load.run === turn && load.pair === pair)
        if (whole.length === sides.length) bench.follow(whole)
      }
      say(`run ${turn + 1} of ${repeats}: ${JSON.stringify(slowerFigures(loads.filter((load) => load.run === turn), pairs).slice(0, 4).map(({ samples }) => samples))}`)
    }
    return { trials, loads }
  })
  return {
    figures: slowerFigures(found.loads, pairs), samplesMin: repeatsByDefault,
    versions: { release, rule: `all ${pairs} ratios of the rate on one side of 1; noise alone: ${chanceOfNoise(pairs)}` },
    measurements: [{ wanted, trials: found.trials }, ...found.loads],
  }
}

type Measured = Pick<SideLoad, "perSecond" | "why" | "cores" | "machineLoad" | "seconds">

/** A lab whose edge has less of the processor while a load says so. */
class SlowedLab {
  private readonly handle: LabHandle
  private readonly edge: StartedPostfixContainer
  private readonly about: { folder: string; seed: number; stop: AbortSignal; say: (line: string) => void }
  private cores = 0
  private readonly trials: Trial[] = []
  private made = 0
  /** Processor time of the edge for one message, in seconds, by the last load. */
  private edgeSecondsEach = 0
  constructor(handle: LabHandle, about: SlowedLab["about"]) {
    this.handle = handle
    this.edge = new StartedPostfixContainer(handle)
    this.about = about
  }

  /** Finds the limit under which the rate is `wanted` of what it is. Returns every limit that was tried. */
  async calibrate(): Promise<Trial[]> {
    const { trials } = this
    // The first load finds nothing in any cache.
    await this.rateOf("as it is")
    for (let turn = 0; turn < trialsMade; turn += 1) {
      const asItIs = await this.rateOf("as it is")
      this.cores = trials.length === 0 ? wanted * asItIs * this.edgeSecondsEach : coresFor(trials)
      const slowed = await this.rateOf("slowed")
      trials.push({ cores: this.cores, asItIs, slowed })
      this.about.say(`edge limited to ${this.cores.toFixed(3)} cores: ${slowed.toFixed(1)} messages a second, ${asItIs.toFixed(1)} as it is`)
    }
    this.cores = coresFor(trials)
    return [...trials]
  }

  /** Brings the limit up to date with a pair that has ended: a machine that has become faster or slower wants another one. */
  follow(pair: readonly SideLoad[]): void {
    const trial = trialIn(pair)
    if (trial) this.trials.push(trial)
    this.cores = coresFor(this.trials)
  }

  /** Puts the load on the platform, on one of its sides. Throws what the lab threw where it failed a second time. */
  async load(side: Side): Promise<Measured> {
    const { stop, say } = this.about
    const first = await this.loadOnce(side).catch((error: unknown) => {
      if (stop.aborted || !(error instanceof LabFailure)) throw error
      return { perSecond: null, why: [error.message] }
    })
    if (first.perSecond !== null) return first
    say(`no figure, made again: ${first.why.join("; ")}`)
    return this.loadOnce(side)
  }

  private async loadOnce(side: Side): Promise<Measured> {
    const { folder, seed, stop } = this.about
    const machineLoad = loadavg()[0]!
    const started = performance.now()
    const cores = side === "slowed" ? this.cores : null
    await this.edge.limitProcessor(cores)
    try {
      const file = await runLoad({ handle: this.handle, profile, seed: seed + this.made++, runFolder: folder, signal: stop })
      const { perSecond, why } = await measure(file, { folder: join(folder, "ledger", profile.name), engines: [], silenceSecondsMax: 3_600 })
      const edgeMs = file.cpu?.nodes.find(({ node }) => node === this.edge.node.name)?.cpuMs ?? 0
      this.edgeSecondsEach = edgeMs / 1_000 / messages
      // The first of each fate that is none of `delivered-once`.
      const words = file.ledger?.figures?.examples.flatMap(({ first: [one] }) => one ? [`${one.told} ${one.bounce ?? one.path.at(-1)?.line ?? ""}`.trim()] : []) ?? []
      return { perSecond, cores, why: [...why.map(({ en }) => en), ...words], machineLoad, seconds: (performance.now() - started) / 1_000 }
    } finally {
      await this.edge.limitProcessor(null)
    }
  }

  private async rateOf(side: Side): Promise<number> {
    const { perSecond, why } = await this.load(side)
    if (perSecond !== null) return perSecond
    throw new LabFailure(`A load by which the limit was to be found gave no figure: ${why.join("; ")}`, {
      where: "load/bench/slower.ts", remedy: "let other work on this machine end, and run it again",
    })
  }
}
