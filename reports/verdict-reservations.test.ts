import { describe, expect, test } from "vitest"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

const judge = (parts: Parameters<typeof sampleResults>[0] = {}) => verdictOf(sampleResults(parts), "en")

describe("rule 4: reservations", () => {
  test.each([
    ["known-limit", "LST-02, known limit: no such header (possible from 6.2.76)"],
    ["not-observable", "LST-02, not observable: no such header (possible from 6.2.76)"],
  ] as const)("%s", (status, sentence) => {
    const standing = { status, reason: { fr: "pas d'en-tête", en: "no such header" }, since: "6.2.76" }
    expect(judge({ requirements: [{}, { id: "LST-02", standing }] })).toMatchObject({
      verdict: "go-with-reservations", exitCode: 0, reasons: [sentence],
    })
  })

  const waiver = { reason: "fixed in 2026.2", name: "A. Martin", expires: "2026-11-23" }

  test("a waiver of a failed requirement, on its last day", () => {
    expect(judge({ requirements: [{ waiver }], scenarios: [{ status: "failed" }] })).toMatchObject({
      verdict: "go-with-reservations", requirements: [{ status: "waived" }],
      reasons: ["LST-01, failed: waived by A. Martin until 2026-11-23: fixed in 2026.2"],
    })
  })

  test("a waiver of a requirement that passed changes nothing", () => {
    expect(judge({ requirements: [{ waiver }] })).toMatchObject({ verdict: "go", requirements: [{ status: "passed" }] })
  })

  test("a waiver does not stand in for a proof", () => {
    expect(judge({ requirements: [{}, { id: "LST-02", waiver }] }).verdict).toBe("inconclusive")
  })

  test("an expired waiver is wrong input", () => {
    expect(() => judge({ requirements: [{ waiver: { ...waiver, expires: "2026-11-22" } }] })).toThrow(
      "The waiver of LST-01 granted by A. Martin expired on 2026-11-22, before the run of 2026-11-23\n"
      + "  where: requirements.json of run 20261123-214407-k3f9\n"
      + "  what to do: renew it or take it out of the overlay of requirements, then run again")
  })

  test("isolation by inspection only", () => {
    const results = sampleResults()
    results.isolation!.means = "inspection"
    expect(verdictOf(results, "en")).toMatchObject({
      verdict: "go-with-reservations", reasons: ["Isolation is shown by inspection only, without filter rules and outside double."],
    })
  })

  test("packages in other versions than the lock file's: one reservation that names each", () => {
    const packageDifferences = [
      { component: "postfix", package: "postfix", locked: "3.7.10-0", running: "3.7.11-0" },
      { component: "sympa", package: "sympa", locked: "6.2.70-1", running: "6.2.70-2" },
    ]
    expect(judge({ run: { packageDifferences } }).reasons).toEqual([
      "Packages run in another version than packages.lock: postfix postfix 3.7.11-0 instead of 3.7.10-0, "
      + "sympa sympa 6.2.70-2 instead of 6.2.70-1.",
    ])
  })

  const baseline = { applicable: true, reason: "", missing: true }

  test.each([["quick", "go"], ["full", "go-with-reservations"], ["election", "go-with-reservations"]] as const)(
    "a baseline that is named and missing, at level %s: %s", (level, expected) => {
      expect(judge({ run: { level, baseline } }).verdict).toBe(expected)
    })

  test.each([[{ ...baseline, missing: false }], [{ ...baseline, applicable: false }]])("a baseline that is there, or that nobody names: %j", (other) => {
    expect(judge({ run: { level: "full", baseline: other } }).verdict).toBe("go")
  })

  test("a stand-in never has a plain GO", () => {
    expect(judge({ run: { object: "stand-in" } })).toMatchObject({
      verdict: "go-with-reservations", object: "stand-in",
      reasons: ["What was judged is a stand-in of the platform: this is no GO for the original."],
    })
  })
})

describe("--only", () => {
  const only = ["LST-01"]

  test("green ends inconclusive and does not speak of what was not asked for", () => {
    expect(judge({ run: { only }, requirements: [{}, { id: "ROU-01" }] })).toMatchObject({
      verdict: "inconclusive", exitCode: 4, only,
      reasons: ["Only a part was asked for (--only LST-01): the rest is not judged."],
    })
  })

  test("a failed requirement is NO-GO", () => {
    expect(judge({ run: { only }, scenarios: [{ status: "failed" }] })).toMatchObject({ verdict: "no-go", exitCode: 1 })
  })

  test("a failed mineure one does not end in GO", () => {
    expect(judge({ run: { only }, requirements: [{ severity: "mineure" }], scenarios: [{ status: "failed" }] }).verdict).toBe("inconclusive")
  })

  test("what was asked for by its id and that no scenario proves is named", () => {
    expect(judge({ run: { only: ["LST-01", "ALI-01"] }, requirements: [{}, { id: "ALI-01" }] }).reasons)
      .toContain("ALI-01: not judged, no scenario proves it.")
  })

  test("what was asked for by the name of its suite and not run is named", () => {
    expect(judge({ run: { only: ["lists"] }, scenarios: [{}, { status: "not-run" }] }).reasons)
      .toContain("LST-01: not judged, a scenario was not run.")
  })
})
