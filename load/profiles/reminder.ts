import { electors, post } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

/** One message to all electors, and nothing else: how long until half of them, 90, 99 and 100 % have it. */
export const reminder = defineProfile({
  name: "reminder",
  summary: { fr: "un rappel à tous les électeurs, et rien d'autre", en: "one reminder to all electors, and nothing else" },
  parameters: {
    electors,
    bytes: {
      standard: 10_000, min: 1_000, max: 1_000_000, source: "Hypothèse : un texte sans pièce jointe",
      what: { fr: "taille du message, en octets", en: "size of the message, in bytes" },
    },
  },
  assumptions: () => [{
    what: { fr: "un rappel du ministère passe par une liste que nul ne quitte", en: "a reminder of the ministry goes by a list that nobody may leave" },
    value: "info-elections", source: "Hypothèse : plausible, sans source",
  }],
  load: ({ electors: all, bytes }) => ({ streams: [post({ name: "rappel", senderClass: "institution", members: all, bytes })] }),
})
