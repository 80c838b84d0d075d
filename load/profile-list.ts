import { InputError } from "../lab/failure.ts"
import type { LoadProfile } from "./load-profile.ts"
import { smoke } from "./profiles/smoke.ts"

/** What every level begins with. */
export const smallestProfile = smoke.name

/** Profiles that the command line knows. */
export const profiles: readonly LoadProfile[] = [smoke]

/** The profile of a qualification: the one that is named, `null` for `none`; every level begins with the smallest. */
export function qualificationProfile(name: string | undefined): LoadProfile | null {
  return name === "none" ? null : profileNamed(name ?? smallestProfile)
}

/** Throws an InputError that lists the profiles there are. */
export function profileNamed(name: string): LoadProfile {
  const profile = profiles.find((one) => one.name === name)
  if (profile) return profile
  throw new InputError(`There is no load profile ${name}`, {
    where: "the command line", remedy: `use ${profiles.map((one) => one.name).join(", ")}; for qualify, also none`,
  })
}
