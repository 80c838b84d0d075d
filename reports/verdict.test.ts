import { describe, expect, test } from "vitest"
import { sampleIsolation, sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

const judge = (parts: Parameters<typeof sampleResults>[0] = {}) => verdictOf(sampleResults(parts), "en")

describe("go", () => {
  test("every requirement of the level passed", () => {
    expect(judge()).toMatchObject({
      verdict: "go", exitCode: 0, reasons: ["All requirements judged at level quick hold (1)."],
      requirements: [{ id: "LST-01", status: "passed", evidence: [{ message: "12 of 12 copies", log: "logs/" }] }],
    })
  })

  test("a requirement that does not apply is no reservation", () => {
    const standing = { status: "not-applicable" as const, reason: { fr: "pas de web", en: "no web interface" } }
    const verdict = judge({ requirements: [{}, { id: "SEC-09", standing }] })
    expect(verdict.verdict).toBe("go")
    expect(verdict.requirements[1]).toMatchObject({ status: "not-applicable", note: { en: "no web interface" } })
  })

  test("a release that names no baseline has no reservation for it", () => {
    expect(judge({ run: { level: "full" } }).verdict).toBe("go")
  })

  test("reasons are in the language that is asked for, and kept in both", () => {
    const verdict = verdictOf(sampleResults(), "fr")
    expect(verdict.reasons).toEqual(["Toutes les exigences jugées au niveau rapide sont satisfaites (1)."])
    expect(verdict.decisions[0]!.sentence.en).toBe("All requirements judged at level quick hold (1).")
  })

  test("what no run can cover is named", () => {
    expect(judge().notCovered.map(({ en }) => en.split(" ")[1])).toEqual(["kernel", "storage:", "real"])
  })
})

describe("rule 1: the lab failed", () => {
  const failure = { message: "The engine does not answer", where: "unix socket", remedy: "start it" }

  test("before anything was judged: no verdict, exit 3", () => {
    const verdict = judge({ run: { state: "lab-failed", failure }, scenarios: [] })
    expect(verdict).toMatchObject({ verdict: "none", exitCode: 3 })
    expect(verdict.reasons).toEqual([
      "Nothing was judged: the lab failed: The engine does not answer (where: unix socket; what to do: start it).",
    ])
  })

  test("in every scenario of a run that ended: no verdict", () => {
    const verdict = judge({ scenarios: [{ status: "lab-error" }] })
    expect(verdict).toMatchObject({ verdict: "none", exitCode: 3, reasons: ["Nothing was judged: the lab failed in every scenario."] })
  })

  test.each(["running", "interrupted"] as const)("a run left %s before anything was judged: no verdict", (state) => {
    expect(judge({ run: { state }, scenarios: [] })).toMatchObject({ verdict: "none", exitCode: 3 })
  })

  test("isolation that failed its proof: no verdict, whatever passed", () => {
    const results = sampleResults()
    results.isolation = {
      ...sampleIsolation(), passed: false,
      failures: [{ node: "sympa", wayOut: "its holder is also on the default bridge", remedy: "remove that network" }],
    }
    expect(verdictOf(results, "en")).toMatchObject({
      verdict: "none", exitCode: 3,
      reasons: ["Isolation is not proved: sympa, its holder is also on the default bridge. What to do: remove that network."],
    })
  })

  test("a control that does not get through proves nothing, even where the file says passed", () => {
    const results = sampleResults()
    results.isolation!.controls[0]!.passed = false
    expect(verdictOf(results, "en")).toMatchObject({ verdict: "none", exitCode: 3 })
  })

  test("a way out that is named, or a probe of a node that does not hold, fails the proof as well", () => {
    const named = sampleResults()
    named.isolation!.failures = [{ node: "dns", wayOut: "it forwards to the outside double", remedy: "start it anew" }]
    expect(verdictOf(named, "en").verdict).toBe("none")
    const probed = sampleResults()
    probed.isolation!.nodes[1]!.probes[0]!.passed = false
    expect(verdictOf(probed, "en").reasons).toEqual([
      "Isolation is not proved: a probe has another answer than the expected one (isolation.json).",
    ])
  })

  test("one failed scenario is a judgement, also when the lab failed later", () => {
    const verdict = judge({ run: { state: "lab-failed", failure }, scenarios: [{ status: "failed" }] })
    expect(verdict).toMatchObject({ verdict: "inconclusive", exitCode: 4, requirements: [{ status: "lab-error" }] })
  })

  test("a run that ended without a file of scenarios is inconclusive and says so", () => {
    expect(verdictOf({ ...sampleResults(), scenarios: null }, "en")).toMatchObject({
      verdict: "inconclusive", requirements: [{ status: "not-run" }],
      reasons: ["The record is incomplete: the file of scenarios is missing.", "No scenario was run.", "LST-01: not judged, no scenario proves it."],
    })
  })

  test("after something was judged: lab-error and inconclusive, neither passed nor failed", () => {
    const verdict = judge({
      run: { state: "lab-failed", failure }, complete: false,
      requirements: [{}, { id: "LST-02" }], scenarios: [{}, { requirements: ["LST-02"], status: "failed" }],
    })
    expect(verdict).toMatchObject({ verdict: "inconclusive", exitCode: 4 })
    expect(verdict.requirements.map(({ status }) => status)).toEqual(["lab-error", "lab-error"])
    expect(verdict.reasons).toContain("LST-02: not judged, a scenario had failed, but the lab failed: The engine does not answer.")
  })

  test("a record that ends before the platform had drained judges nothing", () => {
    const verdict = judge({ run: { drained: false }, scenarios: [{ status: "failed" }] })
    expect(verdict).toMatchObject({ verdict: "inconclusive", requirements: [{ status: "lab-error" }] })
    expect(verdict.reasons[0]).toBe("The record is incomplete: the record ends before the platform had drained.")
  })

  test("an incomplete file of scenarios judges nothing", () => {
    const verdict = judge({ complete: false })
    expect(verdict).toMatchObject({ verdict: "inconclusive", requirements: [{ status: "lab-error" }] })
    expect(verdict.reasons[0]).toBe("The record is incomplete: the file of scenarios is incomplete.")
  })
})

describe("rule 2: a requirement failed", () => {
  const failed = (requirement: NonNullable<Parameters<typeof judge>[0]>["requirements"]) =>
    judge({ requirements: requirement!, scenarios: [{ status: "failed", messages: ["1 of 12 copies is missing, logs/sympa.log"] }] })

  test.each(["bloquante", "majeure"] as const)("%s: NO-GO", (severity) => {
    expect(failed([{ severity }])).toMatchObject({ verdict: "no-go", exitCode: 1 })
  })

  test("says which one, how grave, and shows the error with its log", () => {
    const verdict = failed([{}])
    expect(verdict.reasons).toEqual(["LST-01 (major) failed: Every member receives one copy."])
    expect(verdict.requirements[0]!.evidence).toEqual([{
      scenario: "every member of a list receives one copy", suite: "lists", status: "failed",
      message: "1 of 12 copies is missing, logs/sympa.log", ids: [], log: "logs/sympa.log",
    }])
  })

  test("mineure: a reservation", () => {
    expect(failed([{ severity: "mineure" }])).toMatchObject({
      verdict: "go-with-reservations", exitCode: 0, requirements: [{ status: "failed" }],
    })
  })

  test.each(["hypothesis", "analogy"] as const)("an unconfirmed %s: a reservation", (source) => {
    expect(failed([{ class: source, severity: "bloquante" }]).verdict).toBe("go-with-reservations")
  })

  test.each(["hypothesis", "analogy"] as const)("a confirmed %s: NO-GO", (source) => {
    expect(failed([{ class: source, severity: "bloquante", confirmed: true }]).verdict).toBe("no-go")
  })

  test("one failed scenario of several fails the requirement, also beside a lab error", () => {
    const verdict = judge({ scenarios: [{}, { status: "lab-error" }, { status: "failed" }] })
    expect(verdict).toMatchObject({ verdict: "no-go", requirements: [{ status: "failed" }] })
  })

  test("NO-GO goes before what was not judged", () => {
    const verdict = judge({ requirements: [{}, { id: "LST-02" }], scenarios: [{ status: "failed" }] })
    expect(verdict.verdict).toBe("no-go")
    expect(verdict.reasons).toEqual([
      "LST-01 (major) failed: Every member receives one copy.", "LST-02: not judged, no scenario proves it.",
    ])
  })
})

describe("rule 3: what was not decided", () => {
  test("a requirement of the level that no scenario proves", () => {
    const verdict = judge({ requirements: [{}, { id: "ALI-01" }] })
    expect(verdict).toMatchObject({
      verdict: "inconclusive", exitCode: 4, reasons: ["ALI-01: not judged, no scenario proves it."],
      requirements: [{ id: "ALI-01", status: "not-run" }, { id: "LST-01", status: "passed" }],
    })
  })

  test("a scenario that was not run, beside one that passed", () => {
    expect(judge({ scenarios: [{}, { status: "not-run" }] })).toMatchObject({
      verdict: "inconclusive", requirements: [{ status: "not-run" }], reasons: ["LST-01: not judged, a scenario was not run."],
    })
  })

  test("a lab error beside a scenario that was not run", () => {
    expect(judge({ scenarios: [{}, { status: "not-run" }, { status: "lab-error" }] }).requirements[0]!.status).toBe("lab-error")
  })

  test("a proof by rules without its control, or with a node that was not probed", () => {
    const uncontrolled = sampleResults()
    uncontrolled.isolation!.controls = []
    const unprobed = sampleResults()
    unprobed.isolation!.nodes[1]!.probes = []
    expect([uncontrolled, unprobed].map((results) => verdictOf(results, "en").verdict)).toEqual(["inconclusive", "inconclusive"])
  })

  test("a proof of isolation without nodes", () => {
    const results = sampleResults()
    results.isolation!.nodes = []
    expect(verdictOf(results, "en").reasons).toEqual(["The proof of isolation is missing (isolation.json)."])
  })

  test("a lab error beside a scenario that passed", () => {
    expect(judge({ scenarios: [{}, { status: "lab-error" }] })).toMatchObject({
      verdict: "inconclusive", requirements: [{ status: "lab-error" }],
      reasons: ["LST-01: not judged, the lab failed during the scenario."],
    })
  })

  test("zero scenarios", () => {
    const verdict = judge({ scenarios: [] })
    expect(verdict).toMatchObject({ verdict: "inconclusive", exitCode: 4 })
    expect(verdict.reasons[0]).toBe("No scenario was run.")
  })

  test("no requirement that applies", () => {
    expect(judge({ requirements: [] }).reasons).toEqual(["No requirement of level quick applies: there is nothing to judge."])
  })

  test("no proof of isolation", () => {
    const results = { ...sampleResults(), isolation: null }
    expect(verdictOf(results, "en")).toMatchObject({
      verdict: "inconclusive", reasons: ["The proof of isolation is missing (isolation.json)."],
    })
  })

  test("a failed scenario that names no requirement does not pass unseen", () => {
    expect(judge({ scenarios: [{}, { title: "a stray", requirements: ["XXX-01"], status: "failed" }] })).toMatchObject({
      verdict: "inconclusive", reasons: ['A scenario that failed names no requirement of the register: "a stray".'],
    })
  })

  test("a requirement of a higher level is listed as left out and decides nothing", () => {
    const verdict = judge({ requirements: [{}, { id: "PERF-01", level: "full" }] })
    expect(verdict.verdict).toBe("go")
    expect(verdict.requirements.map(({ id }) => id)).toEqual(["LST-01"])
    expect(verdict.higherLevels).toEqual([{ id: "PERF-01", level: "full", status: "not-run" }])
  })
})

test("requirements are ordered by id and their statuses counted", () => {
  const verdict = judge({ requirements: [{ id: "ROU-01" }, {}, { id: "ALI-01" }] })
  expect(verdict.requirements.map(({ id }) => id)).toEqual(["ALI-01", "LST-01", "ROU-01"])
  expect(verdict.counts).toMatchObject({ "passed": 1, "not-run": 2, "failed": 0 })
})
