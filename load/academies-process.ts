import { MailCatcher } from "../lab/world/mail-catcher.ts"

// The academies' server in a process of its own, for its benchmark: the program of the lab, on loopback, for any domain.

/** What the process says of itself once a second. */
export interface AcademiesSample { recipients: number; rssMb: number; cpuMs: number }
export interface AcademiesPorts { smtp: number; control: number }

const folder = process.argv[2]!
const catcher = new MailCatcher({
  node: "academies", listeners: [{ address: "127.0.0.1", port: 0, hostname: "mx.academies.test", domain: "academies.test", anyDomain: true }],
}, { folder })
const control = await catcher.listen("127.0.0.1", 0)
process.send!({ smtp: catcher.listeners[0]!.port, control } satisfies AcademiesPorts)
setInterval(() => {
  const { user, system } = process.cpuUsage()
  process.send!({
    recipients: catcher.record.recordingCounters()?.recipients ?? 0, rssMb: process.memoryUsage.rss() / 1_048_576,
    cpuMs: (user + system) / 1_000,
  } satisfies AcademiesSample)
}, 1_000)
process.once("disconnect", () => process.exit(0))
