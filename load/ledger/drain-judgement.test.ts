import { expect, test } from "vitest"
import { judgeDrain } from "./drain-judgement.ts"
import type { LoadRecord } from "./load-record.ts"

type DrainRecord = NonNullable<LoadRecord["drain"]>

const times = { lastAnsweredUs: 900, lastReceivedUs: 1_005 }
const nodes = [{ node: "postfix", stages: ["queue"] }, { node: "sympa", stages: ["queue", "spools"] }]
const look = (node: string, stage: string, startedUs: number, left = 0) => ({ node, stage, left, startedUs, endedUs: startedUs + 9 })
const row = () => [look("postfix", "queue", 1_000), look("sympa", "queue", 1_010), look("sympa", "spools", 1_020), look("postfix", "queue", 1_030)]

function judged(looks: DrainRecord["looks"], at = times): string[] {
  return judgeDrain({ nodes, looks }, at).map(({ what }) => what)
}

test("a whole row of looks that found nothing proves that the platform had drained", () => {
  expect(judged(row())).toEqual([])
})

test("a stage that nobody looked at, or that was not empty, proves nothing", () => {
  expect(judged(row().filter(({ stage }) => stage !== "spools"))).toEqual(["nobody counted what is left in: sympa spools"])
  expect(judged(row().map((one) => one.stage === "spools" ? { ...one, left: 3 } : one))).toEqual(["mail was left in: sympa spools (3)"])
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
