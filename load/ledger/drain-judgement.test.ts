import { expect, test } from "vitest"
import { judgeDrain } from "./drain-judgement.ts"
import type { DrainLook } from "./load-record.ts"

const times = { lastAnsweredUs: 900, lastReceivedUs: 1_005 }
const nodes = ["postfix", "sympa"]
const order = [{ node: "postfix", stage: "queue" }, { node: "sympa", stage: "queue" }, { node: "sympa", stage: "spools" }]
const look = (node: string, stage: string, startedUs: number, left = 0) => ({ node, stage, left, startedUs, endedUs: startedUs + 9 })
const row = () => [look("postfix", "queue", 1_000), look("sympa", "queue", 1_010), look("sympa", "spools", 1_020), look("postfix", "queue", 1_030)]

function judged(looks: DrainLook[], at = times): string[] {
  return judgeDrain({ nodes, order, looks }, at).map(({ what }) => what)
}

test("a whole row of looks that found nothing proves that the platform had drained", () => {
  expect(judged(row())).toEqual([])
})

test("a node that nobody looked at, or a stage that was not empty, proves nothing", () => {
  const ofPostfix = row().filter(({ node }) => node === "postfix")
  expect(judgeDrain({ nodes, order: order.slice(0, 1), looks: ofPostfix }, times).map(({ what }) => what))
    .toEqual(["nobody counted what is left in: sympa"])
  expect(judged(row().map((one) => one.stage === "spools" ? { ...one, left: 3 } : one))).toEqual(["mail was left in: sympa spools (3)"])
})

test("what was left in an earlier round does not count", () => {
  expect(judged([{ ...look("postfix", "queue", 100), left: 7 }, look("sympa", "queue", 120), ...row()])).toEqual([])
})

test("a row without its first stage again leaves mail a way between two looks", () => {
  expect(judged(row().slice(0, 3))).toEqual(["the last looks are no whole row over all stages that ends with its first one again"])
})

test("the row begins after the last answer to a sender, and nothing comes after it", () => {
  expect(judged(row(), { ...times, lastAnsweredUs: 1_001 })).toEqual(["the last looks began while mail was still sent"])
  expect(judged(row(), { ...times, lastReceivedUs: 1_040 })).toEqual(["mail was delivered after the platform had been found empty"])
})

test("looks that overlap are no row", () => {
  const looks = row()
  looks[1]!.startedUs = 1_005
  expect(judged(looks)).toEqual(["the last looks do not follow one another in time"])
})
