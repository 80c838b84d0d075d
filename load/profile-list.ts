import { InputError } from "../lab/failure.ts"
import type { PlatformDefinition } from "../lab/platform.ts"
import type { LoadProfile } from "./load-profile.ts"
import { aliases } from "./profiles/aliases.ts"
import { smoke } from "./profiles/smoke.ts"

/** Profiles that the command line, and platforms, know. */
export const profiles: readonly LoadProfile[] = [smoke, aliases]

/**
 * The profile of a qualification: the one that is named, without a name the first of the platform's; `null` for `none`, and
 * for a platform that has none. Throws an InputError for one that the platform has not, and for one of its own that nobody knows.
 */
export function qualificationProfile(
  name: string | undefined, { name: platform, profiles: own, places }: Pick<PlatformDefinition, "name" | "profiles" | "places">,
): LoadProfile | null {
  const known = own.map((one) => profileNamed(one, places[`profiles/${one}`]))
  if (name === "none") return null
  if (name === undefined) return known[0] ?? null
  const profile = known.find((one) => one.name === name)
  if (profile) return profile
  throw otherPlatform(name, platform, own)
}

/** The platform has other profiles, or none at all. */
export function otherPlatform(name: string, platform: string, own: readonly string[]): InputError {
  return new InputError(`The platform ${platform} has no load profile ${name}`, {
    where: "the command line", remedy: own.length > 0 ? `use ${own.join(", ")}, which it has; for qualify, also none` : "do without: no load is put on it",
  })
}

/** Throws an InputError that lists the profiles there are. */
export function profileNamed(name: string, where = "the command line"): LoadProfile {
  const profile = profiles.find((one) => one.name === name)
  if (profile) return profile
  throw new InputError(`There is no load profile ${name}`, { where, remedy: `use ${profiles.map((one) => one.name).join(", ")}` })
}
