import { academies } from "../fixtures/academies.ts"
import { functionalAddress } from "../fixtures/functional-addresses.ts"
import { list as listFixture } from "../fixtures/lists.ts"
import { people } from "../fixtures/people.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { InputError } from "../lab/failure.ts"
import type { LabHandle } from "../lab/handle.ts"
import { secretOf } from "../lab/lab-secret.ts"
import { StartedMariaDbContainer } from "../lab/mariadb.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import type { LoadProfile, LoadStream, ScriptStream } from "./load-profile.ts"

/** Mail domain of the platform's mailboxes. */
const mailDomain = "education.test"
/** Mail domain of CONFINEMENT's trees and logins. */
const confinedDomain = "confinement.test"

/** A stream whose sender, recipients and list exist. */
export interface PreparedStream {
  stream: LoadStream
  sender: Credentials
  /** Who must get its messages, in the order in which direct mail goes round. */
  recipients: readonly string[]
  /** Name of that audience in the ledger: the list's address, or the stream's name. */
  audience: string
  /** The list's address, or `direct`. */
  target: string
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
  checkStreams(name, streams)
  await using servers = new Servers(handle)
  const prepared: PreparedStream[] = []
  for (const [index, stream] of streams.entries()) {
    const place = { seed: seed + index, mark: `${mark}${index.toString(36)}`, servers }
    prepared.push(await prepare(stream, place))
  }
  return prepared
}

interface Place { seed: number; mark: string; servers: Servers }

async function prepare(stream: LoadStream, place: Place): Promise<PreparedStream> {
  switch (stream.target.kind) {
    case "list": return prepareList(stream, stream.target, place)
    case "kept": return prepareKept(stream, stream.target, place)
    default: return prepareDirect(stream, place)
  }
}

/** The servers on which people and lists are made. A platform need not have all of them: each is made when it is asked for first. */
class Servers implements AsyncDisposable {
  readonly handle: LabHandle
  private database: StartedMariaDbContainer | undefined
  private engine: StartedSympaContainer | undefined
  constructor(handle: LabHandle) {
    this.handle = handle
  }

  get mariadb(): StartedMariaDbContainer { return this.database ??= new StartedMariaDbContainer(this.handle) }
  get sympa(): StartedSympaContainer { return this.engine ??= new StartedSympaContainer(this.handle) }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.database?.close(), this.engine?.close()])
  }
}

async function prepareList(
  stream: LoadStream, { list: name, members }: Extract<LoadStream["target"], { kind: "list" }>, { seed, mark, servers }: Place,
): Promise<PreparedStream> {
  const fixture = listFixture(name, { domain: mailDomain, mark })
  const accounts = await Promise.all([...fixture.owners, ...fixture.moderators].map((address) => makeAccount(servers, address, mark)))
  const moderator = fixture.kind === "institutionnelle" ? null : accounts[fixture.owners.length]!
  const list = await servers.sympa.createList(fixture)
  const subscribers = academyPeople({ seed, mark, each: Math.ceil(members / academies.length) }).slice(0, members)
  await servers.sympa.subscribe(list, subscribers)
  return {
    stream, sender: accounts[0]!, recipients: subscribers.map(({ address }) => address), audience: list.address, target: list.address, moderator,
    tree: null,
  }
}

async function prepareDirect(stream: LoadStream, { seed, mark, servers }: Place): Promise<PreparedStream> {
  const { name, target } = stream
  const sender = await makeAccount(servers, senderAddress(stream, { seed, mark }), mark)
  const recipients = target.kind === "mailboxes"
    ? people({ seed, count: target.count, domain: mailDomain, mark })
    : academyPeople({ seed, mark, each: target.kind === "academies" ? target.each : 0 })
  if (target.kind === "mailboxes") await Promise.all(recipients.map(({ address }) => makeAccount(servers, address, mark)))
  return { stream, sender, recipients: recipients.map(({ address }) => address), audience: name, target: "direct", moderator: null, tree: null }
}

