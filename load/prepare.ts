import { academies, type Academy } from "../fixtures/academies.ts"
import { functionalAddress } from "../fixtures/functional-addresses.ts"
import { list as listFixture } from "../fixtures/lists.ts"
import { people, type Person } from "../fixtures/people.ts"
import { StartedDirectoryContainer } from "../lab/directory.ts"
import type { Credentials } from "../lab/dovecot.ts"
import type { LabHandle } from "../lab/handle.ts"
import { secretOf } from "../lab/lab-secret.ts"
import { StartedMariaDbContainer } from "../lab/mariadb.ts"
import { platformOfRun } from "../lab/platform.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import { checkStreams } from "./check-streams.ts"
import type { LoadProfile, LoadStream, ScriptStream } from "./load-profile.ts"

/** A stream whose sender, recipients and list exist. */
export interface PreparedStream {
  stream: LoadStream
  /** One, but for answers, which come from several people in turn. */
  senders: readonly Credentials[]
  /** Who must get its messages, in the order in which direct mail goes round. */
  recipients: readonly string[]
  /** The addresses that the messages go to, in the same order, where they are others: aliases of `recipients`. */
  aliases?: readonly string[]
  /** Name of that audience in the ledger: the list's address, or the stream's name. */
  audience: string
  /** The list's address, `direct`, or for answers `nobody-<stream>`. */
  target: string
  /** Address that its messages are sent to; `null`: to each of its recipients in turn. */
  listAddress: string | null
  /** Who accepts what waits at that list, where its mail waits. */
  moderator: Credentials | null
  /** The mailbox in which all its copies are kept, whoever they are for; `null`: each recipient has its own. */
  tree: string | null
}

/**
 * Makes the senders, mailboxes and lists of a profile. `mark` (small letters and digits) is in all their names, so that no
 * two loads meet; people are the same for the same seed. Throws an InputError for a profile that cannot be, a LabFailure
 * where the platform does not make them.
 */
export async function prepareStreams(
  handle: LabHandle, { name, streams }: LoadProfile, { seed, mark }: { seed: number; mark: string },
): Promise<PreparedStream[]> {
  await using servers = new Servers(handle)
  return await prepareOn(servers, { name, streams }, { seed, mark })
}

/** The same on servers of any kind: for those who only want to know what there must be. */
export async function prepareOn(
  servers: LoadServers, { name, streams }: Pick<LoadProfile, "name" | "streams">, { seed, mark }: { seed: number; mark: string },
): Promise<PreparedStream[]> {
  checkStreams(name, streams)
  const prepared: PreparedStream[] = []
  const electors = electorate({ seed, mark: `${mark}e` })
  for (const [index, stream] of streams.entries()) {
    const place = { seed: seed + index, mark: `${mark}${index.toString(36)}`, servers, domain: servers.domain, electors, earlier: prepared }
    prepared.push(await prepare(stream, place))
  }
  return prepared
}

type TargetOf<Kind extends LoadStream["target"]["kind"]> = Extract<LoadStream["target"], { kind: Kind }>

/** The servers on which people and lists are made. */
export interface LoadServers {
  /** The platform's first mail domain, that of its people's mailboxes and logins. */
  readonly domain: string
  readonly mariadb: Pick<StartedMariaDbContainer, "createMailbox" | "createAlias">
  readonly directory: Pick<StartedDirectoryContainer, "addAliases">
  readonly sympa: Pick<StartedSympaContainer, "createList" | "subscribe">
  /** A password that the release itself brought. */
  secret: (name: string) => string
}

interface Place {
  seed: number; mark: string; servers: LoadServers
  domain: string
  /** The first so many electors of the load. */
  electors: (count: number) => readonly AcademyPerson[]
  earlier: readonly PreparedStream[]
}

export type AcademyPerson = Pick<Person, "address" | "givenName" | "familyName">

async function prepare(stream: LoadStream, place: Place): Promise<PreparedStream> {
  switch (stream.target.kind) {
    case "list": return prepareList(stream, stream.target, place)
    case "kept": return prepareKept(stream, stream.target, place)
    case "answers": return prepareAnswers(stream, stream.target, place)
    default: return prepareDirect(stream, place)
  }
}

