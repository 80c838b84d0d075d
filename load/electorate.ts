import type { ListName } from "../fixtures/lists.ts"
import type { Assumption, LoadProfile, LoadStream, Sentence } from "./load-profile.ts"
import type { Parameter } from "./profile-definition.ts"

// What profiles of the elections are made of: one scale, electors, with which their lists grow, and two shapes of streams.

/** Electors of the ministerial committee in 2018, the smallest figure with a source: what a load stands for. */
export const electorsOf2018 = 1_023_211

/** The scale of a profile. Below the whole electorate, what it says of the whole is extrapolated. */
export const electors: Parameter = {
  standard: 3_000, min: 300, max: 1_400_000,
  what: { fr: "électeurs, répartis à égalité entre les 30 académies", en: "electors, spread evenly over the 30 academies" },
  source: "1 023 211 électeurs au CTMEN en 2018 (cafepedagogique.net, 10 décembre 2018) ; 1,4 million pour trois ministères en 2022 (ac-amiens.fr)",
}

/** Where one machine cannot carry the whole, lists are made smaller; what they show is extrapolated then. */
export const deliveriesMax: Parameter = {
  standard: 200_000, min: 1_000, max: 50_000_000,
  what: { fr: "exemplaires au plus pour toutes les listes, qui sont réduites d'autant", en: "copies at most of all lists, which are made smaller for it" },
  source: "Borne de la machine d'essai : 127 exemplaires par seconde sur 2 cœurs (load/README.md), soit 26 minutes",
}

export const campaignList: Assumption = {
  what: {
    fr: "listes syndicales : la classe info-elections d'ARIEL PR, que nul ne quitte, sans modérateur ; le moteur ARIEL SY n'est pas construit",
    en: "union lists: the class info-elections of ARIEL PR, which nobody may leave, without a moderator; the engine ARIEL SY is not built",
  },
  value: "info-elections", source: "Hypothèse : en 2014 nul ne pouvait se désabonner pendant la campagne (cgt-education-besancon.fr) ; la règle de 2026 n'est pas connue",
}

export const codeLife: Assumption = {
  what: { fr: "durée de vie d'un code envoyé pendant le vote", en: "life of a code that is sent during the vote" },
  value: "120 s", source: "sncl.info/?p=264 (2022) ; plus d'une heure de retard d'après normandie.snuep.fr",
}

/** Size of one of `lists` lists of all electors, where together they may have so many copies. */
export function membersWithin(electorsCount: number, lists: number, copiesMax: number): number {
  return Math.max(30, Math.min(electorsCount, Math.floor(copiesMax / lists)))
}

type Flow = Pick<LoadStream, "name" | "senderClass" | "target" | "perSecond"> & Partial<Pick<LoadStream, "startSeconds" | "bytes" | "vus" | "headers" | "senderOf">>

/** Sessions for a second's messages: an edge that is busy takes four for one. It takes 50 of one client. */
const sessionsPerMessage = 4
const sessionsMax = 30

/** Messages at a steady rate for a while. */
export function steady({ seconds, ...flow }: Flow & { seconds: number }): LoadStream {
  return { bytes: 4_000, vus: Math.min(sessionsMax, Math.max(6, Math.ceil(flow.perSecond * sessionsPerMessage))), ...flow, messages: Math.round(flow.perSecond * seconds) }
}

/** One message to a list of electors that nobody may leave and that waits for no moderator. */
export function post(
  { name, senderClass, members, at = 0, bytes = 10_000, list = "info-elections" }:
  { name: string; senderClass: LoadStream["senderClass"]; members: number; at?: number; bytes?: number; list?: ListName },
): LoadStream {
  return { name, senderClass, target: { kind: "list", list, members, electors: true, atOnce: true }, messages: 1, perSecond: 0.5, startSeconds: at, bytes, vus: 1 }
}

/** A while that grows with the electorate, so that something lasts about as long as their list is served. */
export function whileServed(electorsCount: number, { perSecond, min, max }: { perSecond: number; min: number; max: number }): number {
  return Math.min(max, Math.max(min, Math.round(electorsCount / perSecond)))
}

/** How much of the whole a load shows, in words; null for a profile without electors, and for the whole. */
export function extrapolation({ parameters, streams }: Pick<LoadProfile, "parameters" | "streams">): { electors: number; measured: number; sentence: Sentence } | null {
  const asked = parameters?.["electors"]
  if (asked === undefined) return null
  const measured = Math.max(...streams.map(({ target }) => target.kind === "list" ? target.members : target.kind === "electors" ? target.count : 0))
  if (measured >= electorsOf2018) return null
  const [is, whole] = [grouped(measured), grouped(electorsOf2018)]
  return {
    electors: asked, measured,
    sentence: {
      fr: `mesuré avec ${is} électeurs : tout ce qui est dit de ${whole} (2018) est extrapolé, en proportion, et n'a pas été mesuré`,
      en: `measured with ${is} electors: whatever is said of ${whole} (2018) is extrapolated, in proportion, and was not measured`,
    },
  }
}

/** A whole number in groups of three digits. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, " ")
}
