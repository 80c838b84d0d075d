import { copyFile, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { isProvedByLoad } from "../fixtures/requirements.ts"
import { InputError, LabFailure } from "../lab/failure.ts"
import { IsolationRefused } from "../lab/isolation-record.ts"
import type { Lab } from "../lab/lab.ts"
import { LaidRelease } from "../lab/laid-release.ts"
import type { Mutant } from "../lab/mutants.ts"
import { failureOf, RunRecord } from "../lab/run-record.ts"
import type { RunInput } from "../lab/run-request.ts"
import { checkedSettings, runningFacts } from "../lab/running-facts.ts"
import type { BaseRecord, Detection, MutantRecord } from "./challenge-record.ts"
import { selectable, selectScenarios } from "./catalogue.ts"
import { outcomeOfLoad, type ChallengeLoads, type LoadProof } from "./challenged-load.ts"
import type { ScenarioRecord, ScenariosFile } from "./scenario-record.ts"
import { purgePastLists } from "./scene-token.ts"
import { settableWorld } from "./settable-world.ts"
import { runScenarios, writeNoScenarios } from "./start.ts"
import type { Turn } from "../lab/turn.ts"

/** The verdict on a run's folder, by the rules of the reports. */
export interface Judgement {
  verdict: string
  /** Every sentence that decided it, a reservation above all. */
  reasons: string[]
  /** What the run's load showed; none where it had no load. */
  load: LoadProof[]
}
export type Judge = (folder: string) => Promise<Judgement>

/** The release that mutants extend, judged. */
export interface JudgedBase { record: BaseRecord; judgement: Judgement }

export interface ChallengedLabOptions {
  /** The release that the lab was started with, and its run. */
  input: RunInput
  run: RunRecord
  /** The challenge's folder. */
  folder: string
  seed: number
  judge: Judge
  /** For runs that have loads. */
  load: ChallengeLoads
  /** Suites that stand for the whole one; null for all. */
  suites: readonly string[] | null
  stop: AbortSignal
  /** Taken for each run of the whole suite. */
  wholeSuite: Turn
}

type Outcome = Pick<MutantRecord, "status" | "detectedBy" | "others" | "note">
const nothingFound: Omit<Outcome, "status"> = { detectedBy: null, others: [], note: "" }

/** Why scenarios are cut off: what was looked for has been found. */
class Found extends Error { override readonly name = "Found" }

/** A lab into which one mutant after the other is laid. */
export class ChallengedLab {
  private lab: Lab
  private readonly laid: LaidRelease
  private readonly options: ChallengedLabOptions
  private base: Judgement | undefined
  private unfit: readonly string[] = []
  /** Effective settings' files by node, as last read. */
  private settings: Readonly<Record<string, string>> = {}
  /** The mutant's run in which each of these files lies. */
  private settingsFrom: Record<string, string> = {}
  /** Something may have been left stopped or changed by a scenario that was cut off. */
  private isUnsure = false

  constructor(lab: Lab, options: ChallengedLabOptions) {
    this.lab = lab
    this.options = options
    this.laid = new LaidRelease(lab, options.input.release)
  }

  /** Reads back what the lab runs; once, before anything is judged. */
  async readBack(): Promise<void> {
    const { input: { release }, run } = this.options
    const facts = await runningFacts(this.lab, release, run)
    await run.add(facts)
    this.settings = facts["effectiveSettings"] as Record<string, string>
    this.settingsFrom = Object.fromEntries(Object.keys(this.settings).map((node) => [node, run.folder]))
  }

  /** Runs the suite on the release itself, or the part of it that its run is limited to. */
  async judgeBase(onProgress: (detail: string) => void): Promise<JudgedBase> {
    const { input: { release }, run, seed, stop } = this.options
    const only = this.baseOnly()
    const scenarios = only?.length === 0 ? [] : (await runScenarios({
      handlePath: join(run.folder, "lab.json"), resultsFolder: run.folder, seed, signal: stop, onProgress, only,
    })).scenarios
    if (only?.length === 0) await writeNoScenarios(run.folder, seed)
    const judgement = await this.judgement(run)
    const unfit = [
      ...scenarios.filter(({ status }) => status !== "passed").map(({ title }) => title),
      ...judgement.load.filter(({ status }) => status !== "passed").map(({ scenario }) => scenario),
    ]
    const record = { name: release.name, digest: release.digest, folder: run.facts.run, verdict: judgement.verdict, unfit }
    return { record, judgement }
  }

  /** Puts the run's load on the lab where it has one, ends the run and judges it. */
  private async judgement(run: RunRecord): Promise<Judgement> {
    if (run.facts["profile"] !== null) await this.options.load.put(this.lab.handle, run)
    await run.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
    return this.options.judge(run.folder)
  }

  /** What the run of the release itself is limited to; null: the whole suite. */
  private baseOnly(): string[] | null {
    const only = this.options.run.facts["only"] as string[] | null
    const { suites } = selectable()
    return only && [...only.filter((one) => suites.includes(one)), ...provable(only)]
  }

  /** What failed on the release itself detects nothing, and what it was judged to be is what harmless changes must keep. */
  compareWith({ record: { unfit }, judgement }: JudgedBase): void {
    this.unfit = unfit
    this.base = judgement
  }

  /** Lays a mutant into the lab and judges it. Throws only where the whole challenge must end. */
  async judge(mutant: Mutant): Promise<Pick<MutantRecord, "replaced" | "ms"> & Outcome> {
    const started = performance.now()
    let replaced: string[] = []
    const outcome = await this.outcomeOf(mutant, (names) => { replaced = names }).catch((error: unknown): Outcome => {
      this.options.stop.throwIfAborted()
      if (error instanceof IsolationRefused || !(error instanceof LabFailure || error instanceof InputError)) throw error
      this.isUnsure = true
      return { ...nothingFound, status: "lab-error", note: shortened(failureOf(error).message) }
    })
    return { ...outcome, replaced, ms: Math.round(performance.now() - started) }
  }

  private async outcomeOf(mutant: Mutant, onReplaced: (names: string[]) => void): Promise<Outcome> {
    const { release, expects, isHarmless } = mutant
    const run = await this.openRun(mutant)
    await this.cleanWorld()
    const { lab, replaced } = await this.laid.lay(release, { folder: run.folder, signal: this.options.stop, all: this.isUnsure })
    this.lab = lab
    this.isUnsure = false
    onReplaced(replaced)
    await this.readSettings(mutant, run, replaced)
    if (isHarmless) return this.compare(run)
    const ids = provable(expects)
    const byLoad = this.provedByLoad(expects)
    if (ids.length === 0 && byLoad.length > 0) {
      await writeNoScenarios(run.folder, this.options.seed)
      return outcomeOfLoad((await this.judgement(run)).load, byLoad, this.unfit)
    }
    if (ids.length === 0) return { ...nothingFound, status: "survived", note: `no scenario proves ${expects.join(", ")}` }
    const fit = selectScenarios(ids).filter(({ title }) => !this.unfit.includes(title))
    if (fit.length === 0) {
      return { ...nothingFound, status: "lab-error", note: `each scenario of ${ids.join(", ")} fails on ${mutant.base.name} itself` }
    }
    return this.detect(run, ids)
  }

  /** The scenarios of the expected requirements; the others only for a survivor. */
  private async detect(run: RunRecord, ids: readonly string[]): Promise<Outcome> {
    const expected = await this.scenarios(run, { only: ids, until: (one) => this.detects(one) })
    const killer = expected.find((one) => this.detects(one))
    if (killer) return { ...nothingFound, status: "detected", detectedBy: detectionBy(killer, ids) }
    const broken = expected.find(({ status, title }) => status !== "passed" && !this.unfit.includes(title))
    if (broken) return { ...nothingFound, status: "lab-error", note: `${broken.title}: ${broken.messages[0] ?? broken.status}` }
    const { suites } = this.options
    const isLeft = selectScenarios(suites).some(({ requirements }) => !requirements.some((id) => ids.includes(id)))
    const rest = isLeft ? await this.wholeSuite(run, { only: suites, except: ids }) : []
    const others = rest.filter((one) => this.detects(one)).map((one) => detectionBy(one))
    return { ...nothingFound, status: "survived", others }
  }

  /** A harmless change must be judged as the release that it extends. */
  private async compare(run: RunRecord): Promise<Outcome> {
    const scenarios = await this.wholeSuite(run, { only: this.baseOnly() })
    const judged = await this.judgement(run)
    const others = scenarios.filter(({ status }) => status === "failed").map((one) => detectionBy(one))
    const base = this.base!
    const more = judged.reasons.filter((reason) => !base.reasons.includes(reason))
    const fewer = base.reasons.filter((reason) => !judged.reasons.includes(reason))
    if (judged.verdict === base.verdict && more.length === 0 && fewer.length === 0) return { ...nothingFound, status: "kept", others }
    const note = [`${judged.verdict} in place of ${base.verdict}`, ...more.map((text) => `new: ${text}`), ...fewer.map((text) => `gone: ${text}`)]
    const undecided = others.length === 0 && ["inconclusive", "none"].includes(judged.verdict)
    return { detectedBy: null, status: undecided ? "lab-error" : "not-kept", others, note: note.join("; ") }
  }

  /** In a list engine without the lists of the runs before, whose index is slow with hundreds. */
  private async wholeSuite(run: RunRecord, scope: { only: readonly string[] | null; except?: readonly string[] }): Promise<ScenarioRecord[]> {
    return this.options.wholeSuite.take(async () => {
      await purgePastLists(this.lab.handle)
      return this.scenarios(run, scope)
    })
  }

  private provedByLoad(ids: readonly string[]): string[] {
    return this.options.input.requirements.filter((one) => ids.includes(one.id) && isProvedByLoad(one)).map(({ id }) => id)
  }

  /** A scenario that fails on the release itself says nothing about a mutant. */
  private detects({ status, title }: ScenarioRecord): boolean {
    return status === "failed" && !this.unfit.includes(title)
  }

  /** Runs scenarios to their end, or until one is all that was wanted; the others are then cut off at once. */
  private async scenarios(
    run: RunRecord, { only, except = [], until }: { only: readonly string[] | null; except?: readonly string[]; until?: (one: ScenarioRecord) => boolean },
  ): Promise<ScenarioRecord[]> {
    const { seed, stop } = this.options
    const enough = new AbortController()
    const ended: ScenarioRecord[] = []
    try {
      const file: ScenariosFile = await runScenarios({
        handlePath: join(run.folder, "lab.json"), resultsFolder: run.folder, seed, only, except,
        signal: AbortSignal.any([stop, enough.signal]),
        onEnd: (scenario) => {
          ended.push(scenario)
          if (until?.(scenario)) enough.abort(new Found())
        },
      })
      return file.scenarios
    } catch (error) {
      if (!(error instanceof Found)) throw error
      const exclusive = selectScenarios(only).filter(({ mode }) => mode === "exclusive").map(({ title }) => title)
      const whole = ended.filter(({ status }) => status === "passed").map(({ title }) => title)
      this.isUnsure = exclusive.some((title) => !whole.includes(title))
      return ended
    }
  }

  /** What scenarios set in the world and did not put back, since they were cut off. */
  private async cleanWorld(): Promise<void> {
    if (this.isUnsure) return
    await Promise.all(settableWorld(this.lab.handle).map((part) => part.reset()))
  }

  /** The mutant's own run: what the lab is stays that of the base's run, the proof of its isolation too. */
  private async openRun({ name, release, expects, isHarmless }: Mutant): Promise<RunRecord> {
    const { run: base, folder, input, load } = this.options
    const { state: _, times: _times, effectiveSettings: _settings, failure: _failure, ...facts } = base.facts
    // A harmless change has the loads of its release, to be compared with it; a mutant those that are to detect it.
    const profiles = isHarmless ? base.facts["profiles"] as string[] : load.profilesFor([...expects], input.requirements).split(",").filter((one) => one !== "none")
    const run = await RunRecord.create(join(folder, "mutants"), {
      ...facts, profile: profiles[0] ?? null, profiles, run: `${base.facts.run}-${name}`, only: isHarmless ? base.facts["only"] : expects, command: "",
      release: {
        name: release.name, version: release.version, path: release.folder, digest: release.digest, shipped: release.shipped,
        replaces: release.replaces ?? null, summary: release.summary, expects,
      },
      times: { startedAt: new Date().toISOString() },
    }, name)
    await run.write("requirements.json", { schema: "recette.requirements/v1", requirements: input.requirements })
    for (const file of ["platform.json", "isolation.json"]) await copyFile(join(base.folder, file), join(run.folder, file))
    return run
  }

  /** Those of the replaced nodes are read and checked; those of the others are what they were. */
  private async readSettings({ release }: Mutant, run: RunRecord, replaced: readonly string[]): Promise<void> {
    const read = await checkedSettings(this.lab, release, run, replaced)
    for (const node of Object.keys(read)) this.settingsFrom[node] = run.folder
    const kept = Object.entries(this.settings).filter(([node]) => !(node in read))
    await mkdir(join(run.folder, "effective"), { recursive: true }) // missing where the mutant before made the same change
    for (const [node, file] of kept) await copyFile(join(this.settingsFrom[node]!, file), join(run.folder, file))
    await run.add({ effectiveSettings: this.settings })
  }
}

/** What failed, and the log's own word for it where a component did not start. */
function shortened(message: string): string {
  const [what, ...log] = message.split("\n")
  return [what!, ...log.filter((line) => /\b(fatal|panic|error)\b/i.test(line)).slice(0, 1)].join(" ")
}

/** Those of `ids` that some scenario proves. */
function provable(ids: readonly string[]): string[] {
  const { requirements } = selectable()
  return ids.filter((id) => requirements.includes(id))
}

function detectionBy({ title, suite, requirements, messages }: ScenarioRecord, ids: readonly string[] = []): Detection {
  return {
    requirement: ids.find((id) => requirements.includes(id)) ?? requirements[0]!, scenario: title, suite,
    message: (messages[0] ?? "").split("\n")[0]!,
  }
}
