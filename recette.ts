import { dirname, join, resolve } from "node:path"
import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import { sweep } from "./lab/clean-up.ts"
import { compareWithBaseline } from "./lab/comparison.ts"
import { doctor } from "./lab/doctor.ts"
import { InputError } from "./lab/failure.ts"
import { readHandle } from "./lab/handle.ts"
import { writeKills } from "./lab/kills.ts"
import { defineLabCommands } from "./lab/lab-command.ts"
import type { Lab } from "./lab/lab.ts"
import { lockRelease } from "./lab/lock-release.ts"
import { ownership, withLab, type Ownership } from "./lab/own-lab.ts"
import { platformList } from "./lab/platform-list.ts"
import type { Release } from "./lab/release.ts"
import { failureText, type RunRecord } from "./lab/run-record.ts"
import { defaultPlatform, openRecord, partsOf, readInput, type RunRequest } from "./lab/run-request.ts"
import { runningFacts } from "./lab/running-facts.ts"
import { selfTest } from "./lab/self-test.ts"
import { settings } from "./lab/settings.ts"
import { projectFolder } from "./lab/state-folder.ts"
import { unlessStopped } from "./lab/stop-signal.ts"
import { benchmark, type BenchOptions } from "./load/bench-command.ts"
import { challengedLoads } from "./load/challenged-loads.ts"
import { loadOrList, type LoadOptions } from "./load/load-command.ts"
import { loadInRun } from "./load/load-in-run.ts"
import { loadSet, namesOf, setLines } from "./load/load-set.ts"
import { withLoadOptions, withLoadsOfRun, withResumed, type LoadsOfRun } from "./load/load-options.ts"
import { goOn, type Interrupted } from "./load/resume.ts"
import { ReportFailure } from "./reports/failure.ts"
import { joinedVerdict } from "./reports/joined.ts"
import { loadSuite } from "./reports/load-proofs.ts"
import { writeMatrixPage } from "./reports/matrix-page.ts"
import { writePastRuns } from "./reports/past-runs.ts"
import { readRun } from "./reports/results.ts"
import { verdictLines } from "./reports/terminal.ts"
import type { Verdict } from "./reports/verdict.ts"
import { writeReport } from "./reports/write-report.ts"
import { announcedScenarios, scenariosOf, selectScenarios } from "./scenarios/catalogue.ts"
import { matrixLines } from "./scenarios/challenge-matrix.ts"
import { exitCodeOf } from "./scenarios/challenge-record.ts"
import { challenge, type ChallengeOptions } from "./scenarios/challenge.ts"
import { purgePastLists } from "./scenarios/scene-token.ts"
import { runScenarios, writeNoScenarios } from "./scenarios/start.ts"

const exitCodes = { done: 0, wrongInput: 2, labFailed: 3, inconclusive: 4, interrupted: 130 } as const
const seedMax = 2 ** 31 - 1

interface CommonOptions { lang: "fr" | "en"; json?: boolean }

type QualifyOptions = RunRequest & CommonOptions & { budgetSeconds?: number; resume?: Interrupted }
type ScenarioOptions = Pick<RunRequest, "only" | "seed" | "lang"> & { lab?: string; times: number }

/** The main job: a lab, its scenarios, the verdict. Returns the exit code (README, "How to read a verdict"). */
async function qualify(name: string, options: QualifyOptions): Promise<number> {
  const input = await readInput(name, options)
  options.resume?.requireSame(input.release)
  const { scenarios: named, load, loadNames } = partsOf(options.only, input)
  const offered = scenariosOf({ ...input.platform, scenarios: input.scenarios, requirements: input.requirements.map(({ id }) => id) })
  if (named && !(load && named.length === 0)) selectScenarios(named, offered, loadNames)
  const wanted = loadSet({ ...options, requirements: input.requirements }, input.platform)
  const loads = load ? wanted : { chosen: [], leftOut: [] }
  const owner = ownership(options.lang)
  const record = await openRecord(name, input, { ...options, profile: namesOf(loads.chosen), leftOut: options.leftOut ?? loads.leftOut })
  const left = await goOn(options.resume, record, loads.chosen)
  for (const line of setLines({ ...loads, chosen: left }, options.lang)) owner.progress.say(line)
  let failure: unknown
  try {
    await withLab(input, record, options.seed, owner, async (lab, watched) => {
      await judge(lab, input.release, record, { ...options, named }, watched)
      for (const profile of left) await loadInRun(profile, lab.handle, record, options.seed, watched)
    })
    await record.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
  } catch (error) {
    failure = error
    await record.endBadly(owner.stop.aborted ? "interrupted" : "lab-failed", error)
  }
  if (owner.stop.aborted) return exitCodes.interrupted
  return conclude(record, failure, options)
}

