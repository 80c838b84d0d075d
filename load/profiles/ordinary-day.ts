import { electors, post, steady } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

/** A working day outside the elections, pressed into minutes: messages to individuals, and lists small and large. */
export const ordinaryDay = defineProfile({
  name: "ordinary-day",
  summary: { fr: "un jour ouvré hors élections, en quelques minutes", en: "a working day outside the elections, in some minutes" },
  parameters: {
    electors,
    seconds: {
      standard: 120, min: 30, max: 14_000, source: "Hypothèse : le rapport entre les flux compte, non l'heure",
      what: { fr: "durée, en secondes", en: "length, in seconds" },
    },
  },
  assumptions: ({ electors: all }) => [
    { what: { fr: "part des personnels qu'une lettre nationale atteint", en: "share of the staff that a national letter reaches" }, value: `10 % (${Math.round(all / 10)})`, source: "Hypothèse, à confirmer avec l'équipe" },
    { what: { fr: "flux : notes de service, applications, listes", en: "flows: notes, applications, lists" }, value: "3/s, 5/s, 5 listes", source: "Hypothèse, à confirmer avec l'équipe" },
  ],
  load: ({ electors: all, seconds }) => {
    const list = (share: number) => Math.max(30, Math.round(all * share))
    return {
      streams: [
        steady({ name: "consignes", senderClass: "institution", target: { kind: "academies", each: 10 }, perSecond: 3, seconds }),
        steady({ name: "applications", senderClass: "application", target: { kind: "academies", each: 10 }, perSecond: 5, seconds, bytes: 2_000 }),
        steady({ name: "boites", senderClass: "person", target: { kind: "mailboxes", count: 20 }, perSecond: 1, seconds }),
        ...[0.1, 0.03, 0.03, 0.01, 0.01].map((share, index) =>
          post({ name: `liste${index + 1}`, senderClass: index === 0 ? "minister" : "institution", members: list(share), at: Math.round(seconds * index / 6) + 3 })),
      ],
    }
  },
})
