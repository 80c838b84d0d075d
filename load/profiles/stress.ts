import { steady } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

/** Those of a step that ends and of one that begins are within the 50 that an edge takes of one client. */
const sessionsMax = 24

/**
 * A rate that rises step by step until the platform no longer follows. The knee is the last step, of those before which all
 * held, whose messages were all begun at their rate and had arrived within the length of a step (knee.ts).
 */
export const stress = defineProfile({
  name: "stress",
  summary: { fr: "un débit qui monte par paliers, jusqu'à ce que la plateforme ne suive plus", en: "a rate that rises by steps until the platform no longer follows" },
  parameters: {
    perSecond: {
      standard: 5, min: 1, max: 100, source: "Hypothèse : la moitié de ce qu'une frontière occupée prend (load/README.md : 11 à 16 par seconde)",
      what: { fr: "débit du premier palier, par seconde", en: "rate of the first step, a second" },
    },
    percent: {
      standard: 150, min: 110, max: 400, source: "Hypothèse : un coude connu à un tiers près",
      what: { fr: "débit d'un palier, en pour cent de celui d'avant", en: "rate of a step, in percent of that before" },
    },
    steps: {
      standard: 7, min: 2, max: 12, source: "Hypothèse : le dernier palier passe 45 à 58 par seconde, que la frontière prend sur 2 cœurs (load/README.md)",
      what: { fr: "paliers", en: "steps" },
    },
    stepSeconds: {
      standard: 15, min: 10, max: 600, source: "Hypothèse",
      what: { fr: "durée d'un palier, en secondes", en: "length of a step, in seconds" },
    },
  },
  load: ({ perSecond, percent, steps, stepSeconds }) => ({
    isRamp: true,
    streams: Array.from({ length: steps }, (_, index) => {
      const rate = Math.round(perSecond * (percent / 100) ** index)
      return steady({
        name: `palier${String(index + 1).padStart(2, "0")}`, senderClass: "application", target: { kind: "academies", each: 10 }, perSecond: rate,
        seconds: stepSeconds, startSeconds: index * stepSeconds, bytes: 4_000, vus: Math.min(sessionsMax, Math.max(4, Math.ceil(rate * 1.6))),
        ...(index === 0 ? {} : { senderOf: "palier01" }),
      })
    }),
  }),
})
