import { simpleParser, type ParsedMail } from "mailparser"
import { functionalAddress, type Office } from "../fixtures/functional-addresses.ts"
import { list as listFixture, type ListName } from "../fixtures/lists.ts"
import { people, type Person } from "../fixtures/people.ts"
import type { Academy } from "../fixtures/academies.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { eventually, StillNotTrue } from "../lab/eventually.ts"
import type { AcademyPool } from "./academy-pool.ts"
import { awaitArrival } from "./arrival.ts"
import { boundOf } from "./bounds.ts"
import { copiesInMailboxes, copiesOutside, type Copy } from "./copies.ts"
import { awaitMail, readInbox, type ReadMail } from "./inbox.ts"
import { post, type Letter, type Mail } from "./letter.ts"
import { SceneList } from "./scene-list.ts"
import { sceneToken } from "./scene-token.ts"
import type { Services } from "./services.ts"
import { Visitor } from "./visitor.ts"

/** Mail domain of functional addresses, aliases and mailboxes. */
export const mailDomain = "education.test"
/** Mail domain of the lists. */
export const listDomain = "listes.education.test"
/** Longest wait for one message to reach everybody, or for the platform to have drained, in ms. */
export const deliveryMsMax = 25_000

export interface SceneRecord { ids: string[]; observed: string[] }

/**
 * The people, addresses, lists and messages of one scenario. Its token is in every address and name of it, so that
 * whatever concerns this scenario can be told from everything else in the platform.
 */
export class Scene {
  readonly services: Services
  readonly token: string
  /** Microseconds since the epoch. */
  readonly startedUs = Date.now() * 1_000 - 1_000_000
  readonly record: SceneRecord
  readonly lists: SceneList[] = []
  private readonly seed: number
  private readonly pool: AcademyPool
  private readonly taken: Academy[] = []
  private readonly visitors: Visitor[] = []
  private webTurn: Promise<void> | undefined
  private casts = 0
  private mails = 0
  /** Messages handed over so far, later ones not counted, and up to which of them, and on which paths, all has settled. */
  private sent = 0
  private settled: { sent: number; domains: readonly string[] } = { sent: -1, domains: [] }
  private witnessAccount: Promise<Credentials> | undefined

  constructor(
    services: Services,
    { title, seed, pool, record }: { title: string; seed: number; pool: AcademyPool; record: SceneRecord },
  ) {
    this.services = services
    this.seed = seed
    this.pool = pool
    this.record = record
    this.token = sceneToken(`${services.handle.run} ${seed} ${performance.timeOrigin} ${title}`)
  }

  /** Academies that no other running scenario uses, of those lent by default or `among` these: their behaviour may be set. */
  async academies(count: number, among?: readonly Academy[]): Promise<Academy[]> {
    const taken = await this.pool.take(count, among)
    this.taken.push(...taken)
    return taken
  }

  /** People with addresses of their own at `domain`, an academy's or any other; nothing has to be made for them. */
  people(domain: string, count = 1): Person[] {
    this.casts += 1
    return people({ seed: this.seed + this.casts, count, domain, mark: `${this.token}${this.casts.toString(36)}` })
  }

  /** Somebody elsewhere on the internet, at a domain of this scenario alone. */
  stranger(): string {
    return this.people(`${this.token}.example.test`)[0]!.address
  }

  /** An address of the platform's mail domain, without mailbox or alias. */
  address(name: string): string {
    return `${name}.${this.token}@${mailDomain}`
  }

  /** The functional mailbox of an office, with its login. */
  async office(office: Office): Promise<Credentials> {
    return this.account(functionalAddress(office, { domain: mailDomain, mark: this.token }))
  }

  /** A mailbox with a login of its own. */
  async account(address: string): Promise<Credentials> {
    const account = { address, password: `motdepasse-${this.token}` }
    await this.services.mariadb.createMailbox(account)
    return account
  }

  /** A list of the fixtures, made by the team's template, with mailboxes for its owners and moderators. */
  async list(name: ListName, members: ConstructorParameters<typeof SceneList>[2] = {}): Promise<SceneList> {
    const fixture = listFixture(name, { domain: mailDomain, mark: this.token })
    const list = new SceneList(this, fixture, members)
    await list.make()
    this.lists.push(list)
    return list
  }

  /** The id of a message, in the order in which this scenario asks for them. */
  nextId(): string {
    this.mails += 1
    const id = `${this.token}-${this.mails}`
    this.record.ids.push(id)
    return id
  }

  /** Hands a letter to the platform; a refusal is in what is returned. */
  async send(letter: Letter, id = this.nextId()): Promise<Mail> {
    this.sent += 1
    return post(this.services, id, letter)
  }

  /** Hands over a later message, which only shows that a path works and is empty. */
  async sendMarker(letter: Letter): Promise<Mail> {
    return post(this.services, this.nextId(), letter)
  }

  /** Waits for a message in an account's inbox, read by IMAP. */
  async receives(account: Credentials, what: string, matches: (mail: ReadMail) => boolean): Promise<ReadMail> {
    return awaitMail(this.services, account, what, { matches, withinMs: deliveryMsMax })
  }

  /** What an account reads in its inbox now, over IMAP. */
  async reads(account: Credentials): Promise<ReadMail[]> {
    return readInbox(this.services, account)
  }

