import type { LoadProfile } from "../load-profile.ts"

const seconds = 40

/**
 * A small load in every quick qualification of CONFINEMENT: two applications with a login write to people of all academies,
 * 600 messages in 40 s. All come from one address, of which the platform takes 20 a second at most (CNF-16).
 */
export const smokeConfinement: LoadProfile = {
  name: "smoke-confinement",
  streams: [
    { name: "notes", senderClass: "application", target: { kind: "kept", application: "notes", each: 10 }, messages: 10 * seconds, perSecond: 10, bytes: 4_000, vus: 10 },
    { name: "inscriptions", senderClass: "application", target: { kind: "kept", application: "inscriptions", each: 10 }, messages: 5 * seconds, perSecond: 5, bytes: 2_000, vus: 8 },
  ],
  sendMsMax: 300_000,
  drainMsMax: 300_000,
  honesty: { rateRatioMin: 0.95, cpuPercentMax: 50 },
}
