import type { LoadProfile } from "../load-profile.ts"

/** A small load in every quick qualification: two thousand messages to individuals and one list of 2 000, within 60 s. */
export const smoke: LoadProfile = {
  name: "smoke",
  streams: [
    { name: "lettre", senderClass: "institution", target: { kind: "list", list: "info-personnels", members: 2_000 }, messages: 1, perSecond: 0.5, bytes: 10_000, vus: 1 },
    { name: "consignes", senderClass: "institution", target: { kind: "academies", each: 10 }, messages: 800, perSecond: 20, bytes: 4_000, vus: 16 },
    { name: "applications", senderClass: "application", target: { kind: "academies", each: 10 }, messages: 800, perSecond: 20, bytes: 2_000, vus: 16 },
    { name: "boites", senderClass: "application", target: { kind: "mailboxes", count: 40 }, messages: 400, perSecond: 10, bytes: 2_000, vus: 12 },
  ],
  sendMsMax: 120_000,
  drainMsMax: 180_000,
  honesty: { rateRatioMin: 0.99, cpuPercentMax: 50 },
}
