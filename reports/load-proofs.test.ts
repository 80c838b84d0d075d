import { expect, test } from "vitest"
import { ctrfReport } from "./ctrf.ts"
import { junitReport } from "./junit.ts"
import type { Load } from "./load-shapes.ts"
import { pageReport } from "./page.ts"
import { changedLoad, loadRequirements, sampleCounts, sampleExample, sampleLoad } from "./sample-load.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

const resultsWith = (load: Load | null, profile: string | null = "smoke") =>
  ({ ...sampleResults({ run: { profile }, requirements: [{}, ...loadRequirements] }), loads: profile === null ? [] : [{ profile, load }] })
const judge = (load: Load | null, profile: string | null = "smoke") => verdictOf(resultsWith(load, profile), "en")
const statuses = (load: Load | null) => Object.fromEntries(judge(load).requirements.slice(1).map(({ id, status }) => [id, status]))
const all = (status: string) => Object.fromEntries(loadRequirements.map(({ id }) => [id, status]))

test("a load that delivered all once and in time proves its requirements", () => {
  const verdict = judge(sampleLoad())
  expect(verdict).toMatchObject({ verdict: "go", exitCode: 0 })
  expect(statuses(sampleLoad())).toEqual(all("passed"))
  expect(verdict.requirements.find(({ id }) => id === "PERF-13")!.evidence).toMatchObject([{
    scenario: "load smoke: every member of a list has its mail in time", suite: "load", message: "info-personnels@listes.education.test: everybody after 31.2 s, 60 s at most",
  }])
})

test.each<[string, string, (figures: NonNullable<NonNullable<Load["ledger"]>["figures"]>) => void]>([
  ["one lost", "PERF-09", (figures) => { figures.total = sampleCounts(30, { lost: 1 }) }],
  ["one bounced", "PERF-09", (figures) => { figures.total = sampleCounts(30, { bounced: 1 }) }],
  ["one duplicated", "PERF-10", (figures) => { figures.total = sampleCounts(30, { duplicated: 1 }) }],
  ["one unexpected", "PERF-11", (figures) => { figures.total = sampleCounts(31, { unexpected: 1 }) }],
  ["one altered", "PERF-12", (figures) => { figures.total.marks.altered = 1 }],
  ["a list that was slow", "PERF-13", (figures) => { figures.audiences[0]!.reached[3]!.maxUs = 60_000_001 }],
  ["a list of which one never had it", "PERF-13", (figures) => { figures.audiences[0]!.reached[3]!.never = 1 }],
  ["one refused", "PERF-14", (figures) => { figures.total = sampleCounts(30, { refused: 1 }) }],
])("%s fails %s alone", (_, failed, change) => {
  expect(statuses(changedLoad(change))).toEqual({ ...all("passed"), [failed]: "failed" })
  expect(judge(changedLoad(change))).toMatchObject({ verdict: "no-go", exitCode: 1 })
})

test("a copy too many that a silent server has to answer for is no duplicate of the platform", () => {
  expect(statuses(changedLoad((figures) => { figures.total = sampleCounts(30, { duplicated: 1 }, { duplicatedUnanswered: 1 }) }))).toEqual(all("passed"))
})

test("a failure names message, recipient and the way through the logs", () => {
  const [evidence] = judge(changedLoad((figures) => {
    figures.total = sampleCounts(30, { lost: 1 })
    figures.examples.push(sampleExample("lost", 1))
  })).requirements.find(({ id }) => id === "PERF-09")!.evidence
  expect(evidence).toMatchObject({ ids: ["l1.notes.1.3"], log: "logs/postfix.log" })
  expect(evidence!.message).toBe([
    "1 lost of 30 recipients", "lost: l1.notes.1.3 to anne@ac-lyon.test (stream notes, 0 copies, sender was told: accepted)",
    "  logs/postfix.log: 4X: message-id=<l1.notes.1.3@education.test>",
  ].join("\n"))
})

const unhonest = { honest: false, honesty: [{ check: "rate", stream: "notes", held: false, is: 5, must: 9.5, sentence: { fr: "trop lent", en: "too slow" } }] }

