import { expect, test } from "vitest"
import { hostileResults } from "./hostile-results.ts"
import { junitReport } from "./junit.ts"
import type { Results } from "./results.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

const report = (results: Results) => junitReport(results, verdictOf(results, "en"), "en")

test("a green run: suite, class, time and the requirements as properties", () => {
  const xml = report(sampleResults())
  expect(wellFormed(xml)).toBe(true)
  expect(xml).toContain('<testsuites name="recette ariel-pr" tests="2" failures="0" errors="0" skipped="0" time="5.200">')
  expect(xml).toContain('<testsuite name="lists" tests="1" failures="0" errors="0" skipped="0" time="5.200" timestamp="2026-11-23T21:44:07">')
  expect(xml).toContain('<testcase classname="ariel-pr.lists" name="every member of a list receives one copy" time="5.200">'
    + '<properties><property name="requirement" value="LST-01"/></properties></testcase>')
  expect(xml).toContain('<property name="seed" value="42"/>')
})

test("failed is a failure, a lab error an error, not run is skipped", () => {
  const xml = report(sampleResults({
    scenarios: [
      { status: "failed", messages: ["1 of 12 copies is missing", "and more"] }, { status: "lab-error", messages: ["Sympa died"] },
      { status: "not-run" }, {},
    ],
  }))
  expect(wellFormed(xml)).toBe(true)
  expect(xml).toContain('<testsuite name="lists" tests="4" failures="1" errors="1" skipped="1"')
  expect(xml).toContain('<failure type="failed" message="1 of 12 copies is missing">1 of 12 copies is missing\nand more\n')
  expect(xml).toContain('<error type="lab-error" message="Sympa died">')
  expect(xml).toContain('<skipped message="not run"/>')
  expect(xml).toContain('<failure type="no-go" message="NO-GO">LST-01 (major) failed')
})

test("a requirement that no scenario proves is skipped, and the verdict is an error", () => {
  const xml = report(sampleResults({ requirements: [{}, { id: "ALI-01" }] }))
  expect(xml).toContain('<skipped message="no scenario proves it"/>')
  expect(xml).toContain('<error type="inconclusive" message="INCONCLUSIVE">ALI-01: not judged')
})

test("a lab that failed before the first scenario is never green", () => {
  const failure = { message: "No engine answers", where: "the socket", remedy: "start it" }
  const results = sampleResults({ run: { state: "lab-failed", failure }, scenarios: [] })
  const xml = report({ ...results, scenarios: null, requirements: null, isolation: null })
  expect(wellFormed(xml)).toBe(true)
  expect(xml).toContain('tests="1" failures="0" errors="1"')
  expect(xml).toContain("Nothing was judged: the lab failed: No engine answers (where: the socket; what to do: start it).")
})

test("hostile subjects stay text, in well-formed XML without control characters", () => {
  const results = hostileResults()
  const xml = report(results)
  expect(wellFormed(xml)).toBe(true)
  expect(xml).not.toMatch(/[^\t\n\u0020-\u007e\u00a0-\ufffd\u{10000}-\u{10ffff}]/u)
  expect(xml).not.toContain("<script")
  expect(xml).toContain("Subject: @all &amp;amp; &amp;#60;")
  expect(xml.match(/<testcase /g)).toHaveLength(results.scenarios!.scenarios.length + 1)
})

test("the check of well-formedness refuses what it must", () => {
  expect(["<a>", "<a></b>", "<a b=1/>", "<a>&</a>", "<a/><b/>", '<a b="<"/>', "<a></a>x"].map(wellFormed))
    .toEqual(Array(7).fill(false))
})

/** Whether a text is one XML element with balanced tags, quoted attributes, and no bare `&` or `<`. */
function wellFormed(xml: string): boolean {
  const body = xml.replace(/^<\?xml [^>]*\?>\n/, "").trimEnd()
  if (/&(?!(?:amp|lt|gt|quot|#\d+);)/.test(body)) return false
  const token = /<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*)(\/?)>|([^<]+)/gy
  const open: string[] = []
  let end = 0, roots = 0
  for (const [text, closing, opening, , empty, between] of body.matchAll(token)) {
    if (closing !== undefined && open.pop() !== closing) return false
    if (opening !== undefined && open.length === 0) roots += 1
    if (opening !== undefined && !empty) open.push(opening)
    if (between !== undefined && open.length === 0) return false
    end += text.length
  }
  return end === body.length && open.length === 0 && roots === 1
}
