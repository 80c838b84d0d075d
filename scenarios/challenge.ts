import { join, resolve } from "node:path"
import { isProvedByLoad } from "../fixtures/requirements.ts"
import type { Lab } from "../lab/lab.ts"
import { changedComponents, groupByBase, loadMutants, selectMutants, type Mutant } from "../lab/mutants.ts"
import { withLab, type Ownership } from "../lab/own-lab.ts"
import type { Progress } from "../lab/progress.ts"
import type { Release } from "../lab/release.ts"
import { platformNamed } from "../lab/platform.ts"
import { loadRequirements } from "../lab/requirements.ts"
import { newRunId, type RunRecord } from "../lab/run-record.ts"
import { openRecord, readInput, requirementsOf, type RunInput, type RunRequest } from "../lab/run-request.ts"
import { projectFolder } from "../lab/state-folder.ts"
import { unlessStopped } from "../lab/stop-signal.ts"
import { selectScenarios } from "./catalogue.ts"
import { outcomeText } from "./challenge-matrix.ts"
import { ChallengeRecord, scoreOf, type MutantRecord } from "./challenge-record.ts"
import { Turn } from "../lab/turn.ts"
import type { ChallengeLoads } from "./challenged-load.ts"
import { ChallengedLab, type Judge, type JudgedBase } from "./challenged-lab.ts"

const words = {
  start: {
    fr: (count: number, file: string) => `${count} mutants ; résultats au fur et à mesure dans ${file}`,
    en: (count: number, file: string) => `${count} mutants; results as they come in ${file}`,
  },
  base: {
    fr: (name: string) => `scénarios sur ${name} elle-même`,
    en: (name: string) => `scenarios on ${name} itself`,
  },
} as const

export interface ChallengeOptions extends Pick<RunRequest, "level" | "only" | "out" | "seed" | "lang"> {
  platform: string
  /** A folder of mutants; by default those shipped for the platform. */
  mutants?: string
  /** Suites that stand for the whole one, on the release itself, on harmless changes and on survivors. */
  suites?: string[]
  /** Labs at once for each release; 1 without it. */
  labs?: number
  /** Judges the folder of a run, by the reports' rules. */
  judge: Judge
  load: ChallengeLoads
}

/**
 * Lays each mutant into a lab of the release that it extends and finds out which scenario detects it. Returns the record
 * of the challenge, also where it was interrupted. Throws an InputError before anything is started, and what the lab
 * threw where none could be started or its engine was lost; `challenge.json` then holds what was judged until then.
 */
export async function challenge(options: ChallengeOptions, owner: Ownership): Promise<ChallengeRecord> {
  if (options.suites) selectScenarios(options.suites)
  const mutants = selectMutants(await readMutants(options), options.only)
  const record = await openChallenge(options, mutants)
  owner.progress.say(words.start[options.lang](mutants.length, join(record.folder, "challenge.json")))
  try {
    for (const group of groupByBase(mutants)) await challengeRelease(group, record, options, owner)
  } catch (error) {
    if (!owner.stop.aborted) throw error
  }
  await record.write({ complete: record.file.mutants.every(({ status }) => status !== "not-run"), endedAt: new Date().toISOString() })
  return record
}

/** Where no mutant is asked for a load, none runs: its requirements would make every verdict INCONCLUSIVE. */
function withoutLoads({ requirements, ...rest }: RunInput): RunInput {
  return { ...rest, requirements: requirements.filter((one) => !isProvedByLoad(one)) }
}

async function readMutants({ platform, mutants: folder }: ChallengeOptions): Promise<Mutant[]> {
  const definition = platformNamed(platform, "the command line")
  const requirements = requirementsOf(await loadRequirements(), definition)
  return loadMutants({ platform: definition.name, projectFolder, folder, requirements: requirements.map(({ id }) => id) })
}

async function openChallenge({ platform, level, seed, only, suites, out }: ChallengeOptions, mutants: readonly Mutant[]): Promise<ChallengeRecord> {
  const run = newRunId()
  const records = mutants.map(({ name, release: { summary }, base, expects }): MutantRecord => ({
    name, summary, base: base.name, expects, status: "not-run", detectedBy: null, others: [], note: "", replaced: [], ms: 0,
    folder: `mutants/${name}`,
  }))
  const record = new ChallengeRecord(join(resolve(out), run), {
    schema: "recette.challenge/v1", run, platform, level, seed, only: only ?? null, suites: suites ?? null, complete: false,
    startedAt: new Date().toISOString(), endedAt: "", bases: [], mutants: records, score: scoreOf(records),
  })
  await record.write()
  return record
}

