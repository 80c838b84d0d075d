import { loadProofs } from "./load-proofs.ts"
import { plainText } from "./plain-text.ts"
import type { Results } from "./results.ts"
import type { Language, Scenario } from "./result-shapes.ts"
import { countWords, headline } from "./terminal.ts"
import type { Outcome, Verdict } from "./verdict.ts"

/** Version of the Common Test Report Format that is written (https://ctrf.io). */
const specVersion = "0.0.0"

type Status = "passed" | "failed" | "skipped" | "pending" | "other"
type Test = { name: string; status: Status; duration: number; rawStatus: string } & Record<string, unknown>

/** A lab error says nothing of the release: it is neither passed nor failed. */
const scenarioStatuses: Record<Scenario["status"], Status> = {
  "passed": "passed", "failed": "failed", "lab-error": "other", "not-run": "skipped",
}

/** What is not GO is red, so that a reader that counts failures alone never shows green. */
const verdictStatuses: Record<Outcome, Status> = {
  "go": "passed", "go-with-reservations": "passed", "no-go": "failed", "inconclusive": "failed", "none": "failed",
}

/**
 * `ctrf.json`: one test per scenario, one per requirement that no scenario proves, and one for the verdict itself, as
 * in `junit.xml`. Durations are in ms, instants in ms since 1970.
 */
export function ctrfReport(results: Results, verdict: Verdict, lang: Language): string {
  const { run, scenarios } = results
  const tests = [
    ...[...scenarios?.scenarios ?? [], ...loadProofs(results)].map(scenarioTest),
    ...verdict.requirements.filter(({ evidence, status }) => evidence.length === 0 && status === "not-run")
      .map(({ id, text, note }) => test(`${id} ${text[lang]}`, "requirements", "skipped", "not-run", {
        message: note?.[lang], labels: { requirement: [id] },
      })),
    test("verdict", "verdict", verdictStatuses[verdict.verdict], verdict.verdict, {
      message: [headline(verdict, lang), ...verdict.reasons, countWords(verdict, lang)].join("\n"),
    }),
  ]
  const start = millisecondsOf(run.times.startedAt)
  const stop = Math.max(start, millisecondsOf(run.times.endedAt ?? run.times.scenariosEndedAt))
  const count = (status: Status) => tests.filter((each) => each.status === status).length
  return `${JSON.stringify(clean({
    reportFormat: "CTRF", specVersion, runId: run.run, generatedBy: "recette",
    results: {
      tool: { name: "recette", ...(run.commit ? { version: run.commit } : {}) },
      summary: {
        tests: tests.length, passed: count("passed"), failed: count("failed"), skipped: count("skipped"), pending: 0,
        other: count("other"), suites: new Set(tests.map(({ suite }) => String(suite))).size, start, stop, duration: stop - start,
      },
      tests,
      environment: {
        appName: run.platform, appVersion: run.release?.version, testEnvironment: run.level,
        extra: { release: run.release?.name, digest: run.release?.digest, seed: run.seed, verdict: verdict.verdict, command: run.command },
      },
    },
  }), null, 2)}\n`
}

function scenarioTest({ title, suite, file, status, requirements, messages, ids, observed, startedAt, durationMs }: Scenario): Test {
  const start = millisecondsOf(startedAt)
  return test(title, suite, scenarioStatuses[status], status, {
    duration: Math.round(durationMs ?? 0), filePath: file,
    ...(start > 0 ? { start, stop: start + Math.round(durationMs ?? 0) } : {}),
    ...(status === "passed" ? {} : { message: messages[0] ?? "", trace: messages.slice(1).join("\n") }),
    labels: { requirement: requirements, messageId: ids, observed },
  })
}

function test(name: string, suite: string, status: Status, rawStatus: string, rest: Record<string, unknown>): Test {
  return { name, duration: 0, suite: [suite], ...rest, status, rawStatus }
}

function millisecondsOf(instant: string | null | undefined): number {
  const value = Date.parse(instant ?? "")
  return Number.isNaN(value) ? 0 : value
}

/** Texts of mail and logs made fit to be shown; what is empty is left out, as the format wants it. */
function clean(value: unknown): unknown {
  if (typeof value === "string") return plainText(value)
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value)
    .filter(([, inner]) => inner !== undefined && inner !== "" && !(Array.isArray(inner) && inner.length === 0))
    .map(([name, inner]) => [plainText(name), clean(inner)]))
}
