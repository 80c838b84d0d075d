import type { LoadProfile } from "../load-profile.ts"

const directSeconds = 36
/** What is under way when the list begins is ended by the sessions that there are. */
const listAfterSeconds = directSeconds - 2

/**
 * A small load in every quick qualification: a thousand messages to individuals, then one list of 2 000, within 60 s on 2
 * free cores. The list is one that nobody may leave, for that: its copies go in packets of 25. It comes last: while it is
 * served, the list engine takes whatever a machine has, and on a busy one the others would not keep their rate. As many
 * sessions as an edge takes of one client (50), for the same reason.
 */
export const smoke: LoadProfile = {
  name: "smoke",
  streams: [
    { name: "consignes", senderClass: "institution", target: { kind: "academies", each: 10 }, messages: 10 * directSeconds, perSecond: 10, bytes: 4_000, vus: 16 },
    { name: "applications", senderClass: "application", target: { kind: "academies", each: 10 }, messages: 10 * directSeconds, perSecond: 10, bytes: 2_000, vus: 16 },
    { name: "boites", senderClass: "application", target: { kind: "mailboxes", count: 40 }, messages: 8 * directSeconds, perSecond: 8, bytes: 2_000, vus: 14 },
    {
      name: "lettre", senderClass: "institution", target: { kind: "list", list: "info-elections", members: 2_000 },
      messages: 1, perSecond: 0.5, startSeconds: listAfterSeconds, bytes: 10_000, vus: 1,
    },
  ],
  sendMsMax: 420_000,
  drainMsMax: 600_000,
  honesty: { rateRatioMin: 0.95, cpuPercentMax: 50 },
}
