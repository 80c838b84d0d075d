import { academies } from "../fixtures/academies.ts"
import { functionalAddress } from "../fixtures/functional-addresses.ts"
import { list as listFixture } from "../fixtures/lists.ts"
import { people } from "../fixtures/people.ts"
import { StartedDirectoryContainer } from "../lab/directory.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { InputError } from "../lab/failure.ts"
import type { LabHandle } from "../lab/handle.ts"
import { StartedMariaDbContainer } from "../lab/mariadb.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import type { LoadProfile, LoadStream, ScriptStream } from "./load-profile.ts"

/** Mail domain of the platform's mailboxes. */
const mailDomain = "education.test"

/** A stream whose sender, recipients and list exist. */
export interface PreparedStream {
  stream: LoadStream
  sender: Credentials
  /** Who must get its messages, in the order in which direct mail goes round. */
  recipients: readonly string[]
  /** The addresses that the messages go to, in the same order, where they are others: aliases of `recipients`. */
  aliases?: readonly string[]
  /** Name of that audience in the ledger: the list's address, or the stream's name. */
  audience: string
  /** The list's address, or `direct`. */
  target: string
  /** Who accepts what waits at that list, where its mail waits. */
  moderator: Credentials | null
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
  const mariadb = new StartedMariaDbContainer(handle)
  try {
    const prepared: PreparedStream[] = []
    for (const [index, stream] of streams.entries()) {
      const place = { seed: seed + index, mark: `${mark}${index.toString(36)}`, mariadb, handle }
      prepared.push(stream.target.kind === "list" ? await prepareList(stream, stream.target, place) : await prepareDirect(stream, place))
    }
    return prepared
  } finally {
    await mariadb.close()
  }
}

interface Place { seed: number; mark: string; mariadb: StartedMariaDbContainer; handle: LabHandle }

async function prepareList(
  stream: LoadStream, { list: name, members }: Extract<LoadStream["target"], { kind: "list" }>, { seed, mark, mariadb, handle }: Place,
): Promise<PreparedStream> {
  const sympa = new StartedSympaContainer(handle)
  const fixture = listFixture(name, { domain: mailDomain, mark })
  const accounts = await Promise.all([...fixture.owners, ...fixture.moderators].map((address) => makeAccount(mariadb, address, mark)))
  const moderator = fixture.kind === "institutionnelle" ? null : accounts[fixture.owners.length]!
  const subscribers = academyPeople({ seed, mark, each: Math.ceil(members / academies.length) }).slice(0, members)
  const list = await makeList().finally(() => sympa.close())
  async function makeList() {
    const made = await sympa.createList(fixture)
    await sympa.subscribe(made, subscribers)
    return made
  }
  return {
    stream, sender: accounts[0]!, recipients: subscribers.map(({ address }) => address), audience: list.address, target: list.address, moderator,
  }
}

async function prepareDirect(stream: LoadStream, { seed, mark, mariadb, handle }: Place): Promise<PreparedStream> {
  const { name, target } = stream
  const sender = await makeAccount(mariadb, senderAddress(stream, { seed, mark }), mark)
  const recipients = target.kind === "mailboxes"
    ? people({ seed, count: target.count, domain: mailDomain, mark })
    : academyPeople({ seed, mark, each: target.kind === "list" ? 0 : target.each })
  if (target.kind === "mailboxes") await Promise.all(recipients.map(({ address }) => makeAccount(mariadb, address, mark)))
  const prepared = { stream, sender, recipients: recipients.map(({ address }) => address), audience: name, target: "direct", moderator: null }
  return target.kind === "aliases" ? { ...prepared, aliases: await makeAliases(prepared.recipients, target.source, { mark, mariadb, handle }) } : prepared
}

/** One alias for each address, in their order. */
async function makeAliases(
  targets: readonly string[], source: "database" | "directory", { mark, mariadb, handle }: Pick<Place, "mark" | "mariadb" | "handle">,
): Promise<string[]> {
  const pairs = targets.map((target, index) => ({ address: `alias-${index}.${mark}@${mailDomain}`, target }))
  if (source === "directory") {
    await new StartedDirectoryContainer(handle).addAliases(pairs.map(({ address, target }) => ({ addresses: [address], targets: [target] })))
  } else await mariadb.insert("INSERT INTO staff.alias (source, target) VALUES ?", pairs.map(({ address, target }) => [address, target]), "aliases of a load")
  return pairs.map(({ address }) => address)
}

async function makeAccount(mariadb: StartedMariaDbContainer, address: string, mark: string): Promise<Credentials> {
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
      .map(({ stream, recipients, aliases = recipients }) => [`${stream.name}.txt`, `${aliases.join("\n")}\n`])),
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
