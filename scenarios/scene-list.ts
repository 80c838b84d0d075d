import type { ListFixture } from "../fixtures/lists.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { eventually, StillNotTrue } from "../lab/eventually.ts"
import type { Agent } from "../lab/mariadb.ts"
import type { IncludeOutcome, MailingList } from "../lab/sympa.ts"
import type { Letter, Mail } from "./letter.ts"
import { deliveryMsMax, listDomain, type Scene } from "./scene.ts"

export interface SceneMembers {
  /** Agents of the staff database, in an academy of this list's own, which the list includes by SQL. */
  included?: readonly Agent[]
  /** Put into the list engine's database as subscribers by hand. */
  subscribed?: readonly { address: string }[]
  /** More owners, elsewhere than in the platform's mailboxes. */
  owners?: readonly string[]
  /** Name of a scenario `send.<name>` of the release, instead of the template's own. */
  send?: string
}

/** A list of one scenario, with what the fixtures say of its members, independently of the list engine. */
export class SceneList {
  readonly fixture: ListFixture
  readonly address: string
  /** Who must get a copy of what is distributed. */
  readonly members: Set<string>
  /** Short name of the academy in the staff database whose active agents are included. */
  readonly academy: string
  owner!: Credentials
  moderator!: Credentials
  private handle!: MailingList
  private readonly scene: Scene
  private readonly initial: SceneMembers

  constructor(scene: Scene, fixture: ListFixture, members: SceneMembers) {
    this.scene = scene
    this.fixture = fixture
    this.initial = members
    this.address = `${fixture.name}@${listDomain}`
    this.academy = `${scene.token}-${scene.lists.length}`
    this.members = new Set([...members.included ?? [], ...members.subscribed ?? []].map(({ address }) => address))
  }

  /** `info-personnels-…-request@…` for `request`. */
  serviceAddress(suffix: "request" | "owner" | "editor" | "subscribe" | "unsubscribe"): string {
    return this.address.replace("@", `-${suffix}@`)
  }

  async make(): Promise<void> {
    const { mariadb, sympa } = this.scene.services
    const { included = [], subscribed = [], owners: others = [], send } = this.initial
    const { owners, moderators } = this.fixture
    const accounts = await Promise.all([...owners, ...moderators].map((address) => this.scene.account(address)))
    this.owner = accounts[0]!
    this.moderator = accounts[owners.length]!
    if (included.length > 0) await mariadb.addAgents(this.agents(included))
    this.handle = await sympa.createList({
      ...this.fixture, owners: [...owners, ...others], ...(send ? { send } : {}),
      ...(included.length > 0 ? { includeAgents: { academy: this.academy } } : {}),
    })
    if (subscribed.length > 0) await sympa.subscribe(this.handle, subscribed)
  }

  /** Adds one member by the list engine's own command, as a listmaster does. */
  async addByHand(address: string): Promise<void> {
    await this.scene.services.sympa.addByHand(this.handle, address)
    this.members.add(address)
  }

  /** Changes agents of the staff database and lets the list engine read them again. */
  async include(agents: readonly Agent[]): Promise<void> {
    await this.scene.services.mariadb.addAgents(this.agents(agents))
    await this.scene.services.sympa.include(this.handle)
    for (const { address, active = true } of agents) {
      if (active) this.members.add(address)
      else this.members.delete(address)
    }
  }

  /** Waits until the list engine no longer counts an address among the members. */
  async awaitLeaving(address: string): Promise<void> {
    await eventually(`${address} has left ${this.address}`, async () =>
      (await this.scene.services.sympa.members(this.handle)).every((member) => member.address !== address), { withinMs: deliveryMsMax })
    this.members.delete(address)
  }

  /** Who is a member for the list engine now, in order. */
  async memberAddresses(): Promise<string[]> {
    return (await this.scene.services.sympa.members(this.handle)).map(({ address }) => address)
  }

  /** Subscribes somebody who has left again, as of now. */
  async rejoins(address: string): Promise<void> {
    await this.scene.services.sympa.subscribe(this.handle, [{ address }])
    this.members.add(address)
  }

