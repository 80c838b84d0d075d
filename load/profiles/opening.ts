import { electors, post, steady } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

/** The mail that opens an elector's account, to each of them one by one, while an institution's list is served. */
export const opening = defineProfile({
  name: "opening",
  summary: { fr: "ouverture des comptes : un message à chaque électeur, pendant que des listes diffusent", en: "accounts opened: a message to each elector, while lists are served" },
  parameters: {
    electors,
    perSecond: {
      standard: 10, min: 1, max: 100, source: "Hypothèse : 1 023 211 messages en 28 heures ; la frontière en prend 11 par seconde au moins (load/README.md)",
      what: { fr: "messages d'ouverture par seconde", en: "account-opening messages a second" },
    },
    secondsMax: {
      standard: 120, min: 10, max: 14_000, source: "Borne du générateur : 4 heures",
      what: { fr: "durée de l'envoi au plus, en secondes : les électeurs au-delà ne sont pas servis", en: "length of the mailing at most, in seconds: electors beyond it are not served" },
    },
  },
  assumptions: () => [
    { what: { fr: "lien à usage unique vers la boîte professionnelle", en: "link for one use to the professional mailbox" }, value: "3 000 octets", source: "sections.se-unsa.org/66 (13 octobre 2022)" },
    { what: { fr: "listes qui diffusent en même temps", en: "lists served meanwhile" }, value: "2", source: "Hypothèse" },
  ],
  load: ({ electors: all, perSecond, secondsMax }) => {
    const count = Math.min(all, perSecond * secondsMax)
    return {
      streams: [
        steady({ name: "ouverture", senderClass: "application", target: { kind: "electors", count }, perSecond, seconds: count / perSecond, bytes: 3_000 }),
        post({ name: "lettre1", senderClass: "institution", members: all, at: 5 }),
        post({ name: "lettre2", senderClass: "institution", members: Math.max(30, Math.round(all / 10)), at: 10, bytes: 60_000 }),
      ],
    }
  },
})
