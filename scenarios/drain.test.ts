import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { Drain } from "./drain.ts"

const never = new AbortController().signal

/** A platform of two stages; `left` is what each look finds, in turn. */
function platform(...left: string[][]) {
  let looks = 0
  const look = async () => left[looks++] ?? []
  return { drain: new Drain([{ name: "queue", look }, { name: "spool", look }]), looks: () => looks }
}

test("each stage in turn and the first one again must be clean", async () => {
  const { drain, looks } = platform()
  await drain.untilNothingIsLeft({ token: "k3f9", signal: never })
  expect(looks()).toBe(3)
})

test("a find begins the count anew, and only one's own finds count", async () => {
  const { drain, looks } = platform([], ["mail of k3f9"], ["mail of m2x4"])
  const seen: string[] = []
  await drain.untilNothingIsLeft({ token: "k3f9", signal: never, onResidue: (residue) => seen.push(...residue) })
  expect(seen).toEqual(["spool: mail of k3f9"])
  expect(looks()).toBe(5)
})

test("those who wait share the looks", async () => {
  const { drain, looks } = platform()
  await Promise.all(["a", "b", "c"].map((token) => drain.untilNothingIsLeft({ token, signal: never })))
  expect(looks()).toBeLessThanOrEqual(5)
})

test("a look that is not possible, and an abort, end the wait", async () => {
  const broken = new Drain([{ name: "queue", look: () => Promise.reject(new Error("the engine is gone")) }])
  await expect(broken.untilNothingIsLeft({ token: "a", signal: never })).rejects.toThrow("the engine is gone")

  const stuck = new Drain([{ name: "queue", look: () => turn(["a"]) }])
  const signal = AbortSignal.timeout(20)
  await expect(stuck.untilNothingIsLeft({ token: "a", signal })).rejects.toThrow("timeout")
})
