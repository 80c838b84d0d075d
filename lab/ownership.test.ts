import { expect, test } from "vitest"
import { isAlive, ownerFromLabels, ownerLabels, thisOwner } from "./ownership.ts"

const here = thisOwner()
const dead = { ...here, startTicks: "1" }

test("an owner is read back from its labels", () => {
  expect(ownerFromLabels(ownerLabels("20261123-214407-k3f9", here))).toEqual(here)
  expect(ownerFromLabels({})).toBeUndefined()
})

test("a process is alive while it runs, and a later one with its pid is another", () => {
  expect(isAlive(here)).toBe(true)
  expect(isAlive(dead)).toBe(false)
})

test("after a boot of this machine nothing of before is alive", () => {
  expect(isAlive({ ...here, bootId: "an earlier boot" })).toBe(false)
})

test("what another machine owns counts as alive, for its processes cannot be seen from here", () => {
  expect(isAlive({ ...dead, bootId: "another", machine: "another" })).toBe(true)
})
