import { mkdtempSync, readFileSync, readdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TestCase, TestModule } from "vitest/node"
import { expect, test } from "vitest"
import type { AnnouncedScenario } from "./catalogue.ts"
import { ScenarioReporter, statusOf } from "./reporter.ts"
import type { ScenarioNews, ScenariosFile } from "./scenario-record.ts"

const announced = (title: string): AnnouncedScenario =>
  ({ title, suite: "routing", file: "scenarios/routing.scenario.ts", requirements: ["ROU-01"], mode: "shared", needs: [] })
const module = (errors: object[] = []) =>
  ({ moduleId: "/somewhere/scenarios/routing.scenario.ts", errors: () => errors }) as unknown as TestModule

function ended(title: string, result: object, meta: object = {}): TestCase {
  return {
    fullName: title, module: module(), result: () => result, meta: () => meta,
    diagnostic: () => ({ startTime: 0, duration: 12.4 }),
  } as unknown as TestCase
}

function reporterOn(...titles: string[]) {
  const resultsFolder = mkdtempSync(join(tmpdir(), "recette-reporter-"))
  const news: ScenarioNews[] = []
  const reporter = new ScenarioReporter({
    selected: titles.map(announced), seed: 7, resultsFolder, tell: (one) => news.push(one),
  })
  const file = () => JSON.parse(readFileSync(join(resultsFolder, "scenarios.json"), "utf8")) as ScenariosFile
  return { reporter, file, news, resultsFolder }
}

test("scenarios.json is whole after each scenario, and complete only at the end", () => {
  const { reporter, file, news, resultsFolder } = reporterOn("one", "two")

  reporter.onTestCaseResult(ended("one", { state: "passed" }, { ids: ["k3f9-1"], observed: ["250"] }))
  expect(file()).toMatchObject({
    complete: false, seed: 7,
    scenarios: [{ title: "one", status: "passed", durationMs: 12, ids: ["k3f9-1"], observed: ["250"] }, { status: "not-run" }],
  })

  reporter.onTestCaseResult(ended("two", { state: "failed", errors: [{ name: "AssertionError", message: "no copy" }] }))
  reporter.onTestRunEnd([], [], "failed")
  expect(file()).toMatchObject({ complete: true, scenarios: [{}, { status: "failed", messages: ["no copy"] }] })
  expect(news).toMatchObject([{ kind: "finished", done: 1, total: 2 }, { kind: "finished", done: 2, total: 2 }])
  expect(readdirSync(resultsFolder)).toEqual(["scenarios.json"])
})

test("a scenario that never ran leaves the file incomplete", () => {
  const { reporter, file } = reporterOn("one", "two")
  reporter.onTestCaseResult(ended("one", { state: "passed" }))
  reporter.onTestRunEnd([], [], "passed")
  expect(file().complete).toBe(false)
})

test("no scenario at all is never complete", () => {
  const { reporter, file } = reporterOn()
  reporter.onTestRunEnd([], [], "passed")
  expect(file().complete).toBe(false)
})

test("a failure is told with its causes, down to the first", () => {
  const { reporter, file } = reporterOn("one")
  const error = { name: "LabFailure", message: "no answer", cause: { name: "TypeError", message: "fetch failed", cause: { name: "Error", message: "read ECONNRESET" } } }
  reporter.onTestCaseResult(ended("one", { state: "failed", errors: [error] }))
  expect(file().scenarios[0]!.messages).toEqual(["LabFailure: no answer\n  because: fetch failed\n  because: read ECONNRESET"])
})

test("a file that does not load is the lab's fault, for each of its scenarios", () => {
  const { reporter, file } = reporterOn("one", "two")
  reporter.onTestModuleEnd(module([{ name: "SyntaxError", message: "Unexpected token" }]))
  expect(file().scenarios.map(({ status, messages }) => [status, messages])).toEqual([
    ["lab-error", ["SyntaxError: Unexpected token"]], ["lab-error", ["SyntaxError: Unexpected token"]],
  ])
})

test("an error outside of every scenario takes the green away from all", () => {
  const { reporter, file } = reporterOn("one")
  reporter.onTestCaseResult(ended("one", { state: "passed" }))
  reporter.onTestRunEnd([], [{ name: "Error", message: "unhandled" }], "failed")
  expect(file().scenarios[0]).toMatchObject({ status: "lab-error", messages: ["Outside of every scenario: Error: unhandled"] })
})

test("a failed claim is failed; a failing lab, in a cause too, and a broken scenario are lab-error", () => {
  const lab = { name: "LabFailure", message: "the engine is gone" }

  expect(statusOf([{ name: "AssertionError", message: "one copy too many" }])).toBe("failed")
  expect(statusOf([{ name: "StillNotTrue", message: "Still not true", cause: { name: "Error", message: "not yet" } }])).toBe("failed")
  expect(statusOf([{ name: "ClaimFailed", message: "250 instead of 550" }])).toBe("failed")
  expect(statusOf([lab])).toBe("lab-error")
  expect(statusOf([{ name: "AssertionError", message: "x", cause: { name: "Error", message: "y", cause: lab } }])).toBe("lab-error")
  expect(statusOf([{ name: "AssertionError", message: "x" }, lab])).toBe("lab-error")
  expect(statusOf([{ name: "TypeError", message: "x is undefined" }])).toBe("lab-error")
  expect(statusOf([])).toBe("lab-error")
})