test.each<[string, Load | null, string]>([
  ["without a file", null, "load/smoke.json is missing: the load was not run to its end"],
  ["that failed", sampleLoad({ failure: { message: "k6 ended with 137", where: "k6.log", remedy: "read it" }, ledger: null }),
    "the load failed: k6 ended with 137 (where: k6.log; what to do: read it)"],
  ["whose record is not whole", sampleLoad({ ledger: { conclusion: "inconclusive", figures: null, gaps: [{ what: "4 recipients were counted, and 3 are on record", where: "acceptances-academies", missing: 1 }] } }),
    "the record is not whole: 4 recipients were counted, and 3 are on record (acceptances-academies, 1 missing)"],
  ["that was not honest", sampleLoad(unhonest), "the load is not honest: too slow"],
])("a load %s leaves everything undecided", (_, load, message) => {
  expect(statuses(load)).toEqual(all("lab-error"))
  const verdict = judge(load)
  expect(verdict).toMatchObject({ verdict: "inconclusive", exitCode: 4 })
  expect(verdict.requirements[1]!.evidence[0]!.message).toBe(message)
  expect(verdict.reasons).toEqual([expect.stringMatching(/^PERF-09, .*: not judged, the (record of the )?load (was|is|failed)/)])
})

test("what was counted is a fact at any rate; how fast and willing the platform was is none", () => {
  const load = changedLoad((figures) => { figures.total = sampleCounts(30, { lost: 1, refused: 1 }) }, unhonest)
  expect(statuses(load)).toEqual({ ...all("lab-error"), "PERF-09": "failed" })
  expect(judge(load).verdict).toBe("no-go")
})

test("a list without a message is zero samples, and never green", () => {
  expect(statuses(changedLoad((figures) => { figures.audiences.shift() }))).toEqual({ ...all("passed"), "PERF-13": "lab-error" })
})

test("without a load the verdict is INCONCLUSIVE and says why", () => {
  expect(judge(null, null)).toMatchObject({
    verdict: "inconclusive", exitCode: 4,
    reasons: ["PERF-09, PERF-10, PERF-11, PERF-12, PERF-13, PERF-14: not judged, no load was asked for (--profile none, --only)."],
  })
})

test("a platform of which nothing is proved by a load is judged without one", () => {
  const due = resultsWith(null, null)
  const none = { ...due, requirements: due.requirements!.filter(({ proof }) => proof === "scenario") }
  const verdict = verdictOf(none, "en")
  expect(verdict).toMatchObject({ verdict: "go", exitCode: 0 })
  expect(pageReport(none, verdict, "en")).toContain("Nothing that is required of this platform is proved by a load")
  expect(pageReport(due, verdictOf(due, "en"), "en")).toContain("No load was asked for (--profile none, --only).")
})

test("a run that ended before its load leaves it not run", () => {
  const results = { ...resultsWith(null), run: { ...resultsWith(null).run, state: "lab-failed" as const } }
  const { requirements } = verdictOf(results, "en")
  expect(requirements.slice(1).map(({ status, note }) => [status, note?.en])).toEqual(loadRequirements.map(() => ["not-run", "the run ended before its load"]))
})

test("a hypothesis that the load does not meet is a reservation", () => {
  const results = resultsWith(changedLoad((figures) => { figures.audiences[0]!.reached[3]!.maxUs = 99_000_000 }))
  results.requirements!.find(({ id }) => id === "PERF-13")!.class = "hypothesis"
  expect(verdictOf(results, "en")).toMatchObject({ verdict: "go-with-reservations", exitCode: 0 })
})

test("every report lists the load beside the scenarios", () => {
  const results = resultsWith(changedLoad((figures) => { figures.total = sampleCounts(30, { lost: 1 }) }))
  const verdict = verdictOf(results, "en")
  expect(junitReport(results, verdict, "en")).toContain('<failure type="failed" message="1 lost of 30 recipients">')
  expect(junitReport(results, verdict, "en")).toContain('<testsuite name="load" tests="6" failures="1"')
  expect(JSON.parse(ctrfReport(results, verdict, "en")).results.summary).toMatchObject({ passed: 6, failed: 2 })
})

test("the page shows streams, fates, times and shares, in both languages", () => {
  const results = resultsWith(sampleLoad())
  for (const [lang, words] of [["en", ["Rate reached / asked", "Once", "31.2 s", "4.4 %", "list of 20"]], ["fr", ["Débit atteint / demandé", "Une fois", "31,2 s", "4,4 %", "liste de 20"]]] as const) {
    const page = pageReport(results, verdictOf(results, lang), lang)
    const section = page.slice(page.indexOf('<section id="load"'), page.indexOf("</section>", page.indexOf('<section id="load"')))
    for (const word of words) expect(section).toContain(word)
  }
  const broken = resultsWith(sampleLoad(unhonest))
  expect(pageReport(broken, verdictOf(broken, "fr"), "fr")).toContain("<li>trop lent</li>")
})
