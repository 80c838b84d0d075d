import { expect, test } from "vitest"
import { platformNamed, shippedPlatforms } from "../lab/platform.ts"
import { profileNamed, profiles, qualificationProfile } from "./profile-list.ts"

const arielPr = platformNamed("ariel-pr")
const confinement = platformNamed("confinement")

test("a qualification has the first load of its platform, or the one that is named, or none", () => {
  expect(qualificationProfile(undefined, arielPr)?.name).toBe("smoke")
  expect(qualificationProfile("smoke", arielPr)?.name).toBe("smoke")
  expect(qualificationProfile("none", arielPr)).toBeNull()
  expect(() => qualificationProfile("storm", arielPr)).toThrow(
    "The platform ariel-pr has no load profile storm\n  where: the command line\n  what to do: use smoke, which it has; for qualify, also none")
})

test("a platform without profiles gets no load, and to name one is wrong input", () => {
  expect(confinement.profiles).toEqual([])
  expect(qualificationProfile(undefined, confinement)).toBeNull()
  expect(qualificationProfile("none", confinement)).toBeNull()
  expect(() => qualificationProfile("smoke", confinement)).toThrow(
    "The platform confinement has no load profile smoke\n  where: the command line\n  what to do: do without: no load is put on it")
})

test("platforms name profiles that there are", () => {
  for (const platform of shippedPlatforms()) expect(() => qualificationProfile(undefined, platform), platform.name).not.toThrow()
  expect(() => qualificationProfile("none", { name: "relais", profiles: ["storm"], places: { "profiles/storm": "relais.yaml:9" } })).toThrow(
    "There is no load profile storm\n  where: relais.yaml:9\n  what to do: use smoke, aliases")
  expect(profiles.map(({ name }) => profileNamed(name).name)).toEqual(profiles.map(({ name }) => name))
})
