import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { markOf } from "../fixtures/mark.ts"
import { LabFailure } from "../lab/failure.ts"
import { StartedGeneratorContainer } from "../lab/generator.ts"
import { GeneratorCrew } from "../lab/generator-crew.ts"
import type { LabHandle } from "../lab/handle.ts"
import { failureOf } from "../lab/run-record.ts"
import { unlessStopped } from "../lab/stop-signal.ts"
import { writeWhole } from "../lab/whole-file.ts"
import { extrapolation } from "./electorate.ts"
import { honestyOf } from "./honesty.ts"
import { kneeOf, stepsOf } from "./knee.ts"
import { awaitDrain, stagesOf } from "./ledger/count-drain.ts"
import { inOwnProcess } from "./ledger/ledger-child.ts"
import { LiveView } from "./live-view.ts"
import { LoadFile } from "./load-file.ts"
import type { LoadProfile } from "./load-profile.ts"
import { awaitLogs } from "./logs.ts"
import { acceptWhatWaits } from "./moderation.ts"
import { Observation } from "./observation.ts"
import { prepareStreams, type PreparedStream } from "./prepare.ts"
import { cpuBetween, readCpu } from "./processor-time.ts"
import { Recorders } from "./recorders.ts"
import { sendAll, sentAtAll, sentSoFar, type Sending } from "./sending.ts"
import { changesOn, type WorldChanges } from "./world-changes.ts"
import { writeRecord } from "./write-record.ts"
import { writeSeries } from "./write-series.ts"

/** What a load is about to do: `send` (all is prepared, recordings run), `drain` (k6 has ended), `record` (the platform is empty). */
export type LoadMoment = "send" | "drain" | "record"

export interface LoadOrder {
  handle: LabHandle
  profile: LoadProfile
  /** Of people and addresses. */
  seed: number
  /** How many send it, each its share; default 1, the lab's own. */
  generators?: number
  /** The run's folder: `load/<profile>.json` and `ledger/<profile>/` are made in it, `logs/` is read. */
  runFolder: string
  /** One short line on what is going on. */
  say?: (line: string) => void
  /** Its abort ends the load; the promise is then rejected with its reason. */
  signal?: AbortSignal
  /** Somebody watches: where the load stands is said more often. */
  isWatched?: boolean
  lang?: "fr" | "en"
  /** k6 writes its own dashboard (dashboard.html beside its log): costs the generator processor time. */
  dashboard?: boolean
  /** Awaited at each moment: for tests that break something in between. */
  at?: (moment: LoadMoment) => Promise<void>
}

/** Mail of what ran before has so long to leave the platform. */
const earlierMailMsMax = 60_000
/** A look at all stages costs the platform processor time. */
const lookEveryMs = 1_000
/** Who asked for a stop is not kept waiting. */
const giveUpMsMax = 3_000

/**
 * Runs a load on a lab that is up, to the end of its drain, reconciles it, judges its own honesty and writes
 * `load/<profile>.json`, which it returns. Whatever the platform did is in there; so is a gap of the record and a bound of
 * honesty that was not kept. Throws a LabFailure where the load could not be run to its end; the file then says so as well.
 */
export async function runLoad(order: LoadOrder): Promise<LoadFile> {
  const { handle, profile, seed, runFolder, signal = new AbortController().signal } = order
  // First part of its ids, and of all names that are made for it: another one for each load of a lab.
  const run = markOf("l", `${handle.run} ${process.pid} ${performance.timeOrigin + performance.now()}`)
  const path = join(runFolder, "load", `${profile.name}.json`)
  const recorders = new Recorders(handle, run)
  const changes = changesOn(handle, profile.world ?? [])
  try {
    await using crew = await GeneratorCrew.start(handle, order.generators ?? 1, signal)
    const file = await unlessStopped(signal, theLoad(order, { run, recorders, changes, crew }))
    await writeWhole(path, LoadFile.parse(file))
    return file
  } catch (error) {
    await Promise.race([giveUp(handle, recorders, changes), pause(giveUpMsMax)])
    const failure = signal.aborted ? { message: `The load was stopped: ${(error as Error).message}`, where: `lab ${handle.run}`, remedy: "run it again" } : failureOf(error)
    await writeWhole(path, LoadFile.parse({ ...nothingOf(profile, run, seed), failure }))
    throw error
  }
}

/** The lab may live on, and have another load. */
async function giveUp(handle: LabHandle, recorders: Recorders, changes: WorldChanges): Promise<void> {
  const endProfile = async () => new StartedGeneratorContainer(handle).endProfile()
  await Promise.allSettled([endProfile(), recorders.abandon(), changes.end()])
}

interface LoadParts { run: string; recorders: Recorders; changes: WorldChanges; crew: GeneratorCrew }

