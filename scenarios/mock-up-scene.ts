import type { Acceptance } from "../lab/world/mail-record.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { eventually, StillNotTrue } from "../lab/eventually.ts"
import type { MailboxCopy } from "../lab/mailboxes.ts"
import { StartedPostfixContainer } from "../lab/postfix.ts"
import { boundOf } from "./bounds.ts"
import { ClaimFailed } from "./claim-failed.ts"
import { Drain } from "./drain.ts"
import { awaitMail, type ReadMail } from "./inbox.ts"
import { decentMessage } from "./raw-message.ts"
import type { SceneRecord } from "./scene.ts"
import { sceneToken } from "./scene-token.ts"
import type { Services } from "./services.ts"
import { SmtpDialog } from "./smtp-dialog.ts"

const mailDomain = "maquette.test"
const edgeName = "edge"
/** Relays of the shipped architecture, all of one rank. */
export const relayNames = ["relay1", "relay2"] as const
/** Longest wait for a message to arrive, in ms. */
const arrivalMsMax = 25_000

/** The people, addresses and messages of one scenario on the mock-up platform, whose token is in each of them. */
export class MockUpScene {
  readonly services: Services
  readonly token: string
  readonly record: SceneRecord
  private readonly drain: Drain
  private readonly servers = new Map<string, StartedPostfixContainer>()
  private mails = 0
  private people = 0
  constructor(services: Services, { title, seed, record }: { title: string; seed: number; record: SceneRecord }) {
    this.services = services
    this.record = record
    this.token = sceneToken(`${services.handle.run} ${seed} ${performance.timeOrigin} ${title}`)
    this.drain = new Drain([edgeName, ...relayNames].map((name) => ({
      name: `the queue of ${name}`,
      look: async () => (await this.server(name).queue()).map(({ queueId, sender, recipients }) =>
        `${queueId} from <${sender}> to ${recipients.map(({ address, delayReason = "" }) => `${address} ${delayReason}`).join(", ")}`),
    })))
  }

  /** One of the nodes of Postfix: the edge, or a relay. */
  server(name = edgeName): StartedPostfixContainer {
    const server = this.servers.get(name) ?? new StartedPostfixContainer(this.services.handle, name)
    this.servers.set(name, server)
    return server
  }

  /** The address inside the lab from which each relay speaks. */
  get relayAddresses(): string[] {
    return relayNames.map((name) => this.services.handle.nodes[name]!.address)
  }

  /** A mailbox of the platform with its login. */
  async account(): Promise<Credentials> {
    this.people += 1
    const account = { address: `agent${this.people}.${this.token}@${mailDomain}`, password: `motdepasse-${this.token}` }
    await this.services.mariadb.createMailbox(account)
    return account
  }

  /** Somebody elsewhere, at a domain of this scenario alone. */
  stranger(): string {
    this.people += 1
    return `personne${this.people}.${this.token}@${this.token}.example.test`
  }

  /** Submits a message with the sender's login. Throws ClaimFailed where it is not taken. Returns its id. */
  async submit(from: Credentials, to: readonly string[]): Promise<string> {
    const dialog = await SmtpDialog.asAccount(this.server().submissionFor(from))
    try {
      const id = this.nextId()
      const go = await dialog.startMessage(from.address, to)
      const taken = go.code === 354 ? await dialog.sendRaw(`${decentMessage({ id, from: from.address, to: to.join(", ") })}\r\n.\r\n`) : go
      if (taken.code !== 250) throw new ClaimFailed(`The message ${id} from ${from.address} to ${to.join(", ")} was not taken: ${taken.code} ${taken.text}`)
      return id
    } finally {
      dialog.close()
    }
  }

  /** Hands a message in as a server of the internet does. Throws ClaimFailed where it is not taken for all. Returns its id. */
  async fromOutside(sender: string, to: readonly string[]): Promise<string> {
    const id = this.nextId()
    const { failure, refused } = await this.services.internet.send({
      host: this.server().node.hostname, sender, recipients: [...to], data: decentMessage({ id, from: sender, to: to.join(", ") }),
    })
    if (failure === null && refused.length === 0) return id
    throw new ClaimFailed(`The edge did not take ${id}: ${failure ?? refused.map(({ recipient, code, text }) => `${recipient}: ${code} ${text}`).join("; ")}`)
  }

  /** What servers elsewhere have taken of a message, once `count` are there at least. */
  async taken(id: string, count = 1, withinMs = arrivalMsMax): Promise<Acceptance[]> {
    return eventually(`servers elsewhere have taken ${count} of ${id}`, async () => {
      const rows = await this.services.internet.copiesOf(id)
      return rows.length >= count && rows
    }, { withinMs, everyMs: 150 })
  }

  /** Every copy of a message in every mailbox. */
  async kept(id: string): Promise<MailboxCopy[]> {
    return this.services.dovecot.copiesOf(id)
  }

  /** Waits for a message in an inbox, read by IMAP with its login. */
  async reads(account: Credentials, id: string): Promise<ReadMail> {
    return awaitMail(this.services, account, id, { matches: ({ raw }) => raw.includes(`X-Recette-Id: ${id}`), withinMs: arrivalMsMax })
  }

  /** Everything of this scenario that a server elsewhere has taken. */
  async gotOut(): Promise<Acceptance[]> {
    return (await this.services.internet.acceptances()).filter(({ id, sender, recipient }) => [id ?? "", sender, recipient].some((text) => text.includes(this.token)))
  }

  /** Waits until no queue of edge and relays holds anything of this scenario. */
  async settle(): Promise<void> {
    await eventually("nothing of this scenario is left in the platform", async () => {
      const residue = await this.drain.residueOf(this.token)
      if (residue.length > 0) throw new StillNotTrue(residue.join("; "))
      return true
    }, { withinMs: arrivalMsMax, everyMs: 200 })
  }

  async bound(id: string, name: string): Promise<number> {
    return boundOf(this.services.handle.resultsFolder, id, name)
  }

  /** Notes a short fact for the report. */
  observe(fact: string): void {
    this.record.observed.push(fact)
  }

  nextId(): string {
    this.mails += 1
    const id = `${this.token}-${this.mails}`
    this.record.ids.push(id)
    return id
  }
}