/** Reads back what runs, then runs the scenarios. */
async function judge(
  lab: Lab, release: Release, record: RunRecord, { seed, named }: QualifyOptions & { named: string[] | null }, { progress, stop }: Ownership,
): Promise<void> {
  await record.add(await progress.step({ fr: "réglages effectifs et versions", en: "effective settings and versions" }, () =>
    unlessStopped(stop, runningFacts(lab, release, record))))
  await record.add(await compareWithBaseline(record, release, dirname(record.folder)))
  await writeKills(record, release.platform, dirname(record.folder))
  if (named?.length === 0) return writeNoScenarios(record.folder, seed)
  const started = performance.now()
  await progress.step({ fr: "scénarios", en: "scenarios" }, (detail) => runScenarios({
    handlePath: join(record.folder, "lab.json"), resultsFolder: record.folder, seed, only: named,
    signal: stop, onProgress: detail,
  }))
  await record.add({ times: { scenariosEndedAt: new Date().toISOString(), scenariosMs: Math.round(performance.now() - started) } })
}

/** Writes the report and says the verdict; where nothing can be judged or written, what failed is said alone. */
async function conclude({ folder }: RunRecord, failure: unknown, { lang, json }: QualifyOptions): Promise<number> {
  if (failure) process.stderr.write(`${failureText(failure, lang)}\n`)
  let verdict: Verdict
  try {
    verdict = await writeReport(folder, lang)
  } catch (error) {
    if (!failure || !(error instanceof ReportFailure)) throw error
    return error.exitCode === exitCodes.inconclusive ? exitCodes.inconclusive : exitCodes.labFailed
  }
  sayVerdict(verdict, lang, json)
  // The list of runs is a convenience: where it cannot be written, that is said and the verdict stands.
  await writePastRuns(dirname(folder), lang).catch((error: unknown) => process.stderr.write(`${failureText(error, lang)}\n`))
  process.stderr.write(`${lang === "fr" ? "Rapport : " : "Report: "}${join(folder, "report", "index.html")}\n`)
  return failure instanceof InputError ? exitCodes.wrongInput : verdict.exitCode
}

function sayVerdict(verdict: Verdict, lang: "fr" | "en", json = false): void {
  const colour = process.stdout.isTTY && settings().color
  const text = json ? JSON.stringify(verdict, null, 2) : verdictLines(verdict, { lang, colour }).join("\n")
  process.stdout.write(`${text}\n`)
}

/** Runs scenarios on a lab that is up, as often as asked, each time in the order of the next seed; nothing is judged. */
async function scenarios({ only, seed, lang, lab: handlePath, times }: ScenarioOptions): Promise<number> {
  if (handlePath === undefined) return listScenarios()
  const { progress, stop } = ownership(lang)
  const handle = await readHandle(handlePath)
  let green = 0
  for (let turn = 0; turn < times; turn += 1) {
    await purgePastLists(handle)
    const { scenarios: ended } = await runScenarios({
      handlePath: resolve(handlePath), resultsFolder: handle.resultsFolder, seed: seed + turn, only: only ?? null, signal: stop, onProgress: progress.say,
    })
    const notGreen = ended.filter((one) => one.status !== "passed")
    for (const { status, title, messages } of notGreen) {
      process.stdout.write(`${status}: ${title}\n${messages.join("\n").replaceAll(/^/gm, "  ")}\n`)
    }
    process.stdout.write(`seed ${seed + turn}: ${ended.length - notGreen.length} of ${ended.length} passed\n`)
    if (notGreen.length === 0) green += 1
  }
  return green === times ? exitCodes.done : 1
}

function listScenarios(): number {
  for (const { suite, requirements, title } of announcedScenarios()) {
    process.stdout.write(`${suite}  ${requirements.join(" ")}  ${title}\n`)
  }
  return exitCodes.done
}

