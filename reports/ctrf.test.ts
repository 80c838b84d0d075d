import { validate } from "ctrf"
import { expect, test } from "vitest"
import { ctrfReport } from "./ctrf.ts"
import { hostileResults } from "./hostile-results.ts"
import type { Results } from "./results.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

interface Report { results: { summary: Record<string, number>; tests: Record<string, unknown>[] } }

function report(results: Results): Report {
  return JSON.parse(ctrfReport(results, verdictOf(results, "en"), "en")) as Report
}

test("a green run, by the format's own schema", () => {
  const written = report(sampleResults({ run: { times: { startedAt: "2026-11-23T21:44:07.120Z", endedAt: "2026-11-23T21:45:07.120Z" } } }))
  expect(validate(written)).toMatchObject({ valid: true })
  expect(written.results.summary).toMatchObject({ tests: 2, passed: 2, failed: 0, other: 0, suites: 2, duration: 60_000 })
  expect(written.results.tests[0]).toMatchObject({
    name: "every member of a list receives one copy", status: "passed", suite: ["lists"], duration: 5_200,
    labels: { requirement: ["LST-01"] },
  })
})

test("a lab error is no failure of the release, and neither is green", () => {
  const written = report(sampleResults({
    requirements: [{}, { id: "ALI-01" }],
    scenarios: [{ status: "failed", messages: ["1 of 12 copies is missing", "and more"] }, { status: "lab-error" }, { status: "not-run" }],
  }))
  expect(validate(written)).toMatchObject({ valid: true })
  expect(written.results.tests.map(({ status, rawStatus }) => [status, rawStatus])).toEqual([
    ["failed", "failed"], ["other", "lab-error"], ["skipped", "not-run"], ["skipped", "not-run"], ["failed", "no-go"],
  ])
  expect(written.results.tests[0]).toMatchObject({ message: "1 of 12 copies is missing", trace: "and more" })
})

test("a verdict that is not GO counts as a failure", () => {
  expect(report(sampleResults({ run: { only: ["LST-01"] } })).results.summary).toMatchObject({ passed: 1, failed: 1 })
})

test("a killed run and hostile texts keep to the schema", () => {
  const killed = { ...sampleResults({ run: { state: "running", times: {} } }), scenarios: null }
  expect(validate(report(killed))).toMatchObject({ valid: true })
  const hostile = ctrfReport(hostileResults(), verdictOf(hostileResults(), "en"), "en")
  expect(validate(JSON.parse(hostile))).toMatchObject({ valid: true })
  expect(hostile).not.toMatch(/\\u001b|\\u0000|[\u202a-\u202e\u2066-\u2069]/)
})
