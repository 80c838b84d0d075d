import { campaignList, deliveriesMax, electors, membersWithin, post, steady, whileServed } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

const unions = 13
const before = 30
/** They post in an order that has nothing to do with their names: whose place follows the name is seen then. */
const orderOf = (index: number): number => index * 6 % unions

/**
 * A day of the campaign in its worst minute: thirteen unions write to the electors of one scrutin in the same minute, while
 * the institution's own messages go on. How far apart the unions' members have their mail is equality (ELE-07).
 */
export const campaignDay = defineProfile({
  name: "campaign-day",
  summary: { fr: "13 syndicats écrivent dans la même minute, chacun à la liste d'un scrutin", en: "13 unions write in the same minute, each to the list of one scrutin" },
  parameters: {
    electors, deliveriesMax,
    minuteSeconds: {
      standard: 1, min: 1, max: 60, source: "Hypothèse : le calendrier d'envoi ouvre à une heure dite (décision du 7 octobre 2022, art. 12, annexe non vue)",
      what: { fr: "secondes entre le premier et le dernier envoi des syndicats", en: "seconds from the first union's post to the last one's" },
    },
    leavable: {
      standard: 0, min: 0, max: 1, source: "La règle de 2026 n'est pas connue : les deux se mesurent",
      what: { fr: "1 : on peut quitter ces listes, et chaque exemplaire est personnel", en: "1: one may leave these lists, and each copy is personal" },
    },
  },
  assumptions: () => [
    campaignList,
    { what: { fr: "candidatures nationales", en: "national lists of candidates" }, value: String(unions), source: "CTMEN 2018 : 13 listes comptées (sncl.fr)" },
    { what: { fr: "taille d'un message", en: "size of a message" }, value: "60 000 octets", source: "Hypothèse : sous le plafond de 100 ko (décision du 17 juillet 2018, art. 11)" },
  ],
  load: ({ electors: all, deliveriesMax: copies, minuteSeconds, leavable }) => {
    const members = membersWithin(all, unions, copies)
    const direct = { senderClass: "institution", target: { kind: "academies", each: 10 }, perSecond: 4 } as const
    return {
      streams: [
        steady({ ...direct, name: "avant", seconds: before - 5 }),
        steady({ ...direct, name: "pendant", startSeconds: before + minuteSeconds + 5, seconds: whileServed(members * unions, { perSecond: 200, min: 25, max: 600 }) }),
        ...Array.from({ length: unions }, (_, index) => post({
          name: `syndicat${String(index + 1).padStart(2, "0")}`, senderClass: "union", members, bytes: 60_000,
          list: leavable === 1 ? "info-personnels" : "info-elections", at: before + orderOf(index) * minuteSeconds / unions,
        })),
      ],
    }
  },
})