/** Those of a lab. A platform need not have all of them: each is made when it is asked for first. */
class Servers implements LoadServers, AsyncDisposable {
  readonly domain: string
  private readonly handle: LabHandle
  private database: StartedMariaDbContainer | undefined
  private engine: StartedSympaContainer | undefined
  constructor(handle: LabHandle) {
    this.handle = handle
    this.domain = platformOfRun(handle.resultsFolder).domains[0]!
  }

  get mariadb(): StartedMariaDbContainer { return this.database ??= new StartedMariaDbContainer(this.handle) }
  get directory(): StartedDirectoryContainer { return new StartedDirectoryContainer(this.handle) }
  get sympa(): StartedSympaContainer { return this.engine ??= new StartedSympaContainer(this.handle) }

  secret(name: string): string {
    return secretOf(this.handle, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.database?.close(), this.engine?.close()])
  }
}

async function prepareList(
  stream: LoadStream, { list: name, members, electors: areElectors = false, atOnce = false }: TargetOf<"list">, { seed, mark, servers, domain, electors }: Place,
): Promise<PreparedStream> {
  const fixture = listFixture(name, { domain, mark })
  const accounts = await Promise.all([...fixture.owners, ...fixture.moderators].map((address) => makeAccount(servers, address, mark)))
  const moderator = atOnce || fixture.kind === "institutionnelle" ? null : accounts[fixture.owners.length]!
  const list = await servers.sympa.createList({ ...fixture, ...(atOnce ? { send: "auteurs" } : {}) })
  const subscribers = areElectors ? electors(members) : academyPeople({ seed, mark, each: Math.ceil(members / academies.length) }).slice(0, members)
  await servers.sympa.subscribe(list, subscribers)
  return {
    stream, senders: [accounts[0]!], recipients: subscribers.map(({ address }) => address), audience: list.address, target: list.address,
    listAddress: list.address, moderator, tree: null,
  }
}

/** Those who answer are members of the list as well, so that they get its message too. */
async function prepareAnswers(stream: LoadStream, { to, people: count }: TargetOf<"answers">, { seed, mark, servers, domain, earlier }: Place): Promise<PreparedStream> {
  const list = earlier.find((one) => one.stream.name === to)!
  const members = people({ seed, count, domain, mark })
  const senders = await Promise.all(members.map(({ address }) => makeAccount(servers, address, mark)))
  const [name = "", robot = ""] = list.target.split("@")
  await servers.sympa.subscribe({ address: list.target, name, robot }, members)
  list.recipients = [...list.recipients, ...members.map(({ address }) => address)]
  const target = `nobody-${stream.name}`
  return { stream, senders, recipients: [], audience: target, target, listAddress: list.target, moderator: null, tree: null }
}

async function prepareDirect(stream: LoadStream, place: Place): Promise<PreparedStream> {
  const { seed, mark, servers, domain, earlier } = place
  const { name, target, senderOf } = stream
  const senders = earlier.find((one) => one.stream.name === senderOf)?.senders ?? [await makeAccount(servers, senderAddress(stream, { seed, mark, domain }), mark)]
  const recipients = directRecipients(target, place)
  if (target.kind === "mailboxes") await Promise.all(recipients.map(({ address }) => makeAccount(servers, address, mark)))
  const prepared = {
    stream, senders, recipients: recipients.map(({ address }) => address), audience: name, target: "direct", listAddress: null, moderator: null, tree: null,
  }
  return target.kind === "aliases" ? { ...prepared, aliases: await makeAliases(prepared.recipients, target.source, place) } : prepared
}

/** One alias for each address, in their order. */
async function makeAliases(
  targets: readonly string[], source: "database" | "directory", { mark, domain, servers }: Pick<Place, "mark" | "domain" | "servers">,
): Promise<string[]> {
  const pairs = targets.map((target, index) => ({ address: `alias-${index}.${mark}@${domain}`, target }))
  if (source === "directory") {
    await servers.directory.addAliases(pairs.map(({ address, target }) => ({ addresses: [address], targets: [target] })))
  } else {
    for (const { address, target } of pairs) await servers.mariadb.createAlias(address, target)
  }
  return pairs.map(({ address }) => address)
}

