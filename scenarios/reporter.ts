import { writeFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason } from "vitest/node"
import type { AnnouncedScenario } from "./catalogue.ts"
import { LabFailure } from "../lab/failure.ts"
import type { ScenarioNews, ScenarioRecord, ScenariosFile, ScenarioStatus } from "./scenario-record.ts"

/** Errors that say something about the release; any other one is a failing lab or a broken scenario. */
const failedClaims = ["AssertionError", "StillNotTrue", "ClaimFailed"]

export interface ReporterOptions {
  selected: readonly AnnouncedScenario[]
  seed: number
  resultsFolder: string
  tell: (news: ScenarioNews) => void
}

/**
 * Keeps `scenarios.json`: every selected scenario stands in it from the start as `not-run`, and the file is written
 * whole (temporary name, then rename) after each that ends. `complete` only where all of them have ended.
 */
export class ScenarioReporter implements Reporter {
  private readonly options: ReporterOptions
  private readonly records: ScenarioRecord[]
  constructor(options: ReporterOptions) {
    this.options = options
    this.records = options.selected.map((announced) => ({
      ...announced, status: "not-run", startedAt: "", durationMs: 0, messages: [], ids: [], observed: [],
    }))
    this.write(false)
  }

  onTestCaseReady(testCase: TestCase): void {
    const record = this.recordOf(testCase)
    if (!record) return
    record.startedAt = new Date().toISOString()
    this.options.tell({ kind: "started", title: record.title, suite: record.suite })
  }

  onTestCaseResult(testCase: TestCase): void {
    const record = this.recordOf(testCase)
    const result = testCase.result()
    if (!record || result.state === "skipped" || result.state === "pending") return
    const { ids = [], observed = [] } = testCase.meta() as { ids?: string[]; observed?: string[] }
    const diagnostic = testCase.diagnostic()
    Object.assign(record, {
      status: result.state === "passed" ? "passed" : statusOf(result.errors),
      startedAt: new Date(diagnostic?.startTime ?? Date.now()).toISOString(),
      durationMs: Math.round(diagnostic?.duration ?? 0),
      messages: (result.errors ?? []).map(textOf), ids, observed,
    } satisfies Partial<ScenarioRecord>)
    this.finished(record)
  }

  /** A suite that cannot be loaded, or a hook that broke, leaves scenarios without a result: the lab's fault. */
  onTestModuleEnd(testModule: TestModule): void {
    const errors = testModule.errors()
    if (errors.length === 0) return
    for (const record of this.records.filter((one) => one.status === "not-run")) {
      Object.assign(record, { status: "lab-error", messages: errors.map(textOf) } satisfies Partial<ScenarioRecord>)
      this.finished(record)
    }
  }

  onTestRunEnd(
    _modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<SerializedError>, reason: TestRunEndReason,
  ): void {
    if (unhandled.length > 0) this.blameUnhandled(unhandled)
    this.write(reason !== "interrupted" && this.records.length > 0 && this.records.every(({ status }) => status !== "not-run"))
  }

  /** An error outside every scenario may have spoiled any of them. */
  private blameUnhandled(errors: ReadonlyArray<SerializedError>): void {
    for (const record of this.records.filter(({ status }) => status !== "failed")) {
      record.status = "lab-error"
      record.messages.push(...errors.map((error) => `Outside of every scenario: ${textOf(error)}`))
    }
  }

  /** Titles are unique (tidy.test.ts). */
  private recordOf(testCase: TestCase): ScenarioRecord | undefined {
    return this.records.find((one) => one.title === testCase.fullName)
  }

  private finished(scenario: ScenarioRecord): void {
    this.write(false)
    const done = this.records.filter(({ status }) => status !== "not-run").length
    this.options.tell({ kind: "finished", scenario, done, total: this.records.length })
  }

  private write(complete: boolean): void {
    const { resultsFolder, seed } = this.options
    const file: ScenariosFile = { schema: "recette.scenarios/v1", complete, seed, scenarios: this.records }
    const path = join(resultsFolder, "scenarios.json")
    const temporary = `${path}.${process.pid}.part`
    try {
      writeFileSync(temporary, `${JSON.stringify(file, null, 2)}\n`)
      renameSync(temporary, path)
    } catch (cause) {
      const failure = new LabFailure(`${path} could not be written: ${(cause as Error).message}`, {
        where: resultsFolder, remedy: "make room there, or name another folder with --out", cause,
      })
      this.options.tell({ kind: "broken", message: failure.message, where: failure.where, remedy: failure.remedy })
    }
  }
}

/** `failed` where only claims failed; `lab-error` where anything else did, the lab above all. */
export function statusOf(errors: ReadonlyArray<SerializedError> | undefined): ScenarioStatus {
  const all = (errors ?? []).flatMap(withCauses)
  const onlyClaims = all.length > 0 && (errors ?? []).every((error) => failedClaims.includes(error.name ?? ""))
  return onlyClaims && !all.some(({ name }) => name === "LabFailure" || name === "IsolationRefused") ? "failed" : "lab-error"
}

function withCauses(error: SerializedError): SerializedError[] {
  const parts = [error.cause, ...(Array.isArray(error["errors"]) ? error["errors"] as SerializedError[] : [])]
  return [error, ...parts.filter((part): part is SerializedError => typeof part === "object" && part !== null).flatMap(withCauses)]
}

/** A failed claim reads as its message; anything else names its kind first. */
function textOf(error: SerializedError): string {
  const own = failedClaims.includes(error.name ?? "") ? error.message : `${error.name ?? "Error"}: ${error.message}`
  return [own, ...causesOf(error)].join("\n  because: ")
}

/** Down to the first of them: that a request failed is said by the last, and why by the ones below it. */
function causesOf({ cause }: SerializedError): string[] {
  if (!cause) return []
  return typeof cause === "object" ? [String(cause.message ?? cause), ...causesOf(cause as SerializedError)] : [String(cause)]
}
