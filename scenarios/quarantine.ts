import type { Credentials } from "../lab/dovecot.ts"
import { eventually } from "../lab/eventually.ts"
import type { ReadMail } from "./inbox.ts"
import type { Letter, Mail } from "./letter.ts"
import { mailDomain, type Scene } from "./scene.ts"
import type { Services } from "./services.ts"

const folder = "/etc/dovecot/quarantine"
/** The shortened wait of greylisting, with room. */
const comesAgainMsMax = 15_000
const tree = "/var/mail/vhosts/.quarantine"

/** Holds a message whatever its points: a file that runs when it is opened. */
export function program(name = "facture.js"): { filename: string; content: Buffer } {
  return { filename: name, content: Buffer.from("// rien\n") }
}

/** Sends a message that is held; one that is put off comes again, as mail servers do. Returns once it is held for all. */
export async function sendHeld(scene: Scene, letter: Letter | ((id: string) => Letter)): Promise<Mail> {
  const id = scene.nextId()
  const mail = await eventually("the message is taken when it comes again", async () => {
    const sent = await scene.send(typeof letter === "function" ? letter(id) : letter, id)
    return (sent.accepted.length > 0 || (sent.refusal?.reply.code ?? 0) >= 500) && sent
  }, { withinMs: comesAgainMsMax })
  await scene.awaitCopies(id, mail.accepted)
  return mail
}

/** Addresses for which a message is held. */
export async function heldFor({ dovecot }: Services, { id }: Pick<Mail, "id">): Promise<string[]> {
  return (await dovecot.copiesOf(id)).filter((copy) => copy.folder === "quarantine").map(({ address }) => address)
}

/** Addresses in whose mailbox, any folder of it, a message is, once for each copy. */
export async function readableBy({ dovecot }: Services, { id }: Pick<Mail, "id">): Promise<string[]> {
  return (await dovecot.copiesOf(id)).filter((copy) => copy.folder !== "quarantine").map(({ address }) => address)
}

/** What cron does at 7 and at 19 h. */
export async function makeReports({ dovecot }: Services): Promise<void> {
  await dovecot.run([`${folder}/report`])
}

/** What cron does each night. */
export async function expireHeld({ dovecot }: Services): Promise<void> {
  await dovecot.run([`${folder}/expire`])
}

/** Waits for the report that names a message's subject. */
export async function reportOf(scene: Scene, person: Credentials, { subject }: Pick<Mail, "subject">): Promise<ReadMail> {
  return scene.receives(person, `a report of ${subject}`, ({ parsed }) => isReport(parsed.subject) && (parsed.text ?? "").includes(subject))
}

export function isReport(subject: string | undefined): boolean {
  return subject?.startsWith("Messages retenus") ?? false
}

/** The address to which a demand for that message goes, as the report says it. */
export function demandAddress({ parsed }: ReadMail, { subject }: Pick<Mail, "subject">): string {
  const part = (parsed.text ?? "").split(/\n\s*\n/).find((lines) => lines.includes(subject)) ?? ""
  return /liberation\+[0-9a-f]+@\S+/.exec(part)?.[0] ?? `liberation+nothing@${mailDomain}`
}

/** Asks for a held message as the report says, by mail from this account. */
export async function demands(scene: Scene, person: Credentials, address: string): Promise<Mail> {
  return scene.send({ from: person, to: [address], subject: "oui", text: "oui\n" })
}

/** The lines about a message, by its Message-ID or the name under which it is held, oldest first. */
export async function journalOf({ dovecot }: Services, text: string): Promise<string[]> {
  return (await dovecot.run([`${folder}/operator`, "journal"])).split("\n").filter((line) => line.includes(text))
}

/** What an operator sees of a person's held messages: the name of each, and its Message-ID. */
export async function listHeld({ dovecot }: Services, person: string): Promise<{ name: string; messageId: string }[]> {
  const [, ...lines] = (await dovecot.run([`${folder}/operator`, "list", person])).split("\n").filter(Boolean)
  return lines.map((line) => line.split("\t")).map(([name, , messageId]) => ({ name: name!, messageId: messageId! }))
}

export async function operatorReleases({ dovecot }: Services, operator: string, person: string, name: string): Promise<void> {
  await dovecot.run([`${folder}/operator`, "release", operator, person, name])
}

/** What the scanner says of a text now, as it is asked before a release. */
export async function isVirus({ dovecot }: Services, text: string): Promise<boolean> {
  return (await dovecot.exec([`${folder}/scan`], { input: text })).exitCode === 1
}

/** Makes a held message as old as if it had come so many days ago. */
export async function age({ dovecot }: Services, person: string, name: string, days: number): Promise<void> {
  const [user, domain] = person.split("@")
  await dovecot.run(["find", `${tree}/${domain}/${user}/.held`, "-name", `${name}*`, "-exec", "touch", `--date=${days * 24 * 60 + 5} minutes ago`, "{}", "+"])
}
