import type { LoadProfile } from "../load-profile.ts"

const seconds = 30

/**
 * A small load for where aliases are resolved: as many messages through aliases of the database as through those of the
 * directory, to the academies, and some to mailboxes, for which both sources are asked in vain.
 */
export const aliases: LoadProfile = {
  name: "aliases",
  streams: [
    { name: "base", senderClass: "application", target: { kind: "aliases", source: "database", each: 10 }, messages: 5 * seconds, perSecond: 5, bytes: 2_000, vus: 16 },
    { name: "annuaire", senderClass: "application", target: { kind: "aliases", source: "directory", each: 10 }, messages: 5 * seconds, perSecond: 5, bytes: 2_000, vus: 16 },
    { name: "boites", senderClass: "institution", target: { kind: "mailboxes", count: 40 }, messages: 4 * seconds, perSecond: 4, bytes: 2_000, vus: 14 },
  ],
  sendMsMax: 420_000,
  drainMsMax: 600_000,
  honesty: { rateRatioMin: 0.95, cpuPercentMax: 50 },
}
