import { expect, test } from "vitest"
import type { Load } from "./load-shapes.ts"
import { pageReport } from "./page.ts"
import type { Run } from "./result-shapes.ts"
import { sampleCounts, sampleLoad } from "./sample-load.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

// A run of two loads: smoke, and a reminder to 3 000 electors that supposes something.

const reminder = (part: Partial<Load> = {}) => sampleLoad({
  profile: "reminder", summary: { fr: "un rappel", en: "one reminder" }, parameters: { electors: 3_000 },
  assumptions: [{ what: { fr: "électeurs", en: "electors" }, value: "electors 3000", source: "CTMEN 2018" }],
  extrapolated: { electors: 3_000, measured: 3_000, sentence: { fr: "mesuré avec 3 000 électeurs, extrapolé", en: "measured with 3 000 electors, extrapolated" } }, ...part,
})
const lossOf = (profile: string) => {
  const load = profile === "reminder" ? reminder() : sampleLoad()
  load.ledger!.figures!.total = sampleCounts(30, { lost: 1 })
  return load
}

function results(loads: readonly [string, Load | null][], run: Partial<Run> = {}) {
  return {
    ...sampleResults({
      run: { profiles: loads.map(([profile]) => profile), ...run },
      requirements: [{}, { id: "PERF-09", proof: { load: "lost" }, severity: "bloquante" }, { id: "PERF-14", proof: { load: "refused", profiles: ["smoke"] } }],
    }),
    loads: loads.map(([profile, load]) => ({ profile, load })),
  }
}
const judged = (...order: Parameters<typeof results>) => Object.fromEntries(verdictOf(results(...order), "en").requirements.map(({ id, status, note }) => [id, note ? `${status}: ${note.en}` : status]))
const both: [string, Load | null][] = [["smoke", sampleLoad()], ["reminder", reminder()]]

test("a count holds for every load of the run, and a claim of one load for that one", () => {
  expect(judged(both)).toEqual({ "LST-01": "passed", "PERF-09": "passed", "PERF-14": "passed" })
  expect(judged([["smoke", sampleLoad()], ["reminder", lossOf("reminder")]])).toEqual({ "LST-01": "passed", "PERF-09": "failed", "PERF-14": "passed" })
  expect(judged([["smoke", lossOf("smoke")], ["reminder", reminder()]])["PERF-09"]).toBe("failed")
  const refused = reminder()
  refused.ledger!.figures!.total = sampleCounts(30, { refused: 3 })
  expect(judged([["smoke", sampleLoad()], ["reminder", refused]])["PERF-14"]).toBe("passed")
})

test("one load without a conclusion leaves what rests on it undecided, and names that one", () => {
  expect(judged([["smoke", sampleLoad()], ["reminder", null]])).toMatchObject({ "PERF-09": "lab-error: reminder: the load was not run to its end", "PERF-14": "passed" })
})

test("a load that the budget left out, or that nobody asked for, is not run: INCONCLUSIVE", () => {
  const leftOut = { leftOut: [{ profile: "smoke", seconds: 95 }] }
  expect(judged([["reminder", reminder()]], leftOut)).toEqual({ "LST-01": "passed", "PERF-09": "passed", "PERF-14": "not-run: the time given (--budget) had no room for the load smoke" })
  expect(judged([], leftOut)["PERF-09"]).toBe("not-run: the time given (--budget) had no room for the load smoke")
  expect(judged([["reminder", reminder()]])["PERF-14"]).toBe("not-run: the load smoke was not asked for")
  const verdict = verdictOf(results([["reminder", reminder()]], leftOut), "fr")
  expect(verdict.verdict).toBe("inconclusive")
  expect(verdict.leavesOut.map(({ fr }) => fr)).toContain("la charge smoke, à laquelle le temps donné (--budget) ne suffisait pas")
})

test("a run of an earlier version names one load alone", () => {
  const { loads: _, ...rest } = results([])
  const { profiles: _profiles, ...run } = rest.run
  expect(verdictOf({ ...rest, run: { ...run, profile: "smoke" }, loads: [{ profile: "smoke", load: sampleLoad() }] }, "en").verdict).toBe("go")
})

test("the page shows each load, what it assumes, what is extrapolated and what was left out", () => {
  for (const [lang, words] of [
    ["en", ["<h3>smoke</h3>", "<h3>reminder</h3>", "one reminder", "CTMEN 2018", "measured with 3 000 electors, extrapolated", "For 1,023,211 electors (extrapolated)", "2 h 57 min", "Left out, for the time given (--budget) had no room for them: soak"]],
    ["fr", ["un rappel", "mesuré avec 3 000 électeurs, extrapolé", "(extrapolé)", "n&#39;y suffisait pas"]],
  ] as const) {
    const run = results(both, { leftOut: [{ profile: "soak", seconds: 645 }] })
    const page = pageReport(run, verdictOf(run, lang), lang)
    for (const word of words) expect(page).toContain(word)
  }
  const alone = results([["smoke", sampleLoad()]])
  expect(pageReport(alone, verdictOf(alone, "en"), "en")).not.toContain("<h3>smoke</h3>")
})

test("the page shows the steps of a rising rate and the knee, and what the world did", () => {
  const step = (stream: string, perSecond: number, kept: boolean) => ({ stream, perSecond, reachedPerSecond: perSecond - 0.1, p99Ms: 1_200, kept, why: kept ? null : { fr: "18,9 par seconde", en: "18.9 a second" } })
  const load = reminder({
    ramp: { steps: [step("palier01", 5, true), step("palier02", 10, false)], knee: "palier01" },
    world: { changes: [{ academies: ["lille"], behaviour: { down: true }, fromSeconds: 10, untilSeconds: 20 }], refusals: 40 },
  })
  const run = results([["reminder", load]])
  const page = pageReport(run, verdictOf(run, "en"), "en")
  for (const word of ["Last step kept: 5 a second", "no: 18.9 a second", "lille", "Refused for a while: 40."]) expect(page).toContain(word)
  load.ramp!.knee = null
  expect(pageReport(run, verdictOf(run, "fr"), "fr")).toContain("Le premier palier déjà n&#39;a pas été tenu")
})

test("a run that was resumed says which lab carried which load", () => {
  const verdict = verdictOf(results([...both, ["soak", null]], { run: "20261129-two", resumed: [{ run: "20261128-one", loads: ["smoke", "reminder"] }] }), "en")
  expect(verdict.leavesOut.map(({ en }) => en)).toContain(
    "what one lab would have done under all loads one after the other: the run was interrupted and resumed (loads smoke, reminder of lab 20261128-one; soak of lab 20261129-two)")
  expect(verdictOf(results(both), "en").leavesOut.map(({ en }) => en).join()).not.toContain("resumed")
})