  /** When a member subscribed, in seconds since the epoch, as the list engine keeps it. */
  async memberSince(address: string): Promise<string> {
    const [row] = await this.scene.services.mariadb.query<{ since: number }>(
      "SELECT date_epoch_subscriber AS since FROM sympa.subscriber_table"
      + " WHERE list_subscriber = ? AND robot_subscriber = ? AND user_subscriber = ?",
      [this.handle.name, this.handle.robot, address])
    return String(row?.since)
  }

  /** Makes a member look as if notices of their address had come back today, counted and scored. */
  async setBouncing(address: string): Promise<void> {
    const now = Math.floor(Date.now() / 1_000)
    await this.scene.services.mariadb.query(
      "UPDATE sympa.subscriber_table SET bounce_subscriber = ?, bounce_score_subscriber = 30"
      + " WHERE list_subscriber = ? AND robot_subscriber = ? AND user_subscriber = ?",
      [`${now} ${now} 3 5.1.1`, this.handle.name, this.handle.robot, address])
  }

  /** Lets the list engine read the staff database again; a source that refuses is told in `failed`. */
  async includeAgain(): Promise<IncludeOutcome> {
    return this.scene.services.sympa.include(this.handle)
  }

  /** The first moderator's answer to the request that a message waits for, by mail to the list engine. */
  async answersModeration(mail: Mail, word: "DISTRIBUTE" | "REJECT"): Promise<void> {
    await this.sendCommand(this.moderator, await this.moderationAnswer(mail, word))
  }

  private async moderationAnswer(mail: Mail, word: "DISTRIBUTE" | "REJECT"): Promise<string> {
    return `${word} ${this.fixture.name} ${await this.moderationKey(mail)}`
  }

  /** The key in the request that the first moderator gets for a message. */
  async moderationKey({ id }: Mail): Promise<string> {
    const request = await this.scene.receives(this.moderator, `a request to moderate ${id}`, ({ raw }) =>
      new RegExp(`${id}\\b`).test(raw) && /DISTRIBUTE/i.test(raw))
    return keyIn(request.raw)
  }

  /** Sends a command to the list engine, as an account or as a stranger. */
  async sendCommand(from: Credentials | string, command: string): Promise<Mail> {
    return this.scene.send(commandLetter(from, command))
  }

  /** Posts a later message in the way that this kind of list always lets through, and waits for it at every member. */
  async passMarker(): Promise<void> {
    const { scene } = this
    const isWorkingGroup = this.fixture.kind === "groupe-de-travail"
    const from = isWorkingGroup ? [...this.members][0]! : this.fixture.kind === "institutionnelle" ? this.owner : this.moderator
    const marker = await scene.sendMarker({ from, to: [this.address] })
    if (marker.accepted.length === 0) throw new StillNotTrue(`A later, harmless post (${marker.id}) to ${this.address} was refused`)
    if (this.fixture.kind === "gouvernementale") {
      await scene.sendMarker(commandLetter(this.moderator, await this.moderationAnswer(marker, "DISTRIBUTE")))
    }
    await scene.awaitCopies(marker.id, [...this.members])
  }

  private agents(agents: readonly Agent[]): Agent[] {
    return agents.map((agent) => ({ ...agent, academy: this.academy }))
  }
}

function commandLetter(from: Credentials | string, command: string): Letter {
  return { from, to: [`sympa@${listDomain}`], subject: "commande", text: `${command}\n` }
}

/** The key of `DISTRIBUTE list key` in a moderation request, in a link or in plain words, in quoted-printable or not. */
export function keyIn(raw: string): string {
  const text = raw.replaceAll(/=\r?\n/g, "").replaceAll("=20", " ").replaceAll("%20", " ")
  const key = /DISTRIBUTE\s+\S+\s+([0-9a-f]{32}|[A-Za-z0-9]{10,})/i.exec(text)?.[1]
  if (key === undefined) throw new StillNotTrue("the moderation request names no key to DISTRIBUTE with")
  return key
}
