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
import { LoadFile } from "./load-file.ts"
import type { LoadProfile } from "./load-profile.ts"
import { awaitLogs } from "./logs.ts"
import { acceptWhatWaits } from "./moderation.ts"
import { prepareStreams, type PreparedStream } from "./prepare.ts"
import { cpuBetween, readCpu } from "./processor-time.ts"
import { Recorders } from "./recorders.ts"
import { sendAll, type Sending } from "./sending.ts"
import { changesOn, type WorldChanges } from "./world-changes.ts"
import { writeRecord } from "./write-record.ts"

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
  /** Awaited at each moment: for tests that break something in between. */
  at?: (moment: LoadMoment) => Promise<void>
}

/** Mail of what ran before has so long to leave the platform. */
const earlierMailMsMax = 60_000
/** A look at all stages costs the platform processor time. */
const lookEveryMs = 1_000
const takenEveryMs = 5_000
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
  const folder = join(runFolder, "ledger", profile.name)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await awaitEarlierMail(handle, say)
  const prepared = await prepareStreams(handle, profile, { seed, mark: run })
  await recorders.start()
  await at("send")

  const before = await readCpu(crew.handle)
  const startedUs = nowUs()
  changes.begin()
  const sending = await whileSaying(order, recorders, () => sendAll(crew, { profile, prepared, run, runFolder, ledgerFolder: folder }))
  for (const [node, { message }] of sending.failures) say(`the generator ${node} did not get to its end: ${message}`)
  const sentUs = nowUs()
  await at("drain")
  const drained = () => awaitDrain(stagesOf(handle), { withinMs: profile.drainMsMax, everyMs: lookEveryMs, say })
  let drain = await drained()
  if (isEmpty(drain.looks) && prepared.some(({ moderator }) => moderator !== null)) {
    say(`${await acceptWhatWaits(handle, prepared)} messages accepted by a moderator`)
    drain = await drained()
  }
  const drainedUs = nowUs()
  await changes.end()
  const refusals = await recorders.refusals()
  const cpu = cpuBetween(crew.handle, before, await readCpu(without(crew.handle, sending)))
  await at("record")

  say("reading the records")
  const logsFolder = join(handle.resultsFolder, "logs")
  const acceptances = await recorders.end(folder, treesOf(prepared))
  await awaitLogs(handle, logsFolder, run)
  const streams = await writeRecord({ folder, logsFolder, profile: profile.name, run, prepared, writers: sending.writers, acceptances, drain })
  const { summary: ledger } = await inOwnProcess({ folder, logsFolder })
  const { droppedIterations, ending } = sending
  const honesty = honestyOf({ streams, droppedIterations, ending, cpu, ledger, isRamp: profile.isRamp ?? false }, profile.honesty)
  const steps = profile.isRamp ? stepsOf(streams, ledger.figures) : null
  return {
    ...nothingOf(profile, run, seed), startedUs, sentUs, drainedUs: isEmpty(drain.looks) ? drainedUs : null, endedUs: nowUs(),
    streams, droppedIterations, ending, generators: sending.writers.length, cpu, world: worldOf(profile, refusals), ramp: steps && { steps, knee: kneeOf(steps)?.stream ?? null }, honesty, honest: honesty.every(({ held }) => held), ledger,
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

/** Says now and then how far the load has come. */
async function whileSaying<T>({ profile, say = () => undefined }: LoadOrder, recorders: Recorders, work: () => Promise<T>): Promise<T> {
  say(`sending ${profile.streams.reduce((total, stream) => total + stream.messages, 0)} messages`)
  const timer = setInterval(() => void recorders.taken().then((taken) => say(`${taken} copies outside so far`), () => undefined), takenEveryMs)
  try {
    return await work()
  } finally {
    clearInterval(timer)
  }
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
    cpu: null, world: null, ramp: null, honest: false, honesty: [], ledger: null,
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
