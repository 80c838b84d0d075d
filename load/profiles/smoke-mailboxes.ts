import type { LoadProfile } from "../load-profile.ts"

const seconds = 36

/**
 * A small load in every quick qualification of a platform of mailboxes and relays: mail to people elsewhere and to its own
 * mailboxes, 15 messages a second. Sessions as in `smoke`: with ten, one message of 288 was due while none was free.
 */
export const smokeMailboxes: LoadProfile = {
  name: "smoke-mailboxes",
  streams: [
    { name: "ailleurs", senderClass: "application", target: { kind: "academies", each: 10 }, messages: 8 * seconds, perSecond: 8, bytes: 4_000, vus: 16 },
    { name: "boites", senderClass: "application", target: { kind: "mailboxes", count: 40 }, messages: 7 * seconds, perSecond: 7, bytes: 2_000, vus: 14 },
  ],
  sendMsMax: 300_000,
  drainMsMax: 300_000,
  honesty: { rateRatioMin: 0.95, cpuPercentMax: 50 },
}
