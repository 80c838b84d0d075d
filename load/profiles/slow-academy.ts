import { electors, post, steady, whileServed } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

const slow = "lille"
const dead = "nice"

/**
 * The same mail twice: while all academies answer, then while one answers late and one not at all. The 28 others must have
 * it as soon the second time (PERF-07); what the dead one was to get arrives once it is back.
 */
export const slowAcademy = defineProfile({
  name: "slow-academy",
  summary: { fr: "une académie lente et une muette : les 28 autres ne doivent pas attendre", en: "one academy slow and one silent: the 28 others must not wait" },
  parameters: {
    electors,
    slowMs: {
      standard: 1_500, min: 10, max: 30_000, source: "Hypothèse : un serveur saturé qui répond encore ; une remise y prend une douzaine de secondes",
      what: { fr: "attente avant chaque réponse de l'académie lente, en ms", en: "wait before each answer of the slow academy, in ms" },
    },
  },
  assumptions: () => [
    { what: { fr: "académie lente, académie muette", en: "slow academy, silent academy" }, value: `${slow}, ${dead}`, source: "Hypothèse : deux quelconques parmi celles qui n'exigent rien du chiffrement" },
  ],
  load: ({ electors: all, slowMs }) => {
    const seconds = whileServed(all, { perSecond: 100, min: 30, max: 900 })
    const changed = seconds * 2
    const direct = { senderClass: "institution", target: { kind: "academies", each: 10, except: [slow, dead] }, perSecond: 3, seconds } as const
    const few = (name: string, academy: string) => steady({ ...direct, name, target: { kind: "academies", each: 20, only: [academy] }, perSecond: 1, startSeconds: changed + 4 })
    return {
      streams: [
        post({ name: "lettre1", senderClass: "institution", members: all }),
        steady({ ...direct, name: "avant", startSeconds: 5 }),
        post({ name: "lettre2", senderClass: "institution", members: all, at: changed }),
        steady({ ...direct, name: "pendant", startSeconds: changed + 5 }),
        few("lente", slow), few("muette", dead),
      ],
      world: [
        { academies: [slow], behaviour: { slowMs }, fromSeconds: changed - 2, untilSeconds: changed + 3 * seconds },
        { academies: [dead], behaviour: { down: true }, fromSeconds: changed - 2, untilSeconds: changed + seconds + 30 },
      ],
    }
  },
})
