import type { LoadProfile } from "../load-profile.ts"

/**
 * A small load in every quick qualification: 1 500 messages to individuals and one list of 2 000, within 60 s on 2 free cores.
 * Its rate is what a busy machine keeps as well, from as many sessions as an edge takes of one client (50).
 */
export const smoke: LoadProfile = {
  name: "smoke",
  streams: [
    { name: "lettre", senderClass: "institution", target: { kind: "list", list: "info-personnels", members: 2_000 }, messages: 1, perSecond: 0.5, bytes: 10_000, vus: 1 },
    { name: "consignes", senderClass: "institution", target: { kind: "academies", each: 10 }, messages: 500, perSecond: 10, bytes: 4_000, vus: 16 },
    { name: "applications", senderClass: "application", target: { kind: "academies", each: 10 }, messages: 500, perSecond: 10, bytes: 2_000, vus: 16 },
    { name: "boites", senderClass: "application", target: { kind: "mailboxes", count: 40 }, messages: 500, perSecond: 10, bytes: 2_000, vus: 16 },
  ],
  sendMsMax: 180_000,
  drainMsMax: 600_000,
  honesty: { rateRatioMin: 0.95, cpuPercentMax: 50 },
}
