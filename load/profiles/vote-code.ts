import { codeLife, electors, post, steady, whileServed } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

const listFirst = 6

/**
 * Codes that live 120 s, sent one by one while a message to all electors is served twice over: how long until an academy
 * has the code (PRI-01). An institution's ordinary messages go beside them.
 */
export const voteCode = defineProfile({
  name: "vote-code",
  summary: { fr: "codes de vote valables 120 s pendant un envoi à tous les électeurs", en: "vote codes that live 120 s, while a message goes to all electors" },
  parameters: {
    electors,
    codesPerSecond: {
      standard: 5, min: 1, max: 20, source: "Hypothèse : 436 321 votants en 8 jours (2018), un sur cent redemande un code, tous dans le même quart d'heure : 4,8 par seconde",
      what: { fr: "codes par seconde", en: "codes a second" },
    },
    mailings: {
      standard: 2, min: 1, max: 10, source: "Hypothèse : un rappel et une lettre institutionnelle le même jour",
      what: { fr: "envois à tous les électeurs, l'un derrière l'autre", en: "messages to all electors, one behind the other" },
    },
  },
  assumptions: () => [codeLife],
  load: ({ electors: all, codesPerSecond, mailings }) => {
    const seconds = whileServed(all * mailings, { perSecond: 200, min: 25, max: 3_600 })
    return {
      streams: [
        ...Array.from({ length: mailings }, (_, index) => post({ name: `masse${index + 1}`, senderClass: "institution", members: all, at: index })),
        steady({ name: "codes", senderClass: "application", target: { kind: "electors", count: Math.min(all, codesPerSecond * seconds) }, perSecond: codesPerSecond, startSeconds: listFirst, seconds, bytes: 2_000 }),
        steady({ name: "notes", senderClass: "institution", target: { kind: "academies", each: 5 }, perSecond: 2, startSeconds: listFirst, seconds }),
      ],
    }
  },
})
