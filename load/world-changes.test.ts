import { expect, test, vi } from "vitest"
import { WorldChanges, type ChangeableWorld } from "./world-changes.ts"

const change = { academies: ["lille", "nice"], behaviour: { slowDataMs: 10 }, fromSeconds: 0.01, untilSeconds: 0.05 }

function listening(): { world: ChangeableWorld; said: string[] } {
  const said: string[] = []
  return {
    said,
    world: {
      behave: async (domain, behaviour) => void said.push(`${domain} ${Object.keys(behaviour)[0]}`),
      reset: async (domain) => void said.push(`${domain} reset`),
    },
  }
}

test("a change begins and ends at its time", async () => {
  const { world, said } = listening()
  const changes = new WorldChanges(world, [change])
  changes.begin()
  await vi.waitFor(() => expect(said).toEqual(["ac-lille.test slowDataMs", "ac-nice.test slowDataMs", "ac-lille.test reset", "ac-nice.test reset"]))
  await changes.end()
  expect(said).toHaveLength(4)
})

test("the end takes a change back before its time, and one that had not begun never begins", async () => {
  const { world, said } = listening()
  const changes = new WorldChanges(world, [{ ...change, fromSeconds: 0, untilSeconds: 3_600 }, { ...change, academies: ["lyon"], fromSeconds: 3_600, untilSeconds: 7_200 }])
  changes.begin()
  await vi.waitFor(() => expect(said).toHaveLength(2))
  await changes.end()
  expect(said.slice(2)).toEqual(["ac-lille.test reset", "ac-nice.test reset"])
})

test("a change that could not be made fails the load at its end", async () => {
  const { world, said } = listening()
  const changes = new WorldChanges({ ...world, behave: async () => { throw new Error("no such domain") } }, [change])
  changes.begin()
  await vi.waitFor(() => expect(said).toContain("ac-nice.test reset"))
  await expect(changes.end()).rejects.toThrow("no such domain")
})
