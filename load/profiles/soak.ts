import { electors, post, steady } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

/** Members of a list in each second between two posts: a third of what packets serve, so that none piles up. */
const membersPerSecond = 40

/** The list of so many electors that what is posted is served before the next one. */
function membersOf(all: number, everySeconds: number): number {
  return Math.max(30, Math.min(Math.round(all / 10), everySeconds * membersPerSecond))
}

/** Little at a time, for long: what grows, leaks or fills shows at the end and not at the beginning. */
export const soak = defineProfile({
  name: "soak",
  summary: { fr: "un débit modeste, longtemps", en: "a modest rate, for long" },
  parameters: {
    electors,
    minutes: {
      standard: 10, min: 1, max: 230, source: "Borne du générateur : 4 heures",
      what: { fr: "durée, en minutes", en: "length, in minutes" },
    },
    everySeconds: {
      standard: 120, min: 30, max: 3_600, source: "Hypothèse",
      what: { fr: "secondes d'un envoi à une liste au suivant", en: "seconds from one message to a list to the next" },
    },
  },
  assumptions: ({ electors: all, everySeconds }) => [{
    what: { fr: "taille de la liste : 10 % des électeurs, au plus ce qui est servi avant l'envoi suivant", en: "size of the list: 10 % of the electors, at most what is served before the next post" },
    value: String(membersOf(all, everySeconds)), source: "Hypothèse",
  }],
  load: ({ electors: all, minutes, everySeconds }) => {
    const seconds = minutes * 60
    const messages = Math.max(1, Math.floor(seconds / everySeconds))
    const list = post({ name: "liste", senderClass: "institution", members: membersOf(all, everySeconds) })
    return {
      streams: [
        steady({ name: "notes", senderClass: "application", target: { kind: "academies", each: 20 }, perSecond: 5, seconds }),
        steady({ name: "boites", senderClass: "person", target: { kind: "mailboxes", count: 20 }, perSecond: 1, seconds }),
        { ...list, messages, perSecond: messages === 1 ? list.perSecond : 1 / everySeconds },
      ],
    }
  },
})