  /** A copy, parsed. */
  async parsed(copy: Copy): Promise<ParsedMail> {
    return simpleParser(await copy.raw())
  }

  /** A bound of a requirement, as the team has set it for this run. */
  async bound(id: string, name: string): Promise<number> {
    return boundOf(this.services.handle.resultsFolder, id, name)
  }

  /** Notes a short fact for the report. */
  observe(fact: string): void {
    this.record.observed.push(fact)
  }

  /**
   * Waits until everything that was sent before has come to its end: a later message has arrived on each path (every
   * domain of `addresses`, and each list of this scenario), then no queue and no spool holds anything of it any more.
   * Nothing is done where all has settled already and nothing was sent since. Throws StillNotTrue with what is left.
   */
  async settle(addresses: readonly string[]): Promise<void> {
    const domains = [...new Set(addresses.map((address) => address.slice(address.lastIndexOf("@") + 1).toLowerCase()))]
    const { sent } = this
    if (this.settled.sent === sent && domains.every((domain) => this.settled.domains.includes(domain))) return
    await Promise.all([this.passMarker(domains), ...this.lists.map((list) => list.passMarker())])
    await this.drain()
    this.settled = { sent, domains }
  }

  /** Waits until no queue and no spool holds anything of this scenario. Throws StillNotTrue with what is left. */
  async drain(): Promise<void> {
    await eventually("nothing of this scenario is left in the platform", async () => {
      const residue = await this.services.drain.residueOf(this.token)
      if (residue.length > 0) throw new StillNotTrue(residue.join("; "))
      return true
    }, { withinMs: deliveryMsMax, everyMs: 200 })
  }

  /** Somebody at the browser inside the lab, whom nobody knows yet. */
  async visitor({ scripts = false } = {}): Promise<Visitor> {
    await (this.webTurn ??= this.services.webTurns.take())
    const visitor = await Visitor.come(this.services, { scripts })
    this.visitors.push(visitor)
    return visitor
  }

  /** Somebody logged in to the web interface, with a password that was chosen before. */
  async loggedIn(address: string, options = { scripts: false }): Promise<Visitor> {
    const account = await this.webAccount(address)
    const visitor = await this.visitor(options)
    await visitor.logsIn(account)
    return visitor
  }

  /** A person's password for the web interface; it needs no mailbox. */
  async webAccount(address: string): Promise<Credentials> {
    const account = { address, password: `motdepasse-${this.token}` }
    await this.services.sympa.setWebPassword(account)
    return account
  }

  /** Puts the academies that this scenario took back to their starting state, and closes its visitors' browsers. */
  async end(): Promise<void> {
    await Promise.all(this.visitors.map((visitor) => visitor.leaves()))
    if (this.webTurn) void this.webTurn.then(() => this.services.webTurns.giveBack())
    await Promise.all(this.taken.map(({ domain }) => this.services.academies.reset(domain)))
    this.pool.giveBack(this.taken)
  }

  /** Somebody who sends the later messages, and gets them where the path ends in a mailbox. */
  async witness(): Promise<Credentials> {
    return this.witnessAccount ??= this.account(this.address("temoin"))
  }

  private async passMarker(domains: readonly string[]): Promise<void> {
    const witness = await this.witness()
    const witnesses = domains.filter((domain) => domain !== listDomain && domain !== mailDomain)
      .map((domain) => `temoin.${this.token}@${domain}`)
    const marker = await this.sendMarker({ from: witness, to: [witness.address, ...witnesses] })
    if (marker.accepted.length <= witnesses.length) throw new StillNotTrue(refusedMarker(marker))
    await this.awaitCopies(marker.id, [witness.address, ...witnesses])
  }

  /** Waits until each address has a copy at least. Mailboxes cost more to look into, and are looked at less often. */
  async awaitCopies(id: string, addresses: readonly string[], withinMs = deliveryMsMax): Promise<void> {
    const isInside = (address: string) => address.toLowerCase().endsWith(`@${mailDomain}`)
    const outside = addresses.filter((address) => !isInside(address))
    const inside = addresses.filter(isInside)
    await Promise.all([
      ...outside.length > 0 ? [this.awaitAll(id, outside, () => copiesOutside(this.services, id), { withinMs, everyMs: 150 })] : [],
      ...inside.length > 0 ? [this.awaitAll(id, inside, () => copiesInMailboxes(this.services, id), { withinMs, everyMs: 400 })] : [],
    ])
  }

  private async awaitAll(
    id: string, addresses: readonly string[], look: () => Promise<Copy[]>, budget: { withinMs: number; everyMs: number },
  ): Promise<void> {
    await awaitArrival(`${addresses.length} addresses have ${id}`, {
      ...budget,
      missing: async () => {
        const reached = new Set((await look()).map(({ recipient }) => recipient))
        return addresses.filter((address) => !reached.has(address.toLowerCase()))
      },
      isDrained: async () => (await this.services.drain.residueOf(this.token, { anybodys: true })).length === 0,
    })
  }
}

function refusedMarker({ id, refused, refusal }: Mail): string {
  const replies = [...refused.map(({ recipient, reply }) => `${recipient}: ${reply.code} ${reply.text}`),
    ...(refusal ? [`${refusal.step}: ${refusal.reply.code} ${refusal.reply.text}`] : [])]
  return `A later, harmless message (${id}) was refused, so that nothing can be said of what did not arrive: ${replies.join("; ")}`
}