function directRecipients(target: LoadStream["target"], { seed, mark, domain, electors }: Place): readonly AcademyPerson[] {
  switch (target.kind) {
    case "mailboxes": return people({ seed, count: target.count, domain, mark })
    case "electors": return electors(target.count)
    case "aliases": return academyPeople({ seed, mark, each: target.each })
    case "academies": {
      const { each, only, except = [] } = target
      return academyPeople({ seed, mark, each, among: academies.filter(({ shortName }) => (only?.includes(shortName) ?? true) && !except.includes(shortName)) })
    }
    default: return []
  }
}

/** The application, its login and its tree are the release's own. */
async function prepareKept(
  stream: LoadStream, { application, each }: TargetOf<"kept">, { seed, mark, servers, domain }: Place,
): Promise<PreparedStream> {
  const tree = `${application}@${domain}`
  return {
    stream, senders: [{ address: tree, password: servers.secret(`application-${application}`) }],
    recipients: academyPeople({ seed, mark, each }).map(({ address }) => address), audience: stream.name, target: "direct", listAddress: null,
    moderator: null, tree,
  }
}

async function makeAccount({ mariadb }: LoadServers, address: string, mark: string): Promise<Credentials> {
  const account = { address, password: `motdepasse-${mark}` }
  await mariadb.createMailbox(account)
  return account
}

/** The same number of people in each academy, one academy after the other with each person. */
export function academyPeople(
  { seed, mark, each, among = academies }: { seed: number; mark: string; each: number; among?: readonly Academy[] },
): AcademyPerson[] {
  const byAcademy = among.map(({ domain }, index) => people({ seed: seed + index, count: each, domain, mark }))
  return Array.from({ length: each }, (_, place) => byAcademy.map((list) => list[place]!)).flat()
}

/** The electors of one load: made once, for the largest number that was asked for so far; the first ones stay the same. */
function electorate({ seed, mark }: { seed: number; mark: string }): Place["electors"] {
  let made: AcademyPerson[] = []
  return (count) => {
    if (count > made.length) made = academyPeople({ seed, mark, each: Math.ceil(count / academies.length) })
    return made.slice(0, count)
  }
}

function senderAddress({ senderClass }: LoadStream, { seed, mark, domain }: Pick<Place, "seed" | "mark" | "domain">): string {
  switch (senderClass) {
    case "institution": return functionalAddress("ce.dgesco", { domain, mark })
    case "minister": return functionalAddress("ce.cabinet", { domain, mark })
    case "union": return `syndicat.${mark}@${domain}`
    case "application": return `application.${mark}@${domain}`
    case "person": return people({ seed, count: 1, domain, mark: `${mark}x` })[0]!.address
  }
}

/** What the k6 script gets: `streams.json` and the files of recipients. */
export function scriptFiles(prepared: readonly PreparedStream[]): Record<string, string> {
  const lent = new Set(prepared.flatMap(({ stream: { senderOf } }) => senderOf ?? []))
  const script = prepared.map(({ stream, senders, target, listAddress }): ScriptStream => ({
    name: stream.name, senders, target, to: listAddress === null ? { file: `${stream.name}.txt` } : { list: listAddress },
    messages: stream.messages, perSecond: stream.perSecond, startSeconds: stream.startSeconds ?? 0,
    bytes: stream.bytes, vus: stream.vus, headers: stream.headers ?? {}, ends: stream.senderOf !== undefined || lent.has(stream.name),
  }))
  return {
    "streams.json": JSON.stringify(script),
    ...Object.fromEntries(prepared.filter(({ target }) => target === "direct")
      .map(({ stream, recipients, aliases = recipients }) => [`${stream.name}.txt`, `${aliases.join("\n")}\n`])),
  }
}
