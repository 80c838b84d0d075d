import { ImapFlow } from "imapflow"
import { markOf } from "../fixtures/mark.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { eventually, StillNotTrue } from "../lab/eventually.ts"
import type { MailboxCopy } from "../lab/mailboxes.ts"
import { boundOf } from "./bounds.ts"
import { ClaimFailed } from "./claim-failed.ts"
import { handIn, login, type ApplicationName, type ConfinedLetter, type ConfinedMail } from "./confined-application.ts"
import { decentMessage } from "./raw-message.ts"
import type { SceneRecord } from "./scene.ts"
import type { Services } from "./services.ts"

/** Longest wait for a message to be kept, in ms. */
export const keptMsMax = 25_000

type Wanted = Pick<ConfinedLetter, "from" | "recipients"> & Partial<ConfinedLetter> & { body?: string }

/** The addresses and messages of one scenario on CONFINEMENT, whose token is in each of them. */
export class ConfinedScene {
  readonly services: Services
  readonly token: string
  /** Microseconds since the epoch. */
  readonly startedUs = Date.now() * 1_000 - 1_000_000
  readonly record: SceneRecord
  private mails = 0
  constructor(services: Services, { title, seed, record }: { title: string; seed: number; record: SceneRecord }) {
    this.services = services
    this.record = record
    this.token = markOf("t", `${services.handle.run} ${seed} ${performance.timeOrigin} ${title}`)
  }

  /** A domain elsewhere that is this scenario's own. */
  get domain(): string {
    return `${this.token}.example.test`
  }

  /** People elsewhere, at that domain or another one. */
  people(count: number, domain = this.domain): string[] {
    return Array.from({ length: count }, (_, index) => `personne${index + 1}.${this.token}@${domain}`)
  }

  nextId(): string {
    this.mails += 1
    const id = `${this.token}-${this.mails}`
    this.record.ids.push(id)
    return id
  }

  /** Hands a message in; `data` may be a text that holds `{id}`. */
  async send({ body, data, sender = `application.${this.token}@${this.domain}`, ...letter }: Wanted): Promise<ConfinedMail> {
    const id = this.nextId()
    const text = data?.replaceAll("{id}", id)
      ?? decentMessage({ id, from: sender || `MAILER-DAEMON@${this.domain}`, to: letter.recipients.join(", "), ...body === undefined ? {} : { body } })
    return handIn(this.services, id, { ...letter, sender, data: text })
  }

  /** Every copy in every tree. */
  async copies({ id }: Pick<ConfinedMail, "id">): Promise<MailboxCopy[]> {
    return this.services.dovecot.copiesOf(id)
  }

  /** Notices and anything else of this scenario that bears no id of its own, in every tree. */
  async notices(): Promise<MailboxCopy[]> {
    const ids = new Set(this.record.ids)
    const found = await this.services.dovecot.messagesWith(this.token)
    return found.filter(({ raw }) => !ids.has(/^X-Recette-Id: *(\S+)/im.exec(headOf(raw))?.[1] ?? ""))
  }

  /** Waits until the relay's queue holds nothing at all, twice in a row: a message that moves on in it is seen once. */
  async drain(): Promise<void> {
    let emptyLooks = 0
    await eventually("the relay's queue is empty", async () => {
      const queue = await this.services.postfix.queue()
      emptyLooks = queue.length === 0 ? emptyLooks + 1 : 0
      if (queue.length > 0) {
        throw new StillNotTrue(queue.map(({ queueId, sender, recipients }) =>
          `${queueId} from <${sender}> to ${recipients.map(({ address, delayReason = "" }) => `${address} ${delayReason}`).join(", ")}`).join("; "))
      }
      return emptyLooks >= 2
    }, { withinMs: keptMsMax })
  }

  /**
   * Starts the mailboxes again that were stopped. Each process of the relay that had asked them for a login tries once more
   * over the connection that is gone, and answers 454 to who logs in then: those end here.
   */
  async mailboxesBack(): Promise<void> {
    await this.services.dovecot.startAgain()
    await this.services.postfix.run(["postfix", "reload"])
  }

  /** The login of a member of a team: the first one's `essais-notes-1`, say. */
  member(application: ApplicationName, number = 1): Credentials {
    return login(this.services, `essais${number}.${application}`, `essais-${application}-${number}`)
  }

  /** Opens a tree as that login, over IMAP and TLS. Throws ClaimFailed where it is refused. */
  async reading<T>(account: Credentials, work: (client: ImapFlow) => Promise<T>): Promise<T> {
    const client = new ImapFlow(this.services.dovecot.imapFor(account))
    client.on("error", () => undefined)
    try {
      await client.connect()
    } catch (cause) {
      await this.services.dovecot.run(["/ready.sh"])
      throw new ClaimFailed(`${account.address} cannot read its tree: ${(cause as Error).message}`, { cause })
    }
    try {
      await client.mailboxOpen("INBOX")
      return await work(client)
    } finally {
      client.close()
    }
  }

  /** Unique ids (UID) of the copies of a message, as that login finds them. */
  async found(account: Credentials, { id }: Pick<ConfinedMail, "id">): Promise<number[]> {
    return this.reading(account, async (client) => (await client.search({ header: { "X-Recette-Id": id } }, { uid: true })) || [])
  }

  async bound(id: string, name: string): Promise<number> {
    return boundOf(this.services.handle.resultsFolder, id, name)
  }

  /** Notes a short fact for the report. */
  observe(fact: string): void {
    this.record.observed.push(fact)
  }
}

/** The header of a raw message as text. */
export function headOf(raw: Buffer): string {
  return raw.toString("latin1").split(/\r?\n\r?\n/, 1)[0]!
}
