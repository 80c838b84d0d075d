import { InputError } from "../lab/failure.ts"
import type { PlatformDefinition } from "../lab/platform.ts"
import type { LoadProfile, Sentence } from "./load-profile.ts"
import { profileAt, type ProfileDefinition } from "./profile-definition.ts"
import { aliases } from "./profiles/aliases.ts"
import { campaignDay } from "./profiles/campaign-day.ts"
import { opening } from "./profiles/opening.ts"
import { ordinaryDay } from "./profiles/ordinary-day.ts"
import { reminder } from "./profiles/reminder.ts"
import { replyStorm } from "./profiles/reply-storm.ts"
import { slowAcademy } from "./profiles/slow-academy.ts"
import { smokeConfinement } from "./profiles/smoke-confinement.ts"
import { smokeMailboxes } from "./profiles/smoke-mailboxes.ts"
import { smoke } from "./profiles/smoke.ts"
import { soak } from "./profiles/soak.ts"
import { stress } from "./profiles/stress.ts"
import { throttled } from "./profiles/throttled.ts"
import { voteCode } from "./profiles/vote-code.ts"

/** Profiles that the command line, and platforms, know. */
export const definitions: readonly ProfileDefinition[] = [
  alwaysTheSame(smoke, { fr: "petite charge de chaque qualification rapide d'ARIEL PR", en: "small load of each quick qualification of ARIEL PR" }),
  alwaysTheSame(smokeConfinement, { fr: "petite charge de chaque qualification rapide de CONFINEMENT", en: "small load of each quick qualification of CONFINEMENT" }),
  alwaysTheSame(smokeMailboxes, { fr: "petite charge de chaque qualification rapide d'une plate-forme de boîtes et de relais", en: "small load of each quick qualification of a platform of mailboxes and relays" }),
  alwaysTheSame(aliases, { fr: "petite charge de chaque qualification rapide d'antispam-alias", en: "small load of each quick qualification of antispam-alias" }),
  voteCode, campaignDay, slowAcademy, throttled, replyStorm, reminder, opening, ordinaryDay, stress, soak,
]

function alwaysTheSame(profile: LoadProfile, summary: Sentence): ProfileDefinition {
  return { name: profile.name, summary, parameters: {}, load: () => profile }
}

/** Throws an InputError that names the platform's own profiles where it has not this one. */
export function checkOwn(name: string, { name: platform, profiles }: Pick<PlatformDefinition, "name" | "profiles">): void {
  if (profiles.includes(name)) return
  throw new InputError(`The platform ${platform} has no load profile ${name}`, {
    where: "the command line", remedy: profiles.length > 0 ? `use ${profiles.join(", ")}, which it has; for qualify, also none` : "do without: no load is put on it",
  })
}

/** Throws an InputError that lists the profiles there are. */
export function definitionNamed(name: string, where = "the command line"): ProfileDefinition {
  const definition = definitions.find((one) => one.name === name)
  if (definition) return definition
  throw new InputError(`There is no load profile ${name}`, { where, remedy: `use ${definitions.map((one) => one.name).join(", ")}` })
}

/** A profile by its name, at these parameters. */
export function profileNamed(name: string, given: Readonly<Record<string, number>> = {}, where = "the command line"): LoadProfile {
  return profileAt(definitionNamed(name, where), given, where)
}
