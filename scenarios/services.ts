import type { Browser } from "playwright-core"
import { StartedAcademiesContainer } from "../lab/academies.ts"
import { StartedClamavContainer } from "../lab/clamav.ts"
import { StartedBrowserContainer } from "../lab/browser.ts"
import { StartedDnsContainer } from "../lab/dns.ts"
import { StartedDovecotContainer } from "../lab/dovecot.ts"
import type { LabHandle } from "../lab/handle.ts"
import { StartedInternetContainer } from "../lab/internet.ts"
import { StartedMariaDbContainer } from "../lab/mariadb.ts"
import { StartedPostfixContainer } from "../lab/postfix.ts"
import { StartedRspamdContainer } from "../lab/rspamd.ts"
import type { SpoolEntry } from "../lab/sympa-spool.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import { Drain } from "./drain.ts"
import { Turns } from "./turns.ts"

/** The running lab as scenarios see it, rebuilt from its handle: one instance for each worker. */
export class Services {
  readonly handle: LabHandle
  readonly postfix: StartedPostfixContainer
  readonly sympa: StartedSympaContainer
  readonly dovecot: StartedDovecotContainer
  readonly mariadb: StartedMariaDbContainer
  readonly rspamd: StartedRspamdContainer
  readonly clamav: StartedClamavContainer
  readonly academies: StartedAcademiesContainer
  readonly internet: StartedInternetContainer
  readonly dns: StartedDnsContainer
  readonly drain: Drain
  /** Scenarios that have pages open at once: each page costs 0.2 s of processor, and more at once only wait for each other. */
  readonly webTurns = new Turns(4)
  private opened: Promise<Browser> | undefined
  constructor(handle: LabHandle) {
    this.handle = handle
    this.postfix = new StartedPostfixContainer(handle)
    this.sympa = new StartedSympaContainer(handle)
    this.dovecot = new StartedDovecotContainer(handle)
    this.mariadb = new StartedMariaDbContainer(handle)
    this.rspamd = new StartedRspamdContainer(handle)
    this.clamav = new StartedClamavContainer(handle)
    this.academies = new StartedAcademiesContainer(handle)
    this.internet = new StartedInternetContainer(handle)
    this.dns = new StartedDnsContainer(handle)
    this.drain = new Drain([
      { name: "the edge's queue", look: async () => (await this.postfix.queue()).map(queued) },
      { name: "the list engine's queue", look: async () => (await this.sympa.queue()).map(queued) },
      {
        name: "the list engine's spools", mayBeAnybodys: (text) => toEngine.test(text),
        look: async () => (await this.sympa.spools()).filter(movesOn).map(({ spool, list, file }) => `${spool}: ${list ?? ""} ${file}`),
      },
      { name: "what the list engine hands over", look: async () => this.sympa.handedOver() },
      { name: "the list engine's queue", look: async () => (await this.sympa.queue()).map(queued) },
    ])
  }

  /** The browser inside the lab, one connection for all scenarios; the first one that opens a page makes it. */
  async browser(): Promise<Browser> {
    return this.opened ??= new StartedBrowserContainer(this.handle).connect()
  }

  /** Throws a LabFailure where the browser itself does not answer. */
  async checkBrowser(): Promise<void> {
    await new StartedBrowserContainer(this.handle).run(["/ready.sh"])
  }

  async close(): Promise<void> {
    await Promise.all([this.sympa.close(), this.mariadb.close(), this.opened?.then((browser) => browser.close())])
  }
}

/** A command to the engine itself (a moderator's DISTRIBUTE, say), or a file whose name says no list. */
const toEngine = /^[^:]+: (?:sympa@|listmaster@|\s)/

/**
 * Packets count, the message that they share does not: of two senders that end its last packets in the same moment,
 * neither takes `bulk/msg/…` away (seen with Sympa 6.2.70). While it has no packet yet, `msg` still holds the original.
 */
function movesOn({ spool, waitsFor }: SpoolEntry): boolean {
  return waitsFor === "engine" && spool !== "bulk/msg"
}

interface Queued { queueId: string; sender: string; recipients: readonly { address: string; delayReason?: string }[] }

function queued({ queueId, sender, recipients }: Queued): string {
  const waiting = recipients.map(({ address, delayReason }) => delayReason ? `${address} (${delayReason})` : address)
  return `${queueId} from <${sender}> to ${waiting.join(", ")}`
}