interface Group {
  input: RunInput
  /** Mutants that no lab has taken yet. */
  waiting: Mutant[]
  /** What the release itself is judged to be; made by the first lab. */
  base: PromiseWithResolvers<JudgedBase>
  /** Held by the lab that runs the whole suite: two at once would only be slower, and late mail no defect. */
  wholeSuite: Turn
  record: ChallengeRecord
  options: ChallengeOptions
}

/** One lab, or as many as asked for, for all mutants of one release, which is judged first. */
async function challengeRelease(
  { base, mutants }: { base: Release; mutants: readonly Mutant[] }, record: ChallengeRecord, options: ChallengeOptions, owner: Ownership,
): Promise<void> {
  const input = await readInput(base.folder, {})
  const expected = [...new Set(mutants.flatMap(({ expects }) => expects))]
  const needsLoad = input.requirements.some((one) => expected.includes(one.id) && isProvedByLoad(one))
  const group: Group = {
    input: needsLoad ? input : withoutLoads(input), waiting: inOrder(mutants), base: Promise.withResolvers(), wholeSuite: new Turn(), record, options,
  }
  group.base.promise.catch(() => undefined)
  const failed = new AbortController()
  const stop = AbortSignal.any([owner.stop, failed.signal])
  const quiet: Progress = { ...owner.progress, step: (_, work) => work(() => undefined) }
  const only = !mutants.some(({ isHarmless }) => isHarmless) ? expected : options.suites && [...options.suites, ...expected]
  const { only: _, ...request } = { ...options, out: record.folder, profile: needsLoad ? options.load.profilesFor(expected, input.requirements) : "none" }
  const labs: Promise<void>[] = []
  for (let lab = 0; lab < Math.min(options.labs ?? 1, mutants.length); lab += 1) {
    const run = await openRecord(base.name, group.input, { ...request, ...(only ? { only } : {}) })
    const isFirst = lab === 0
    labs.push(inOneLab(group, run, isFirst, { progress: isFirst ? owner.progress : quiet, stop }).catch((error: unknown) => {
      group.base.reject(error)
      if (!failed.signal.aborted) failed.abort(error)
      throw error
    }))
  }
  await Promise.allSettled(labs)
  owner.stop.throwIfAborted()
  failed.signal.throwIfAborted()
}

async function inOneLab(group: Group, run: RunRecord, isFirst: boolean, owner: Ownership): Promise<void> {
  try {
    await withLab(group.input, run, group.options.seed, owner, (lab, watched) => judgeWaiting(lab, run, group, isFirst, watched))
    await run.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
  } catch (error) {
    await run.endBadly(owner.stop.aborted ? "interrupted" : "lab-failed", error)
    throw error
  }
}

async function judgeWaiting(
  lab: Lab, run: RunRecord, { input, waiting, base, wholeSuite, record, options }: Group, isFirst: boolean, { progress, stop }: Ownership,
): Promise<void> {
  const { lang, seed, judge, suites = null, load } = options
  const challenged = new ChallengedLab(lab, { input, run, folder: record.folder, seed, judge, load, suites, stop, wholeSuite })
  await unlessStopped(stop, challenged.readBack())
  if (isFirst) {
    const { name } = input.release
    const judged = await progress.step({ fr: words.base.fr(name), en: words.base.en(name) }, (detail) => challenged.judgeBase(detail))
    record.file.bases.push(judged.record)
    await record.write()
    base.resolve(judged)
  }
  challenged.compareWith(await unlessStopped(stop, base.promise))
  for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
    const { name } = mutant
    const outcome = await challenged.judge(mutant)
    const { mutants } = record.file
    const judged = Object.assign(mutants.find((one) => one.name === name)!, outcome)
    await record.write()
    const done = mutants.filter(({ status }) => status !== "not-run").length
    progress.say(`${done}/${mutants.length} ${name}: ${outcomeText(judged, lang)}`)
  }
}

/** Those that change the same components follow each other, so that less is replaced from one to the next. */
function inOrder(mutants: readonly Mutant[]): Mutant[] {
  const key = ({ release, base, name }: Mutant): string => `${changedComponents(base, release).join(" ")} ${name}`
  return mutants.map((mutant) => ({ mutant, key: key(mutant) })).sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ mutant }) => mutant)
}
