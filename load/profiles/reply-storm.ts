import { electors, post, steady } from "../electorate.ts"
import { defineProfile } from "../profile-definition.ts"

const afterList = 8

/**
 * A message to a list, and hundreds of answers to the list, by people and by their mailboxes while they are away: not one
 * may be passed on to the others (SYN-16).
 */
export const replyStorm = defineProfile({
  name: "reply-storm",
  summary: { fr: "des centaines de réponses à une liste, dont aucune ne doit être diffusée", en: "hundreds of answers to a list, none of which may be passed on" },
  parameters: {
    electors,
    people: {
      standard: 20, min: 2, max: 24, source: "Borne : une session par personne, 50 sessions par client à la frontière (postfix/main.cf)",
      what: { fr: "abonnés qui répondent, tour à tour", en: "members who answer, one after the other" },
    },
    answers: {
      standard: 300, min: 20, max: 20_000, source: "« des centaines de réponses » à une liste de 65 000 personnes, Créteil, 9 mai 2020 (bfmtv.com)",
      what: { fr: "réponses, dont un tiers d'automatiques", en: "answers, a third of them automatic" },
    },
    perSecond: {
      standard: 9, min: 1, max: 30, source: "Hypothèse",
      what: { fr: "réponses par seconde", en: "answers a second" },
    },
  },
  assumptions: () => [{
    what: { fr: "réponses automatiques : en-tête Auto-Submitted", en: "automatic answers: header Auto-Submitted" }, value: "auto-replied", source: "RFC 3834, section 5",
  }],
  load: ({ electors: all, people, answers, perSecond }) => {
    const automatic = { "Auto-Submitted": "auto-replied", Precedence: "bulk" }
    const flow = { senderClass: "person", startSeconds: afterList, seconds: answers / perSecond, vus: people, bytes: 2_000 } as const
    return {
      streams: [
        post({ name: "lettre", senderClass: "institution", members: all }),
        steady({ ...flow, name: "reponses", target: { kind: "answers", to: "lettre", people }, perSecond: perSecond * 2 / 3 }),
        steady({ ...flow, name: "absences", target: { kind: "answers", to: "lettre", people: Math.ceil(people / 2) }, vus: Math.ceil(people / 2), perSecond: perSecond / 3, headers: automatic }),
      ],
    }
  },
})