async function theLoad(order: LoadOrder, { run, recorders, changes, crew }: LoadParts): Promise<LoadFile> {
  const { handle, profile, seed, runFolder, say = () => undefined, at = async () => undefined } = order
  const [folder, ownFolder] = [join(runFolder, "ledger", profile.name), join(runFolder, "load", profile.name)]
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await awaitEarlierMail(handle, say)
  const prepared = await prepareStreams(handle, profile, { seed, mark: run })
  await recorders.start()
  const logsFolder = join(handle.resultsFolder, "logs")
  await using observation = await Observation.start(handle, join(ownFolder, "observation.ndjson"))
  await at("send")

  const before = await readCpu(crew.handle)
  const startedUs = nowUs()
  changes.begin()
  using view = viewOf(order, { prepared, recorders, observation, crew })
  order.signal?.addEventListener("abort", () => {
    view.end()
    void observation.end()
  })
  const sending = await sendAll(crew, { profile, prepared, run, runFolder, ledgerFolder: folder, dashboard: order.dashboard ?? false })
  view.allSent(sentAtAll(sending))
  for (const [node, { message }] of sending.failures) say(`the generator ${node} did not get to its end: ${message}`)
  const sentUs = nowUs()
  await at("drain")
  const drained = () => awaitDrain(stagesOf(handle), { withinMs: profile.drainMsMax, everyMs: lookEveryMs })
  let drain = await drained()
  if (isEmpty(drain.looks) && prepared.some(({ moderator }) => moderator !== null)) {
    say(`${await acceptWhatWaits(handle, prepared)} messages accepted by a moderator`)
    drain = await drained()
  }
  const drainedUs = nowUs()
  await changes.end()
  const refusals = await recorders.refusals()
  const cpu = cpuBetween(crew.handle, before, await readCpu(without(crew.handle, sending)))
  view.end()
  const sampling = await observation.end()
  await at("record")

  say("reading the records")
  const acceptances = await recorders.end(folder, treesOf(prepared))
  await awaitLogs(handle, logsFolder, run)
  const streams = await writeRecord({ folder, logsFolder, profile: profile.name, run, prepared, writers: sending.writers, acceptances, drain })
  const { summary: ledger, maxRssKb } = await inOwnProcess({ folder, logsFolder })
  // A load says what it says without its charts.
  const seen = await writeSeries(handle, sampling, { profile: profile.name, folder: ownFolder, ledgerFolder: folder, startUs: startedUs, endUs: drainedUs })
    .catch((error: unknown) => {
      say(`the course of the load could not be written: ${(error as Error).message}`)
      return null
    })
  const { droppedIterations, ending } = sending
  const honesty = honestyOf({ streams, droppedIterations, ending, cpu, ledger, isRamp: profile.isRamp ?? false }, profile.honesty)
  const steps = profile.isRamp ? stepsOf(streams, ledger.figures) : null
  return {
    ...nothingOf(profile, run, seed), startedUs, sentUs, drainedUs: isEmpty(drain.looks) ? drainedUs : null, endedUs: nowUs(),
    streams, droppedIterations, ending, generators: sending.writers.length, cpu, world: worldOf(profile, refusals), ramp: steps && { steps, knee: kneeOf(steps)?.stream ?? null }, honesty, honest: honesty.every(({ held }) => held), ledger, observation: seen,
    memory: { recetteBytes: process.resourceUsage().maxRSS * 1_024, ledgerBytes: maxRssKb * 1_024 },
  }
}

/** Mail that is under way already would be counted as this load's cost, and would keep the platform from draining. */
async function awaitEarlierMail(handle: LabHandle, say: (line: string) => void): Promise<void> {
  const { looks } = await awaitDrain(stagesOf(handle), { withinMs: earlierMailMsMax, everyMs: lookEveryMs, say })
  const left = looks.filter((look) => look.left > 0)
  if (left.length === 0) return
  throw new LabFailure(`Mail of before the load is still in the platform after ${earlierMailMsMax} ms: ${
    left.map(({ node, stage, left: count }) => `${node} ${stage} ${count}`).join(", ")}`, {
    where: `lab ${handle.run}, postqueue -p and /var/spool/sympa there`, remedy: "let it leave first, or take another lab",
  })
}

function viewOf(
  { profile, isWatched = false, lang = "en", say = () => undefined }: LoadOrder,
  { prepared, recorders, observation, crew }: { prepared: readonly PreparedStream[]; recorders: Recorders; observation: Observation; crew: GeneratorCrew },
): LiveView {
  say(`sending ${profile.streams.reduce((total, stream) => total + stream.messages, 0)} messages`)
  const sources = { sent: () => sentSoFar(crew, profile.name), taken: () => recorders.taken(), waiting: () => observation.waiting(), say }
  return new LiveView(prepared, sources, { isWatched, lang })
}

/** A generator that was killed may be gone, and with it what it used. */
function without(handle: LabHandle, { failures }: Sending): LabHandle {
  return { ...handle, nodes: Object.fromEntries(Object.entries(handle.nodes).filter(([name]) => !failures.has(name))) }
}

function treesOf(prepared: readonly PreparedStream[]): Map<string, string> {
  return new Map(prepared.flatMap(({ stream, tree }) => tree === null ? [] : [[stream.name, tree] as const]))
}

function nothingOf(profile: LoadProfile, run: string, seed: number): LoadFile {
  return {
    schema: "recette.load/v1", profile: profile.name, summary: profile.summary ?? null, parameters: { ...profile.parameters },
    assumptions: [...profile.assumptions ?? []], extrapolated: extrapolation(profile), run, seed,
    startedUs: null, sentUs: null, drainedUs: null, endedUs: nowUs(), failure: null, streams: [], droppedIterations: null, ending: null, generators: null,
    cpu: null, world: null, ramp: null, honest: false, honesty: [], ledger: null, observation: null, memory: null,
  }
}

function worldOf({ world = [] }: LoadProfile, refusals: number): LoadFile["world"] {
  const changes = world.map(({ academies, behaviour, ...times }) => ({ academies: [...academies], behaviour: { ...behaviour }, ...times }))
  return { changes, refusals }
}

function isEmpty(looks: readonly { left: number }[]): boolean {
  return looks.every(({ left }) => left === 0)
}

function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000)
}
