import { readFile, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import { forPlatform } from "./fixtures/requirements.ts"
import { removeRun, sweep } from "./lab/clean-up.ts"
import { doctor } from "./lab/doctor.ts"
import { InputError } from "./lab/failure.ts"
import type { LabHandle } from "./lab/handle.ts"
import { labImages } from "./lab/lab-images.ts"
import { loadLabOverrides } from "./lab/lab-overrides.ts"
import { startLab, type Lab } from "./lab/lab.ts"
import { lockedPackages } from "./lab/locked-packages.ts"
import { thisOwner } from "./lab/ownership.ts"
import { formatPackagesLock } from "./lab/packages-lock.ts"
import { loadRequirements } from "./lab/requirements.ts"
import { platformNamed, platforms, type PlatformDefinition } from "./lab/platform.ts"
import { progressOn, type Progress } from "./lab/progress.ts"
import { loadRelease, shippedReleases, type Release } from "./lab/release.ts"
import { failureOf, machineFacts, newRunId, projectCommit, RunRecord } from "./lab/run-record.ts"
import { runningFacts } from "./lab/running-facts.ts"
import { settings } from "./lab/settings.ts"
import { projectFolder, temporaryFolder } from "./lab/state-folder.ts"
import { stopSignal, unlessStopped } from "./lab/stop-signal.ts"
import { ReportFailure } from "./reports/failure.ts"
import { joinedVerdict } from "./reports/joined.ts"
import { readRun } from "./reports/results.ts"
import { verdictLines } from "./reports/terminal.ts"
import type { Verdict } from "./reports/verdict.ts"
import { writeReport } from "./reports/write-report.ts"
import { announcedScenarios, selectScenarios } from "./scenarios/catalogue.ts"
import { runScenarios } from "./scenarios/start.ts"

const exitCodes = { done: 0, wrongInput: 2, labFailed: 3, interrupted: 130 } as const
const defaultRelease = "ariel-pr"
const seedMax = 2 ** 31 - 1

interface CommonOptions { lang: "fr" | "en"; json?: boolean }

interface QualifyOptions extends CommonOptions {
  level: "quick" | "full" | "election"
  only?: string[]
  requirements?: string
  baseline?: string
  out: string
  seed: number
}

/** What a qualification is asked to do, read and checked before anything is started. */
interface Input { release: Release; platform: PlatformDefinition; requirements: ReturnType<typeof forPlatform> }

/** The work of a lab's owner: what it says, and when it must end. */
interface Ownership { progress: Progress; stop: AbortSignal }

async function qualify(name: string, options: QualifyOptions): Promise<number> {
  const input = await readInput(name, options)
  const owner = ownership()
  const record = await openRecord(name, input, options)
  let failure: unknown
  try {
    await withLab(input, record, options.seed, owner, (lab) => judge(lab, input.release, record, options, owner))
    await record.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
  } catch (error) {
    failure = error
    await record.endBadly(owner.stop.aborted ? "interrupted" : "lab-failed", error)
  }
  if (owner.stop.aborted) return exitCodes.interrupted
  return conclude(record, failure, options)
}

async function readInput(name: string, { requirements: overlay, only }: Pick<QualifyOptions, "requirements" | "only">): Promise<Input> {
  const release = await loadRelease(name, { projectFolder })
  const platform = platformNamed(release.platform, release.folder)
  const register = await loadRequirements({ overlay })
  if (only) selectScenarios(only)
  return { release, platform, requirements: forPlatform(register, platform.name, release.generation) }
}

function ownership(): Ownership {
  const progress = progressOn(process.stderr)
  return { progress, stop: stopSignal(settings().ancestors, progress.say) }
}

/** Starts a lab for `work` and removes it, however that ends. What dead runs left is removed first. */
async function withLab(
  { release, platform }: Input, record: RunRecord, seed: number, { progress, stop }: Ownership,
  work: (lab: Lab) => Promise<void>,
): Promise<void> {
  const { run } = record.facts
  await unlessStopped(stop, sweep())
  await record.add(await unlessStopped(stop, machineFacts()))
  const images = await progress.step("images", (detail) => labImages(release, platform, { onStep: detail, signal: stop }))
  await record.add(images.facts)
  await using secrets = await temporaryFolder(`secrets-${run}`)
  const started = performance.now()
  try {
    const lab = await startLab({
      run, seed, owner: thisOwner(), release, platform, images: images.tags, overrides: loadLabOverrides(),
      folder: record.folder, privateFolder: secrets.path, progress, signal: stop,
    })
    await record.add({
      isolation: lab.isolation, times: { labReadyAt: new Date().toISOString(), labMs: Math.round(performance.now() - started) },
    })
    await work(lab)
  } finally {
    await removeRun(run)
  }
}

/** Reads back what runs, then runs the scenarios. */
async function judge(
  lab: Lab, release: Release, record: RunRecord, { seed, only }: QualifyOptions, { progress, stop }: Ownership,
): Promise<void> {
  await record.add(await progress.step("effective settings and versions", () =>
    unlessStopped(stop, runningFacts(lab, release, record))))
  const started = performance.now()
  await progress.step("scenarios", (detail) => runScenarios({
    handlePath: join(record.folder, "lab.json"), resultsFolder: record.folder, seed, only: only ?? null,
    signal: stop, onProgress: detail,
  }))
  await record.add({
    times: { scenariosEndedAt: new Date().toISOString(), scenariosMs: Math.round(performance.now() - started) },
  })
}

async function openRecord(name: string, { release, platform, requirements }: Input, options: QualifyOptions): Promise<RunRecord> {
  const { level, only, seed, lang } = options
  const record = await RunRecord.create(resolve(options.out), {
    run: newRunId(), seed, level, only: only ?? null, lang, object: "replica", platform: platform.name,
    release: {
      name: release.name, version: release.version, path: release.folder, digest: release.digest, shipped: release.shipped,
      replaces: release.replaces ?? null, summary: release.summary, expects: release.expects,
    },
    baseline: baselineOf(release, options), generation: release.generation, packages: {}, packageDifferences: [],
    effectiveSettings: {}, images: {}, isolation: "unproved", leavesOut: platform.leavesOut,
    overrides: loadLabOverrides().map(({ component, setting, value, why }) => ({ component, setting, value, why })),
    commit: await projectCommit(projectFolder), command: replayCommand(name, options),
    times: { startedAt: new Date().toISOString() },
  })
  await record.write("requirements.json", { schema: "recette.requirements/v1", requirements })
  return record
}

function baselineOf({ replaces }: Release, { baseline, level }: QualifyOptions): { applicable: boolean; reason: string; missing: boolean } {
  const named = baseline ?? replaces ?? "none"
  if (named !== "none") return { applicable: true, reason: `${named} is not compared yet`, missing: level !== "quick" }
  return { applicable: false, reason: baseline ? "no comparison was asked for" : "the release names none in production", missing: false }
}

function replayCommand(name: string, { level, only, requirements, seed }: QualifyOptions): string {
  return ["npm run qualify --", name, `--level ${level}`, `--seed ${seed}`, ...(only ? [`--only ${only.join(",")}`] : []),
    ...(requirements ? [`--requirements ${requirements}`] : [])].join(" ")
}

/** Writes the report and says the verdict; where nothing can be judged or written, what failed is said alone. */
async function conclude({ folder }: RunRecord, failure: unknown, { lang, json }: QualifyOptions): Promise<number> {
  if (failure) process.stderr.write(`${failureText(failure)}\n`)
  const verdict = await writeReport(folder, lang)
  sayVerdict(verdict, lang, json)
  process.stderr.write(`${lang === "fr" ? "Rapport : " : "Report: "}${join(folder, "report", "index.html")}\n`)
  return failure instanceof InputError ? exitCodes.wrongInput : verdict.exitCode
}

function sayVerdict(verdict: Verdict, lang: "fr" | "en", json = false): void {
  const colour = process.stdout.isTTY && settings().color
  const text = json ? JSON.stringify(verdict, null, 2) : verdictLines(verdict, { lang, colour }).join("\n")
  process.stdout.write(`${text}\n`)
}

function failureText(error: unknown): string {
  const { message, where, remedy } = failureOf(error)
  return `${message}\n  where: ${where}\n  what to do: ${remedy}`
}

/** A lab that stays until this process is asked to end. */
async function labUp(name: string, options: QualifyOptions): Promise<number> {
  const input = await readInput(name, options)
  const owner = ownership()
  const record = await openRecord(name, input, options)
  await withLab(input, record, options.seed, owner, async ({ handle: { run } }) => {
    owner.progress.say(`lab ${run} is up: ${join(record.folder, "lab.json")}; Ctrl-C removes it`)
    await unlessStopped(owner.stop, new Promise<never>(() => setInterval(() => undefined, 60_000)))
  }).catch((error: unknown) => {
    if (!owner.stop.aborted) throw error
  })
  return exitCodes.done
}

/** Runs scenarios on a lab that is up; nothing is judged. */
async function scenarios({ only, seed, lab: handlePath }: { only?: string[]; seed: number; lab?: string }): Promise<number> {
  if (handlePath === undefined) return listScenarios()
  const { progress, stop } = ownership()
  const { resultsFolder } = JSON.parse(await readFile(handlePath, "utf8")) as LabHandle
  const { scenarios: ended } = await runScenarios({
    handlePath: resolve(handlePath), resultsFolder, seed, only: only ?? null, signal: stop, onProgress: progress.say,
  })
  for (const { status, title, messages } of ended.filter((one) => one.status !== "passed")) {
    process.stdout.write(`${status}: ${title}\n${messages.join("\n").replaceAll(/^/gm, "  ")}\n`)
  }
  return ended.every(({ status }) => status === "passed") ? exitCodes.done : 1
}

function listScenarios(): number {
  for (const { suite, requirements, title } of announcedScenarios()) {
    process.stdout.write(`${suite}  ${requirements.join(" ")}  ${title}\n`)
  }
  return exitCodes.done
}

/** Writes the exact versions of a release's packages: those of images built without pins. */
async function lock(name: string): Promise<number> {
  const release = await loadRelease(name, { projectFolder, lockMayBeMissing: true })
  const platform = platformNamed(release.platform, release.folder)
  const { progress, stop } = ownership()
  const images = await progress.step("images with the newest versions", (detail) =>
    labImages({ ...release, packagesLock: undefined }, platform, { onStep: detail, signal: stop }))
  await writeFile(release.packagesLockFile, formatPackagesLock(await lockedPackages(images.tags)))
  process.stdout.write(`${release.packagesLockFile}\n`)
  return exitCodes.done
}

async function listPlatforms({ lang, json }: CommonOptions): Promise<number> {
  const releases = await shippedReleases(projectFolder)
  const rows = platforms.map(({ name, summary, nodes }) => ({
    name, summary: summary[lang], nodes: nodes.map((node) => node.name),
    releases: releases.filter(({ platform }) => platform === name)
      .map(({ version, date, generation, summary: text, digest }) => ({ version, date, generation, summary: text, digest })),
  }))
  const lines = rows.flatMap(({ name, summary, releases: known }) => [`${name}: ${summary}`,
    ...known.map(({ version, date, generation, summary: text }) => `  ${name}/${version}  ${date}  ${generation}  ${text}`)])
  process.stdout.write(`${json ? JSON.stringify(rows, null, 2) : lines.join("\n")}\n`)
  return exitCodes.done
}

async function joinVerdicts(folders: string[], { lang, json }: CommonOptions): Promise<number> {
  const verdict = joinedVerdict(await Promise.all(folders.map((folder) => readRun(resolve(folder)))), lang)
  sayVerdict(verdict, lang, json)
  return verdict.exitCode
}

async function reportAgain(folder: string, { lang, json }: CommonOptions): Promise<number> {
  const verdict = await writeReport(resolve(folder), lang)
  sayVerdict(verdict, lang, json)
  return verdict.exitCode
}

async function prune(): Promise<number> {
  const { runs, builderContainers } = await sweep({ thorough: true })
  process.stdout.write(`removed what ${runs.length} dead runs left, and ${builderContainers} containers of dead builds\n`)
  return exitCodes.done
}

function program(end: (code: number) => void): Command {
  const { lang: spoken } = settings()
  const root = new Command("recette").description("Qualifies releases of mail platforms on a replica from which nothing can leave")
    .exitOverride().showHelpAfterError("(--help lists what there is)").configureHelp({ showGlobalOptions: true })
  const lang = (): Option => new Option("--lang <language>", "language of what is shown").choices(["fr", "en"]).default(spoken)
  const command = (words: string, text: string): Command => root.command(words).description(text).addOption(lang())
  const seed = (): Option => new Option("--seed <number>", "seed of people, order and ids").argParser(wholeNumber)
    .default(Date.now() % seedMax, "drawn from the clock")
  const only = (): Option => new Option("--only <names>", "requirement ids or suites, separated by commas").argParser((text) => text.split(","))
  const lab = (words: string, text: string): Command => command(words, text).argument("[release]", "a shipped release, a platform or a path", defaultRelease)
    .addOption(seed()).option("--out <folder>", "folder for the runs", join(projectFolder, "results"))
    .addOption(new Option("--level <level>", "how much is proved").choices(["quick", "full", "election"]).default("quick"))
    .option("--requirements <overlay>", "the team's bounds, confirmations, waivers and requirements")
    .option("--baseline <release>", "release to compare with, or none").addOption(only())
  lab("qualify", "the main job: a verdict on a release").option("--json", "verdict.json on standard output")
    .action(async (name: string, options: QualifyOptions) => end(await qualify(name, options)))
  lab("lab", "a lab that stays up until Ctrl-C").action(async (name: string, options: QualifyOptions) => end(await labUp(name, options)))
  command("scenarios", "list the scenarios, or run them on a lab that is up").addOption(only()).addOption(seed())
    .option("--lab <lab.json>", "handle of a lab that is up")
    .action(async (options: { only?: string[]; seed: number; lab?: string }) => end(await scenarios(options)))
  command("doctor", "what is there, what is missing, how to mend it, what a run costs").option("--json")
    .action(async (options: CommonOptions) => { process.stdout.write(`${await doctor(options)}\n`); end(exitCodes.done) })
  command("platforms", "platforms and their shipped releases").option("--json")
    .action(async (options: CommonOptions) => end(await listPlatforms(options)))
  command("lock", "write the exact package versions of a release").argument("<release>").action(async (name: string) => end(await lock(name)))
  command("verdict", "join runs of one digest into one verdict").argument("<run...>").option("--json")
    .action(async (folders: string[], options: CommonOptions) => end(await joinVerdicts(folders, options)))
  command("report", "write a run's report again").argument("<run>").option("--json")
    .action(async (folder: string, options: CommonOptions) => end(await reportAgain(folder, options)))
  command("prune", "remove what dead runs left").action(async () => end(await prune()))
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
    await program((given) => { code = given }).parseAsync()
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongInput
    process.stderr.write(`${failureText(error)}\n`)
    if (error instanceof ReportFailure) return error.exitCode
    return error instanceof InputError ? exitCodes.wrongInput : exitCodes.labFailed
  }
}

process.exit(await main())
