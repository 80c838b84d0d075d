import { createWriteStream, mkdirSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { BaseSequencer, startVitest, type TestSpecification } from "vitest/node"
import { InputError, LabFailure } from "../lab/failure.ts"
import type { LabHandle } from "../lab/handle.ts"
import type { Component } from "../lab/platform.ts"
import { lastSuites, scenariosOf, selectScenarios, type AnnouncedScenario, type ScenarioChoice } from "./catalogue.ts"
import { ScenarioReporter } from "./reporter.ts"
import type { ScenarioNews, ScenarioOrder } from "./scenario-record.ts"

// The process that runs the scenarios, forked by the owner of the lab (start.ts). It has no life of its own: when the
// owner goes, however it goes, the channel closes and this process ends with all its threads.

/**
 * Scenarios that run side by side. The list engine reads its incoming spool in one process: with sixteen, posts lay there
 * for 22 s on a machine that had other work, and were taken for lost.
 */
const concurrencyMax = 8
/** Longest a scenario may take in all, in ms: far above every budget of its own, and its wait for a turn at the browser. */
const scenarioMsMax = 300_000

/** The two modules that Vitest runs: the suites side by side, then those that judge what the others left behind. */
const modules = { first: "scenarios/selected-suites.ts", last: "scenarios/selected-last-suites.ts" } as const

const runnerPath = fileURLToPath(new URL("./scenario-runner.ts", import.meta.url))
const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)))

process.once("disconnect", () => process.exit(exitCodes.abandoned))
process.once("message", (order) => void carryOut(order as ScenarioOrder))

const exitCodes = { ended: 0, broken: 3, abandoned: 4 } as const

async function carryOut(order: ScenarioOrder): Promise<void> {
  try {
    const { only, except = [] } = order
    const handle = JSON.parse(readFileSync(order.handlePath, "utf8")) as LabHandle
    const selected = selectScenarios(only, scenariosOf(choiceOf(handle)))
    await runScenarios(order, handle, selected.filter(({ requirements }) => !requirements.some((id) => except.includes(id))))
    tell({ kind: "ended" }, exitCodes.ended)
  } catch (error) {
    tell(brokenBy(error), exitCodes.broken)
  }
}

/** What the run that made the lab says of its platform. */
function choiceOf({ resultsFolder }: LabHandle): ScenarioChoice {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(resultsFolder, name), "utf8"))
  const { requirements } = read("requirements.json") as { requirements: { id: string }[] }
  return { ...read("platform.json") as Omit<ScenarioChoice, "requirements">, requirements: requirements.map(({ id }) => id) }
}

async function runScenarios(order: ScenarioOrder, handle: LabHandle, selected: AnnouncedScenario[]): Promise<void> {
  if (selected.length === 0) {
    throw new LabFailure("There is no scenario to run", {
      where: "scenarios/*.scenario.ts", remedy: "restore the suites of this project (git status)",
    })
  }
  const isLast = ({ suite }: AnnouncedScenario) => lastSuites.includes(suite)
  const suites = filesOf(selected.filter((one) => !isLast(one)))
  const suitesAtTheEnd = filesOf(selected.filter(isLast))
  const log = openLog(order.resultsFolder)
  const reporter = new ScenarioReporter({
    selected, seed: order.seed, resultsFolder: order.resultsFolder,
    tell: (news) => news.kind === "broken" ? tell(news, exitCodes.broken) : tell(news),
  })
  const vitest = await startVitest([], {
    root: projectFolder, config: false, watch: false, api: false, passWithNoTests: false, allowOnly: false,
    include: [...suites.length > 0 ? [modules.first] : [], ...suitesAtTheEnd.length > 0 ? [modules.last] : []],
    testNamePattern: new RegExp(`^\\s*(${selected.map(({ title }) => escaped(title)).join("|")})$`),
    pool: "threads", isolate: false, maxWorkers: 1, fileParallelism: false, maxConcurrency: concurrencyMax,
    sequence: { concurrent: true, shuffle: { files: false, tests: order.shuffle }, seed: order.seed, sequencer: LastModuleLast },
    testTimeout: scenarioMsMax, hookTimeout: scenarioMsMax, retry: 0,
    runner: runnerPath, reporters: [reporter], provide: { handle, seed: order.seed, suites, suitesAtTheEnd },
    // A team's own scenarios lie elsewhere and name this project by its name.
  }, { clearScreen: false, logLevel: "error", resolve: { alias: { recette: projectFolder } } }, { stdout: log, stderr: log })
  await vitest.close()
}

function filesOf(scenarios: readonly AnnouncedScenario[]): string[] {
  return [...new Set(scenarios.map(({ file }) => resolve(projectFolder, file)))]
}

/** The modules run one after the other; left alone, Vitest would begin with the one that failed or took longest before. */
class LastModuleLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return [...files].sort((one, other) => Number(one.moduleId.endsWith(modules.last)) - Number(other.moduleId.endsWith(modules.last)))
  }
}

function openLog(resultsFolder: string) {
  const folder = join(resultsFolder, "logs")
  mkdirSync(folder, { recursive: true })
  return createWriteStream(join(folder, "scenarios.log"))
}

function brokenBy(error: unknown): ScenarioNews {
  if (error instanceof LabFailure || error instanceof InputError) {
    return { kind: "broken", message: error.message.split("\n  where: ")[0]!, where: error.where, remedy: error.remedy }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    kind: "broken", message: `The scenarios could not be run: ${message}`,
    where: "logs/scenarios.log", remedy: "read that log, and see whether the project is complete (git status, npm ci)",
  }
}

/** Tells the owner; with an exit code, ends this process once the owner has it. */
function tell(news: ScenarioNews, exitCode?: number): void {
  process.send?.(news, () => {
    if (exitCode !== undefined) process.exit(exitCode)
  })
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}

declare module "vitest" {
  interface ProvidedContext {
    handle: LabHandle
    seed: number
    /** Absolute paths of the selected suites. */
    suites: string[]
    /** Of those that begin once all others have ended. */
    suitesAtTheEnd: string[]
  }
  interface TaskMeta {
    /** Ids of the requirements that the scenario proves. */
    requirements?: string[]
    /** `exclusive`: it stops something, changes configuration or moves time, and runs alone (`concurrent: false`). */
    mode?: "shared" | "exclusive"
    /** Components without which it says nothing: it is not run on a platform that lacks one. */
    needs?: Component[]
    ids?: string[]
    observed?: string[]
  }
}