/** Mutants of a platform, and which of them the suite detects. */
async function challengePlatform(platform: string, options: CommonOptions & Omit<ChallengeOptions, "platform" | "judge" | "load">): Promise<number> {
  const { lang, json } = options
  const owner = ownership(lang)
  const judge = async (folder: string) => {
    const { verdict, decisions, requirements } = await writeReport(folder, lang)
    const load = requirements.flatMap(({ id: requirement, evidence }) => evidence.filter(({ suite }) => suite === loadSuite).map((one) => ({ requirement, ...one })))
    return { verdict, reasons: decisions.map(({ sentence }) => sentence.en), load }
  }
  const { file } = await challenge({ ...options, platform, judge, load: challengedLoads(platform, options.seed, owner) }, owner)
  process.stdout.write(`${json ? JSON.stringify(file, null, 2) : matrixLines(file, lang).join("\n")}\n`)
  return owner.stop.aborted ? exitCodes.interrupted : exitCodeOf(file)
}

async function joinVerdicts(folders: string[], { lang, json }: CommonOptions): Promise<number> {
  const verdict = joinedVerdict(await Promise.all(folders.map((folder) => readRun(resolve(folder)))), lang)
  sayVerdict(verdict, lang, json)
  return verdict.exitCode
}

/** Without a run, the page that lists them. */
async function reportAgain(folder: string | undefined, { lang, json, out }: CommonOptions & { out: string }): Promise<number> {
  if (folder === undefined) {
    process.stdout.write(`${await writePastRuns(resolve(out), lang)}\n`)
    return exitCodes.done
  }
  if (await writeMatrixPage(resolve(folder), lang)) return exitCodes.done
  const verdict = await writeReport(resolve(folder), lang)
  sayVerdict(verdict, lang, json)
  return verdict.exitCode
}

/** Exit code 1 where somebody did not get what was due, 4 where the load says nothing. */
async function load(name: string | undefined, options: LoadOptions & CommonOptions): Promise<number> {
  const { text, exitCode, folder } = await loadOrList(name, options, () => ownership(options.lang))
  if (folder !== undefined) await writeMatrixPage(folder, options.lang)
  process.stdout.write(`${text}\n`)
  return exitCode
}

async function prune(): Promise<number> {
  const { runs, builderContainers, keptNetworks } = await sweep({ thorough: true })
  const kept = keptNetworks.map((name) => `the engine keeps the empty network ${name}; only its restart frees it\n`)
  process.stdout.write(`removed what ${runs.length} dead runs left, and ${builderContainers} containers of dead builds\n${kept.join("")}`)
  return exitCodes.done
}

