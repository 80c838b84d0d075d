import type { Browser } from "playwright-core"
import { StartedAcademiesContainer } from "../lab/academies.ts"
import { StartedClamavContainer } from "../lab/clamav.ts"
import { StartedBrowserContainer } from "../lab/browser.ts"
import { StartedDirectoryContainer } from "../lab/directory.ts"
import { StartedDnsContainer } from "../lab/dns.ts"
import { StartedDovecotContainer } from "../lab/dovecot.ts"
import type { LabHandle } from "../lab/handle.ts"
import type { StartedInsideContainer } from "../lab/inside-container.ts"
import { StartedInternetContainer } from "../lab/internet.ts"
import { StartedMariaDbContainer } from "../lab/mariadb.ts"
import { StartedPostfixContainer } from "../lab/postfix.ts"
import { StartedRspamdContainer } from "../lab/rspamd.ts"
import type { SpoolEntry } from "../lab/sympa-spool.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import { Drain, type Stage } from "./drain.ts"
import { Turns } from "./turns.ts"

/** The running lab as scenarios see it, rebuilt from its handle: one instance for each worker. */
export class Services {
  readonly handle: LabHandle
  readonly drain: Drain
  /** Scenarios that have pages open at once: each page costs 0.2 s of processor, and more at once only wait for each other. */
  readonly webTurns = new Turns(4)
  private opened: Promise<Browser> | undefined
  /** A platform need not have all of them: each is made when it is asked for first. */
  private readonly nodes = new Map<string, StartedInsideContainer>()
  constructor(handle: LabHandle) {
    this.handle = handle
    this.drain = new Drain([
      { name: "the edge's queue", look: async () => (await this.postfix.queue()).map(queued) },
      ...this.hasLists ? this.stagesOfLists() : [],
    ])
  }

  /** Whether the platform has a list engine. */
  get hasLists(): boolean { return "sympa" in this.handle.nodes }
  /** Domain of the platform's own servers, for example `ariel-pr.test`. */
  get serverDomain(): string { return this.postfix.node.hostname.split(".").slice(1).join(".") }
  get directory(): StartedDirectoryContainer { return this.node("directory", StartedDirectoryContainer) }
  get postfix(): StartedPostfixContainer { return this.node("postfix", StartedPostfixContainer) }
  get sympa(): StartedSympaContainer { return this.node("sympa", StartedSympaContainer) }
  get dovecot(): StartedDovecotContainer { return this.node("dovecot", StartedDovecotContainer) }
  get mariadb(): StartedMariaDbContainer { return this.node("mariadb", StartedMariaDbContainer) }
  get rspamd(): StartedRspamdContainer { return this.node("rspamd", StartedRspamdContainer) }
  get clamav(): StartedClamavContainer { return this.node("clamav", StartedClamavContainer) }
  get academies(): StartedAcademiesContainer { return this.node("academies", StartedAcademiesContainer) }
  get internet(): StartedInternetContainer { return this.node("internet", StartedInternetContainer) }
  get dns(): StartedDnsContainer { return this.node("dns", StartedDnsContainer) }

  /** The browser inside the lab, one connection for all scenarios; the first one that opens a page makes it. */
  async browser(): Promise<Browser> {
    return this.opened ??= new StartedBrowserContainer(this.handle).connect()
  }

  /** Throws a LabFailure where the browser itself does not answer. */
  async checkBrowser(): Promise<void> {
    await new StartedBrowserContainer(this.handle).run(["/ready.sh"])
  }

  async close(): Promise<void> {
    const asked = (name: string): boolean => this.nodes.has(name)
    await Promise.all([
      asked("sympa") && this.sympa.close(), asked("mariadb") && this.mariadb.close(), this.opened?.then((browser) => browser.close()),
    ])
  }

  /** In the order in which mail passes. */
  private stagesOfLists(): Stage[] {
    const queue: Stage = { name: "the list engine's queue", look: async () => (await this.sympa.queue()).map(queued) }
    return [
      queue,
      {
        name: "the list engine's spools", mayBeAnybodys: (text) => toEngine.test(text),
        look: async () => (await this.sympa.spools()).filter(movesOn).map(({ spool, list, file }) => `${spool}: ${list ?? ""} ${file}`),
      },
      { name: "what the list engine hands over", look: async () => this.sympa.handedOver() },
      queue,
    ]
  }

  private node<Started extends StartedInsideContainer>(name: string, make: new (handle: LabHandle) => Started): Started {
    const node = this.nodes.get(name) as Started | undefined ?? new make(this.handle)
    this.nodes.set(name, node)
    return node
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
