import { fateCounts, percentOf, sampleFates } from "./sample-fates.ts"
import { expect, test } from "./test.ts"

// How much spam is found and how much clean mail is mistaken for it, on samples that no rule was fitted to
// (fixtures/samples). What is put off comes again, as from a mail server: what counts is what becomes of it then.

test("of known spam, enough is refused or marked",
  { meta: { requirements: ["SPM-50"] } }, async ({ scene }) => {
    const percentMin = await scene.bound("SPM-50", "detectionPercentMin")

    const fates = await sampleFates(scene, "spam")

    scene.observe(fateCounts(fates))
    expect(fates).toHaveLength(150)
    expect(percentOf(fates, ["refused", "marked"]), fateCounts(fates)).toBeGreaterThanOrEqual(percentMin)
  })

test("of known clean mail, next to nothing is refused or marked",
  { meta: { requirements: ["SPM-51"] } }, async ({ scene }) => {
    const percentMax = await scene.bound("SPM-51", "falsePositivePercentMax")

    const fates = await sampleFates(scene, "clean")

    scene.observe(fateCounts(fates, ["refused", "marked"]))
    expect(fates).toHaveLength(150)
    expect(percentOf(fates, ["refused", "marked"]), fateCounts(fates, ["refused", "marked"])).toBeLessThanOrEqual(percentMax)
  })
