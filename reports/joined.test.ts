import { describe, expect, test } from "vitest"
import { joinedVerdict } from "./joined.ts"
import { sampleResults, type SampleParts } from "./sample-results.ts"

const named = (run: string, parts: SampleParts = {}) => sampleResults({ ...parts, run: { run, ...parts.run } })
const join = (...runs: ReturnType<typeof named>[]) => joinedVerdict(runs, "en")

describe("runs of one digest", () => {
  test("prove together the higher level", () => {
    const requirements = [{}, { id: "PERF-01", level: "full" as const }]
    const verdict = join(
      named("one", { requirements }),
      named("two", { requirements, run: { level: "full" }, scenarios: [{ requirements: ["PERF-01"], title: "the rate holds" }] }),
    )
    expect(verdict).toMatchObject({ verdict: "go", level: "full", runs: ["one", "two"], run: "one + two", higherLevels: [] })
    expect(verdict.requirements.map(({ id, status }) => [id, status])).toEqual([["LST-01", "passed"], ["PERF-01", "passed"]])
    expect(verdict.requirements[1]!.evidence).toMatchObject([{ scenario: "the rate holds", log: "two/logs/" }])
  })

  test.each(["lab-error", "not-run"] as const)("a %s in one run may be proved by another", (status) => {
    const other = { title: "another", requirements: ["LST-02"] }
    const requirements = [{}, { id: "LST-02" }]
    const verdict = join(
      named("one", { requirements, scenarios: [other, { status }] }), named("two", { requirements, scenarios: [{}, other] }),
    )
    expect(verdict.verdict).toBe("go")
  })

  test("what failed in one run stays failed, in either order", () => {
    const [green, red] = [named("green"), named("red", { scenarios: [{ status: "failed" }] })]
    expect(join(green, red)).toMatchObject({ verdict: "no-go", requirements: [{ status: "failed" }] })
    expect(join(red, green)).toMatchObject({ verdict: "no-go", requirements: [{ status: "failed" }] })
  })

  test("a run that ended early is a reservation that names the failure it saw", () => {
    const early = named("early", { run: { state: "interrupted" }, complete: false, scenarios: [{ status: "failed" }] })
    expect(join(early, named("whole"))).toMatchObject({
      verdict: "go-with-reservations",
      reasons: ["early: the run was interrupted; a failure had been seen there: LST-01."],
    })
  })

  test("runs limited by --only never join to GO without a whole one", () => {
    const limited = (run: string) => named(run, { run: { only: ["LST-01"] } })
    expect(join(limited("one"), limited("two"))).toMatchObject({ verdict: "inconclusive", only: ["LST-01"] })
    expect(join(limited("one"), named("two"))).toMatchObject({ verdict: "go", only: null })
  })

  test("what the runs of the verdict's level leave out is what all of them leave out", () => {
    const [antispam, load] = [{ fr: "l'antispam", en: "antispam" }, { fr: "la charge", en: "load" }]
    expect(join(named("one", { run: { leavesOut: [antispam, load] } }), named("two", { run: { leavesOut: [antispam] } })).leavesOut)
      .toEqual([antispam])
  })

  test("isolation that failed in one of them leaves no verdict", () => {
    const leaking = named("leaking")
    leaking.isolation!.passed = false
    expect(join(named("sound"), leaking)).toMatchObject({ verdict: "none", exitCode: 3 })
  })
})

describe("refused", () => {
  const release = { ...sampleResults().run.release!, digest: "sha256:other" }

  test("runs of different digests", () => {
    const digest = `sha256:${"5c".repeat(32)}`
    expect(() => join(named("one"), named("two", { run: { release } }))).toThrow(
      `These runs qualify different releases: ${digest} in one, sha256:other in two\n`
      + "  where: runs one and two\n"
      + "  what to do: join runs of one digest only: a release that changed is qualified again")
  })

  test("a replica with a stand-in", () => {
    expect(() => join(named("one"), named("two", { run: { object: "stand-in" } })))
      .toThrow("These runs judge different objects: replica and stand-in")
  })

  test("requirements judged by different terms", () => {
    expect(() => join(named("one"), named("two", { requirements: [{ severity: "mineure" }] })))
      .toThrow("These runs judge LST-01 by different terms")
  })

  test("bounds that differ", () => {
    expect(() => join(named("one", { requirements: [{ bounds: { delay_s_max: 60 } }] }), named("two")))
      .toThrow("These runs judge LST-01 by different terms")
  })

  test("runs that never knew their digest", () => {
    const nameless = (run: string) => {
      const results = named(run)
      delete results.run.release
      return results
    }
    expect(() => join(nameless("one"), nameless("two")))
      .toThrow("These runs qualify different releases: no digest in one, no digest in two")
  })

  test("a run named twice, and no run", () => {
    expect(() => join(named("one"), named("one"))).toThrow("Run one is named twice")
    expect(() => join()).toThrow("No run was named")
  })
})