/** The application, its login and its tree are the release's own. */
async function prepareKept(
  stream: LoadStream, { application, each }: Extract<LoadStream["target"], { kind: "kept" }>, { seed, mark, servers }: Place,
): Promise<PreparedStream> {
  const tree = `${application}@${confinedDomain}`
  return {
    stream, sender: { address: tree, password: secretOf(servers.handle, `application-${application}`) },
    recipients: academyPeople({ seed, mark, each }).map(({ address }) => address), audience: stream.name, target: "direct", moderator: null, tree,
  }
}

async function makeAccount({ mariadb }: Servers, address: string, mark: string): Promise<Credentials> {
  const account = { address, password: `motdepasse-${mark}` }
  await mariadb.createMailbox(account)
  return account
}

/** The same number of people in each academy, one academy after the other with each person. */
function academyPeople({ seed, mark, each }: { seed: number; mark: string; each: number }): { address: string; givenName: string; familyName: string }[] {
  const byAcademy = academies.map(({ domain }, index) => people({ seed: seed + index, count: each, domain, mark }))
  return Array.from({ length: each }, (_, place) => byAcademy.map((list) => list[place]!)).flat()
}

function senderAddress({ senderClass }: LoadStream, { seed, mark }: { seed: number; mark: string }): string {
  switch (senderClass) {
    case "institution": return functionalAddress("ce.dgesco", { domain: mailDomain, mark })
    case "minister": return functionalAddress("ce.cabinet", { domain: mailDomain, mark })
    case "union": return `syndicat.${mark}@${mailDomain}`
    case "application": return `application.${mark}@${mailDomain}`
    case "person": return people({ seed, count: 1, domain: mailDomain, mark: `${mark}x` })[0]!.address
  }
}

/** What the k6 script gets: `streams.json` and the files of recipients. */
export function scriptFiles(prepared: readonly PreparedStream[]): Record<string, string> {
  const script = prepared.map(({ stream, sender, target }): ScriptStream => ({
    name: stream.name, sender: sender.address, password: sender.password, target,
    to: target === "direct" ? { file: `${stream.name}.txt` } : { list: target },
    messages: stream.messages, perSecond: stream.perSecond, startSeconds: stream.startSeconds ?? 0,
    bytes: stream.bytes, vus: stream.vus,
  }))
  return {
    "streams.json": JSON.stringify(script),
    ...Object.fromEntries(prepared.filter(({ target }) => target === "direct")
      .map(({ stream, recipients }) => [`${stream.name}.txt`, `${recipients.join("\n")}\n`])),
  }
}

/** k6 takes no duration below a second, and an owner writes to no working group: its members write to each other. */
export function checkStreams(profile: string, streams: readonly LoadStream[]): void {
  const names = streams.map(({ name }) => name)
  const wrong = streams.length === 0 ? "has no stream"
    : new Set(names).size < names.length ? "has two streams of one name"
    : streams.map((stream) => wrongIn(stream)).find((one) => one !== undefined)
  if (wrong === undefined) return
  throw new InputError(`The profile ${profile} ${wrong}`, { where: `load/profiles/${profile}.ts`, remedy: "correct that stream" })
}

function wrongIn({ name, target, messages, perSecond, vus }: LoadStream): string | undefined {
  if (!/^[a-z0-9]{1,20}$/.test(name)) return `has a stream ${JSON.stringify(name)}: 1 to 20 small letters and digits make a name`
  if (!Number.isInteger(messages) || messages < 1 || !(perSecond > 0) || !Number.isInteger(vus) || vus < 1) {
    return `asks stream ${name} for ${messages} messages, ${perSecond} a second, from ${vus} users: all must be more than 0`
  }
  if ((messages - 0.5) / perSecond < 1) return `gives stream ${name} less than a second: lower its rate`
  if (target.kind === "list" && listFixture(target.list, { domain: mailDomain }).kind === "groupe-de-travail") {
    return `sends to list ${target.list}, a working group, in which its owner is nobody: use a list of another kind`
  }
  return undefined
}
