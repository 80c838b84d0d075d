import { expect, test } from "vitest"
import { awaitDrain, type CountedStage } from "./count-drain.ts"
import { judgeDrain } from "./drain-judgement.ts"

const times = { lastAnsweredUs: null, lastReceivedUs: null }
/** A stage that holds so much at each look, the last for ever. */
function stage(node: string, name: string, ...held: number[]): CountedStage {
  return { node, stage: name, count: async () => held.length > 1 ? held.shift()! : held[0]! }
}

test("the rounds go on until one found nothing, and the last one proves that the platform had drained", async () => {
  const said: string[] = []
  const stages = [stage("postfix", "queue", 5, 0), stage("sympa", "spools", 0, 2, 0)]

  const drain = await awaitDrain(stages, { withinMs: 10_000, everyMs: 1, say: (line) => said.push(line) })

  expect(said).toEqual(["left: postfix queue 5", "left: sympa spools 2"])
  expect(drain.looks.map(({ node, left }) => `${node} ${left}`)).toEqual(["postfix 0", "sympa 0", "postfix 0"])
  expect(judgeDrain(drain, times)).toEqual([])
})

test("when the time is up, the record says what was left", async () => {
  const drain = await awaitDrain([stage("postfix", "queue", 0), stage("sympa", "queue", 3)], { withinMs: 0, everyMs: 1 })

  expect(judgeDrain(drain, times).map(({ what }) => what)).toEqual(["mail was left in: sympa queue (3)"])
})

test("looks that take long come less often, and the last one when the time is up", async () => {
  let looks = 0
  const slow: CountedStage = { node: "sympa", stage: "queue", count: async () => {
    looks += 1
    await new Promise((resolve) => { setTimeout(resolve, 40) })
    return 1
  } }
  const started = performance.now()
  await awaitDrain([slow], { withinMs: 700, everyMs: 1 })

  // A round of two looks takes 80 ms, and the next one begins 400 ms later; without a rest there would be nine.
  expect(looks).toBeLessThanOrEqual(6)
  expect(performance.now() - started).toBeGreaterThanOrEqual(690)
})
