import { academies } from "../../fixtures/academies.ts"
import { electors, post, steady } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

/** Most recipients for an IP and for a sender, by window (MAX; ac-reunion.fr, "Limite d'envoi de messages"). */
const table = [
  { windowSeconds: 60, perClientMax: 700, perSenderMax: 700 },
  { windowSeconds: 600, perClientMax: 1_000, perSenderMax: 1_000 },
  { windowSeconds: 3_600, perClientMax: 6_000, perSenderMax: 4_000 },
  { windowSeconds: 36_000, perClientMax: 8_000, perSenderMax: 5_000 },
]
const source = "portail.ac-reunion.fr, La messagerie nationale, Limite d'envoi de messages"

/**
 * Six academies on the national mail, which takes so many recipients a minute and no more, lists apart: messages beyond that
 * wait and arrive later, none is lost, and a list flows (PERF-06).
 */
export const throttled = defineProfile({
  name: "throttled",
  summary: { fr: "la messagerie nationale freine à ses limites publiées ; les listes passent", en: "the national mail throttles at its published limits; lists pass" },
  parameters: {
    electors,
    divisor: {
      standard: 4, min: 1, max: 4, source: `${source} : la nuit le quart, le week-end la moitié`,
      what: { fr: "diviseur des limites : 1 le jour, 2 le week-end, 4 la nuit", en: "divisor of the limits: 1 by day, 2 at the week-end, 4 at night" },
    },
  },
  assumptions: ({ divisor }) => [
    ...table.slice(0, 2).map(({ windowSeconds, perClientMax }) => ({
      what: { fr: `destinataires au plus en ${windowSeconds} s, par adresse IP et par émetteur`, en: `recipients at most in ${windowSeconds} s, for an IP and for a sender` },
      value: String(Math.floor(perClientMax / divisor)), source,
    })),
    { what: { fr: "au-delà : refus temporaire ; seuls les acceptés comptent", en: "beyond: refused for the moment; only accepted ones count" }, value: "450 4.7.1", source: "Hypothèse : la page dit « refusé », sans le code" },
    { what: { fr: "envois des listes exemptés, reconnus à leur adresse de retour", en: "lists exempt, known by their return path" }, value: "listes.education.test", source: `${source} : « ne s'applique pas aux listes » ; à quoi elle les reconnaît est une hypothèse` },
    { what: { fr: "académies qui y sont", en: "academies that are on it" }, value: "6", source: "Hypothèse : la bascule se fait académie par académie" },
  ],
  load: ({ electors: all, divisor }) => {
    const national = academies.slice(-6).map(({ shortName }) => shortName)
    const windows = table.map(({ windowSeconds, perClientMax, perSenderMax }) =>
      ({ windowSeconds, perClientMax: Math.floor(perClientMax / divisor), perSenderMax: Math.floor(perSenderMax / divisor) }))
    // More than a minute takes, less than ten minutes take: all of it arrives within two minutes.
    const messages = Math.round((windows[0]!.perClientMax + windows[1]!.perClientMax) / 2)
    const perSecond = 10
    return {
      streams: [
        steady({ name: "notes", senderClass: "application", target: { kind: "academies", each: 20, only: national }, perSecond, seconds: messages / perSecond, bytes: 2_000 }),
        post({ name: "lettre", senderClass: "institution", members: all, at: messages / perSecond }),
      ],
      world: [{ academies: national, behaviour: { limits: { windows, exemptSenderDomains: ["listes.education.test"] } }, fromSeconds: 0, untilSeconds: 3_600 }],
    }
  },
})
