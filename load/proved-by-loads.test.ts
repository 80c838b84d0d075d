import { expect, test } from "vitest"
import { isProvedByLoad } from "../fixtures/requirements.ts"
import { shippedPlatforms } from "../lab/platform.ts"
import { loadRequirements } from "../lab/requirements.ts"
import type { Ownership } from "../lab/own-lab.ts"
import { challengedLoads } from "./challenged-loads.ts"
import { profileNamed } from "./profile-list.ts"

// What the register says of loads, against the loads there are: a name that nobody has would leave a requirement undecided for ever.

const { requirements } = await loadRequirements()
const proofs = requirements.filter((one) => isProvedByLoad(one)).flatMap(({ id, platforms, level, proof }) => proof === "scenario" ? [] : [{ id, platforms, level, proof }])

test("every stream that a requirement names is in every load that proves it", () => {
  for (const { id, proof: { profiles = [], streams = [], than = [], beside = [] } } of proofs) {
    for (const profile of profiles) {
      const names = profileNamed(profile).streams.map(({ name }) => name)
      for (const beginning of [...streams, ...than, ...beside]) expect(names.some((name) => name.startsWith(beginning)), `${id}: ${beginning} in ${profile}`).toBe(true)
    }
  }
})

test("each of its platforms has a load that proves it, and at level quick the quick one", () => {
  for (const platform of shippedPlatforms()) {
    for (const { id, level, proof } of proofs.filter(({ platforms }) => platforms.includes(platform.name))) {
      const proving = platform.profiles.filter((name) => proof.profiles?.includes(name) ?? true)
      expect(proving.length, `${id} on ${platform.name}`).toBeGreaterThan(0)
      if (level === "quick") expect(proving, id).toContain(platform.profiles[0])
    }
  }
})

test("a challenge puts on a mutant the loads that prove what it expects, and no others", () => {
  const owner: Ownership = {
    stop: new AbortController().signal, progress: { isTerminal: false, lang: "en", say: () => undefined, step: (_, work) => work(() => undefined) },
  }
  const { profilesFor } = challengedLoads("ariel-pr", 1, owner)
  expect(profilesFor(["SYN-16"], requirements)).toBe("reply-storm")
  expect(profilesFor(["PERF-07", "PRI-01"], requirements)).toBe("vote-code,slow-academy")
  expect(profilesFor(["PERF-09"], requirements)).toBe("smoke")
  expect(profilesFor(["LST-01"], requirements)).toBe("none")
})