function program(end: (code: number) => void): Command {
  const { lang: spoken } = settings()
  const root = new Command("recette").description("Qualifies releases of mail platforms on a replica from which nothing can leave")
    .exitOverride().enablePositionalOptions().configureOutput({ outputError: () => undefined }).configureHelp({ showGlobalOptions: true })
  const lang = (): Option => new Option("--lang <language>", "language of what is shown").choices(["fr", "en"]).default(spoken)
  const command = (words: string, text: string): Command => root.command(words).description(text).addOption(lang())
  const seed = (): Option => new Option("--seed <number>", "seed of people, order and ids").argParser(wholeNumber)
    .default(Date.now() % seedMax, "drawn from the clock")
  const names = (flags: string, text: string): Option => new Option(flags, text).argParser((given) => given.split(","))
  const only = (): Option => names("--only <names>", "requirement ids or suites, separated by commas")
  const out = (): Option => new Option("--out <folder>", "folder for the runs").default(join(projectFolder, "results"))
  const level = (): Option => new Option("--level <level>", "how much is proved").choices(["quick", "full", "election"]).default("quick")
  const lab = (words: string, text: string): Command => command(words, text).argument("[release]", "a shipped release, a platform or a path", defaultPlatform)
    .addOption(seed()).addOption(out()).addOption(level())
    .option("--requirements <overlay>", "the team's bounds, confirmations, waivers and requirements")
    .option("--baseline <release>", "release to compare with, or none").addOption(only())
  withLoadsOfRun(lab("qualify", "the main job: a verdict on a release").option("--json", "verdict.json on standard output"))
    .action(async (name: string, options: QualifyOptions & LoadsOfRun, given: Command) => end(await qualify(...await withResumed(name, options, given))))
  defineLabCommands(lab("lab", "a lab that stays up until Ctrl-C; up, status, shell and down: labs in the background"), { lang, seed, out, end })
  command("scenarios", "list the scenarios, or run them on a lab that is up").addOption(only()).addOption(seed())
    .option("--lab <lab.json>", "handle of a lab that is up")
    .addOption(new Option("--times <number>", "how often, each time with the next seed").argParser(wholeNumber).default(1))
    .action(async (options: ScenarioOptions) => end(await scenarios(options)))
  withLoadOptions(command("load", "put a load on a lab that is up, or a matrix of settings under it; nothing is judged"), wholeNumber).addOption(seed()).addOption(out())
    .action(async (name: string | undefined, options: LoadOptions & CommonOptions) => end(await load(name, options)))
  command("challenge", "mutants: releases with one defect, which the suite must detect").argument("[platform]", "whose mutants", defaultPlatform)
    .option("--mutants <folder>", "mutants of your own").option("--labs <count>", "labs at once", wholeNumber, 1).addOption(seed()).addOption(level()).addOption(out()).option("--json", "challenge.json on standard output")
    .addOption(names("--only <names>", "mutants, or requirements that they expect, separated by commas"))
    .addOption(names("--suites <names>", "suites that stand for the whole one, separated by commas"))
    .action(async (platform: string, options: CommonOptions & Omit<ChallengeOptions, "platform" | "judge" | "load">) => end(await challengePlatform(platform, options)))
  command("doctor", "what is there, what is missing, how to mend it, what a run costs").option("--json")
    .action(async (options: CommonOptions) => { process.stdout.write(`${await doctor(options)}\n`); end(exitCodes.done) })
  command("platforms", "platforms and their shipped releases").argument("[definition...]", "files of platforms of your own").option("--json")
    .action(async (definitions: string[], options: CommonOptions) => { process.stdout.write(`${await platformList(options, definitions)}\n`); end(exitCodes.done) })
  command("lock", "write the exact package versions of a release").argument("<release>")
    .action(async (name: string, { lang }: CommonOptions) => { process.stdout.write(`${await lockRelease(name, ownership(lang))}\n`); end(exitCodes.done) })
  command("verdict", "join runs of one digest into one verdict").argument("<run...>").option("--json")
    .action(async (folders: string[], options: CommonOptions) => end(await joinVerdicts(folders, options)))
  command("report", "write a run's report again; without a run, the page that lists them").argument("[run]").addOption(out()).option("--json")
    .action(async (folder: string | undefined, options: CommonOptions & { out: string }) => end(await reportAgain(folder, options)))
  command("bench", "measure a part of the laboratory itself").argument("<name>", "generator, academies, ledger, lab, list-40000, list-1400000, personalised-100000, include-1400000 or slower").addOption(seed()).addOption(out())
    .addOption(new Option("--times <number>", "samples of each figure; without it as many as the benchmark needs").argParser(wholeNumber))
    .addOption(new Option("--members <number>", "of the list, in a benchmark that has one; without it as many as its name says").argParser(wholeNumber))
    .action(async (name: string, options: BenchOptions) => end(await benchmark(name, options)))
  command("prune", "remove what dead runs left").action(async () => end(await prune()))
  command("test", "the project's own tests: unit, ARIEL PR live in full, a suite of each other platform, and those on live labs")
    .action(async () => end(await selfTest((line) => process.stdout.write(`${line}\n`))))
  return root
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= seedMax) return value
  throw new InvalidArgumentError(`It is a whole number from 0 to ${seedMax}.`)
}

async function main(): Promise<number> {
  let code: number = exitCodes.done
  try {
    return await program((given) => { code = given }).parseAsync().then(() => code)
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done
    if (error instanceof CommanderError) {
      process.stderr.write(usageText(error))
      return exitCodes.wrongInput
    }
    process.stderr.write(`${failureText(error, spokenLanguage())}\n`)
    if (error instanceof ReportFailure) return error.exitCode
    return error instanceof InputError ? exitCodes.wrongInput : exitCodes.labFailed
  }
}

/** English where it is the settings themselves that cannot be read. */
function spokenLanguage(): "fr" | "en" {
  try {
    return settings().lang
  } catch {
    return "en"
  }
}

/** Commander's own words in the shape of every other failure. Help that was shown for want of a command says all. */
function usageText({ code, message }: CommanderError): string {
  if (code === "commander.help") return ""
  const [what, ...cure] = message.replace(/^error: /, "").split(/(?<=\.) |\n/)
  return `${what}\n  where: the command line\n  what to do: ${[...cure, "--help lists what there is"].join(" ")}\n`
}

process.exit(await main())
