import { expect, test } from "vitest"
import { Drain } from "./drain.ts"

/** A platform of two stages; `left` is what each look finds, in turn. */
function platform(...left: string[][]) {
  let looks = 0
  const look = async () => left[looks++] ?? []
  return { drain: new Drain([{ name: "queue", look }, { name: "spool", look }]), looks: () => looks }
}

test("nothing is left once each stage in turn and the first one again is clean", async () => {
  const { drain, looks } = platform()
  expect(await drain.residueOf("k3f9")).toEqual([])
  expect(looks()).toBe(3)
})

test("a find is told at once with its place, and only one's own finds count", async () => {
  const { drain, looks } = platform(["mail of m2x4"], ["mail of k3f9"])
  expect(await drain.residueOf("k3f9")).toEqual(["spool: mail of k3f9"])
  expect(await drain.residueOf("k3f9")).toEqual([])
  expect(looks()).toBe(5)
})

test("what may be anybody's counts for who asks for that too", async () => {
  const look = async () => ["msg: sympa@listes.education.test"]
  const drain = new Drain([{ name: "spool", look, mayBeAnybodys: (text) => text.includes("sympa@") }])
  expect(await drain.residueOf("k3f9")).toEqual([])
  expect(await drain.residueOf("k3f9", { anybodys: true })).toEqual(["spool: msg: sympa@listes.education.test"])
})

test("mail that moves on is found in its next stage", async () => {
  const { drain } = platform([], [], ["mail of k3f9"])
  expect(await drain.residueOf("k3f9")).toEqual(["queue: mail of k3f9"])
})

test("those who wait share the looks", async () => {
  const { drain, looks } = platform()
  await Promise.all(["a", "b", "c"].map((token) => drain.residueOf(token)))
  expect(looks()).toBeLessThanOrEqual(5)
})

test("a look that is not possible ends the wait", async () => {
  const broken = new Drain([{ name: "queue", look: () => Promise.reject(new Error("the engine is gone")) }])
  await expect(broken.residueOf("a")).rejects.toThrow("the engine is gone")
})
