import { join, resolve } from "node:path"
import type { Lab } from "../lab/lab.ts"
import { groupByBase, loadMutants, selectMutants, type Mutant } from "../lab/mutants.ts"
import { withLab, type Ownership } from "../lab/own-lab.ts"
import { platformNamed } from "../lab/platform.ts"
import { loadRequirements } from "../lab/requirements.ts"
import { newRunId, type RunRecord } from "../lab/run-record.ts"
import { openRecord, readInput, type RunInput, type RunRequest } from "../lab/run-request.ts"
import { projectFolder } from "../lab/state-folder.ts"
import { outcomeText } from "./challenge-matrix.ts"
import { ChallengeRecord, scoreOf, type MutantRecord } from "./challenge-record.ts"
import { ChallengedLab, type Judge } from "./challenged-lab.ts"

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
  /** Judges the folder of a run, by the reports' rules. */
  judge: Judge
}

/**
 * Lays each mutant into a lab of the release that it extends and finds out which scenario detects it. Returns the record
 * of the challenge, also where it was interrupted. Throws an InputError before anything is started, and what the lab
 * threw where none could be started or its engine was lost; `challenge.json` then holds what was judged until then.
 */
export async function challenge(options: ChallengeOptions, owner: Ownership): Promise<ChallengeRecord> {
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

async function readMutants({ platform, mutants: folder }: ChallengeOptions): Promise<Mutant[]> {
  platformNamed(platform, "the command line")
  const { requirements } = await loadRequirements()
  const ids = requirements.filter(({ platforms }) => platforms.includes(platform)).map(({ id }) => id)
  return loadMutants({ platform, projectFolder, folder, requirements: ids })
}

async function openChallenge({ platform, level, seed, only, out }: ChallengeOptions, mutants: readonly Mutant[]): Promise<ChallengeRecord> {
  const run = newRunId()
  const records = mutants.map(({ name, release: { summary }, base, expects }): MutantRecord => ({
    name, summary, base: base.name, expects, status: "not-run", detectedBy: null, others: [], note: "", replaced: [], ms: 0,
    folder: `mutants/${name}`,
  }))
  const record = new ChallengeRecord(join(resolve(out), run), {
    schema: "recette.challenge/v1", run, platform, level, seed, only: only ?? null, complete: false,
    startedAt: new Date().toISOString(), endedAt: "", bases: [], mutants: records, score: scoreOf(records),
  })
  await record.write()
  return record
}

/** One lab for all mutants of one release, which is judged first. */
async function challengeRelease(
  { base, mutants }: { base: Mutant["base"]; mutants: readonly Mutant[] }, record: ChallengeRecord, options: ChallengeOptions, owner: Ownership,
): Promise<void> {
  const input = await readInput(base.folder, {})
  const only = mutants.some(({ isHarmless }) => isHarmless) ? undefined : [...new Set(mutants.flatMap(({ expects }) => expects))]
  const request: RunRequest = { ...options, out: record.folder, ...(only ? { only } : {}) }
  if (!only) delete request.only
  const run = await openRecord(base.name, input, request)
  try {
    await withLab(input, run, options.seed, owner, (lab, watched) =>
      judgeAll(lab, mutants, { input, run, record, options, owner: watched }))
    await run.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
  } catch (error) {
    await run.endBadly(owner.stop.aborted ? "interrupted" : "lab-failed", error)
    throw error
  }
}

interface Group { input: RunInput; run: RunRecord; record: ChallengeRecord; options: ChallengeOptions; owner: Ownership }

async function judgeAll(lab: Lab, mutants: readonly Mutant[], { input, run, record, options, owner }: Group): Promise<void> {
  const { lang, seed, judge } = options
  const challenged = new ChallengedLab(lab, { input, run, folder: record.folder, seed, judge, stop: owner.stop })
  const base = await owner.progress.step({ fr: words.base.fr(input.release.name), en: words.base.en(input.release.name) }, (detail) => challenged.judgeBase(detail))
  record.file.bases.push(base)
  await record.write()
  for (const mutant of mutants) {
    const place = record.file.mutants.findIndex(({ name }) => name === mutant.name)
    const judged = { ...record.file.mutants[place]!, ...await challenged.judge(mutant) }
    record.file.mutants[place] = judged
    await record.write()
    owner.progress.say(`${place + 1}/${record.file.mutants.length} ${judged.name}: ${outcomeText(judged, lang)}`)
  }
}
