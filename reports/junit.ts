import { loadProofs } from "./load-proofs.ts"
import { plainText } from "./plain-text.ts"
import type { Results } from "./results.ts"
import type { Language, Scenario } from "./result-shapes.ts"
import { countWords, headline } from "./terminal.ts"
import type { Verdict } from "./verdict.ts"

interface Case { suite: string; name: string; seconds: number; properties: [string, string][]; body: string; kind: Kind }
type Kind = "passed" | "failure" | "error" | "skipped"

/**
 * `junit.xml`, as CI servers read it: one suite per suite of scenarios (failed is a failure, a lab error an error, not
 * run is skipped), the requirements that no scenario proves (skipped), and one case for the verdict itself, which is
 * red unless the verdict is GO, so that a lab that failed before the first scenario never shows green.
 */
export function junitReport(results: Results, verdict: Verdict, lang: Language): string {
  const { run, scenarios } = results
  const cases = [
    ...[...scenarios?.scenarios ?? [], ...loadProofs(results)].map(scenarioCase),
    ...verdict.requirements.filter(({ evidence, status }) => evidence.length === 0 && status === "not-run").map(({ id, text, note }) => ({
      suite: "requirements", name: `${id} ${text[lang]}`, seconds: 0, properties: [["requirement", id]] as [string, string][],
      body: element("skipped", { message: note?.[lang] ?? "" }), kind: "skipped" as const,
    })),
    verdictCase(verdict, lang),
  ]
  const suites = [...new Set(cases.map(({ suite }) => suite))]
  const facts: [string, string][] = [
    ["run", run.run], ["seed", String(run.seed ?? "")], ["level", run.level], ["release", run.release?.name ?? ""],
    ["digest", run.release?.digest ?? ""], ["verdict", verdict.verdict], ["command", run.command],
  ]
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites ${attributes({ name: `recette ${run.platform}`, ...totals(cases) })}>`,
    ...suites.map((suite) => suiteElement(suite, cases.filter((each) => each.suite === suite), run, facts)),
    `</testsuites>`, "",
  ].join("\n")
}

function scenarioCase(scenario: Scenario): Case {
  const { title, suite, status, requirements, messages, ids, observed, durationMs } = scenario
  const kind = ({ "passed": "passed", "failed": "failure", "lab-error": "error", "not-run": "skipped" } as const)[status]
  const message = messages[0] ?? ""
  const detail = [...messages, ...ids.map((id) => `X-Recette-Id: ${id}`), ...observed].join("\n")
  const body = kind === "passed" ? "" : kind === "skipped" ? element("skipped", { message: message || "not run" })
    : element(kind, { type: status, message: message.split("\n")[0] ?? "" }, detail)
  return {
    suite, name: title, seconds: (durationMs ?? 0) / 1000, body, kind,
    properties: requirements.map((id) => ["requirement", id]),
  }
}

function verdictCase(verdict: Verdict, lang: Language): Case {
  const kind = ({
    "go": "passed", "go-with-reservations": "passed", "no-go": "failure", "inconclusive": "error", "none": "error",
  } as const)[verdict.verdict]
  const words = headline(verdict, lang)
  const detail = [...verdict.reasons, countWords(verdict, lang)].join("\n")
  const body = kind === "passed"
    ? element("system-out", {}, `${words}\n${detail}`) : element(kind, { type: verdict.verdict, message: words }, detail)
  return { suite: "verdict", name: "verdict", seconds: 0, properties: [], body, kind }
}

function suiteElement(suite: string, cases: Case[], run: Results["run"], facts: [string, string][]): string {
  const timestamp = /^[\d-]+T[\d:]+/.exec(run.times.startedAt ?? "")?.[0]
  return [
    `  <testsuite ${attributes({ name: suite, ...totals(cases), ...(timestamp ? { timestamp } : {}) })}>`,
    `    ${propertiesElement(facts)}`,
    ...cases.map((each) => `    ${caseElement(each, run.platform)}`),
    `  </testsuite>`,
  ].join("\n")
}

function caseElement({ suite, name, seconds, properties, body }: Case, platform: string): string {
  const opening = `<testcase ${attributes({ classname: `${platform || "recette"}.${suite}`, name, time: seconds.toFixed(3) })}`
  const inner = (properties.length > 0 ? propertiesElement(properties) : "") + body
  return inner ? `${opening}>${inner}</testcase>` : `${opening}/>`
}

function propertiesElement(properties: [string, string][]): string {
  return `<properties>${properties.map(([name, value]) => element("property", { name, value })).join("")}</properties>`
}

function totals(cases: Case[]): Record<string, string> {
  const count = (kind: Kind) => String(cases.filter((each) => each.kind === kind).length)
  const seconds = cases.reduce((sum, each) => sum + each.seconds, 0)
  return {
    tests: String(cases.length), failures: count("failure"), errors: count("error"), skipped: count("skipped"),
    time: seconds.toFixed(3),
  }
}

function element(name: string, values: Record<string, string>, text = ""): string {
  const opening = Object.keys(values).length > 0 ? `<${name} ${attributes(values)}` : `<${name}`
  return text ? `${opening}>${escapeXml(plainText(text))}</${name}>` : `${opening}/>`
}

function attributes(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeXml(plainText(value)).replaceAll("\n", "&#10;").replaceAll("\t", "&#9;")}"`)
    .join(" ")
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
