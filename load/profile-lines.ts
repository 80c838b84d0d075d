import { extrapolation, grouped } from "./electorate.ts"
import { estimatedSeconds } from "./estimate.ts"
import type { LoadProfile, LoadStream } from "./load-profile.ts"
import { minutes } from "./load-set.ts"
import { profileAt, type ProfileDefinition } from "./profile-definition.ts"

type Language = "fr" | "en"

/** What profiles ask, at the parameters given as far as each has them, and how long they are likely to take; with `inFull`, what each supposes. */
export function profileLines(
  definitions: readonly ProfileDefinition[], given: Readonly<Record<string, number>>, { lang, inFull }: { lang: Language; inFull: boolean },
): string[] {
  return definitions.flatMap((definition) => {
    const own = inFull ? given : Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(definition.parameters, name)))
    const profile = profileAt(definition, own)
    const colon = lang === "fr" ? " : " : ": "
    return [
      `${definition.name}${colon}${definition.summary[lang]}`,
      `  ${asksText(profile, lang)}; ${lang === "fr" ? "environ" : "some"} ${minutes(estimatedSeconds(profile))}`,
      ...inFull ? fullLines(definition, profile, lang) : [],
    ]
  })
}

/** Profiles as JSON: the same, with everything that they suppose. */
export function profileFacts(definitions: readonly ProfileDefinition[], given: Readonly<Record<string, number>>): object[] {
  return definitions.map((definition) => {
    const { name, summary, parameters = {}, assumptions, streams, world = [] } = profileAt(definition, Object.fromEntries(
      Object.entries(given).filter(([key]) => Object.hasOwn(definition.parameters, key))))
    return {
      name, summary, parameters, bounds: definition.parameters, assumptions, streams, world, extrapolated: extrapolation({ parameters, streams }),
      estimatedSeconds: estimatedSeconds({ streams, world }),
    }
  })
}

function fullLines({ parameters }: ProfileDefinition, { assumptions = [], parameters: values = {}, streams }: LoadProfile, lang: Language): string[] {
  const colon = lang === "fr" ? " : " : ": "
  const part = extrapolation({ parameters: values, streams })
  return [
    ...Object.entries(parameters).map(([key, { min, max, what }]) => `  ${key} ${values[key]} (${min}…${max})${colon}${what[lang]}`),
    ...assumptions.map(({ what, value, source }) => `  ${lang === "fr" ? "suppose" : "assumes"} ${value}${colon}${what[lang]} [${source}]`),
    ...part === null ? [] : [`  ${part.sentence[lang]}`],
  ]
}

function asksText({ streams, world = [] }: LoadProfile, lang: Language): string {
  const lists = streams.filter((stream): stream is LoadStream & { target: { kind: "list" } } => stream.target.kind === "list")
  const direct = streams.filter(({ target }) => target.kind !== "list")
  const sum = (numbers: readonly number[]) => grouped(numbers.reduce((total, one) => total + one, 0))
  const fastest = Math.max(0, ...direct.map(({ perSecond }) => perSecond))
  const french = lang === "fr"
  const parts = [
    ...direct.length === 0 ? [] : [french ? `${sum(direct.map(({ messages }) => messages))} messages à des personnes, ${fastest} par seconde et par flux au plus`
      : `${sum(direct.map(({ messages }) => messages))} messages to individuals, ${fastest} a second and stream at most`],
    ...lists.length === 0 ? [] : [french ? `${sum(lists.map(({ messages }) => messages))} envois à ${lists.length} listes, ${sum(lists.map(({ messages, target }) => messages * target.members))} exemplaires`
      : `${sum(lists.map(({ messages }) => messages))} posts to ${lists.length} lists, ${sum(lists.map(({ messages, target }) => messages * target.members))} copies`],
    ...world.length === 0 ? [] : [french ? `${new Set(world.flatMap(({ academies }) => academies)).size} académies se comportent mal` : `${new Set(world.flatMap(({ academies }) => academies)).size} academies misbehave`],
  ]
  return parts.join("; ")
}

