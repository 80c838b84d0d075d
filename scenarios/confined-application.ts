import { secretOf } from "../lab/lab-secret.ts"
import { ClaimFailed } from "./claim-failed.ts"
import type { Services } from "./services.ts"
import { replyOf, SmtpDialog, type Reply } from "./smtp-dialog.ts"

/** Mail domain of CONFINEMENT's trees and logins. */
export const confinedDomain = "confinement.test"

/** Applications under test of the shipped releases: two with a login, one known by its server, and the jobs of the relay itself. */
export type ApplicationName = "notes" | "inscriptions" | "bourses" | "exploitation"

/** A message as an application hands it in. */
export interface ConfinedLetter {
  from: ApplicationName
  /** As they are said between the angle brackets; octets as latin1. */
  recipients: readonly string[]
  /** Between the angle brackets of MAIL; empty for the null sender. */
  sender: string
  /** The whole message, lines ended by CR LF; octets as latin1. */
  data: string
  /** Parameters of MAIL, for example `BODY=8BITMIME`. */
  mailParameters?: string
  /** Parameters of each RCPT, for example `NOTIFY=SUCCESS`. */
  recipientParameters?: string
}

/** What became of it in the dialog. */
export interface ConfinedMail {
  id: string
  from: ApplicationName
  sender: string
  accepted: string[]
  refused: { recipient: string; reply: Reply }[]
  /** What was said to the whole of it where it was refused. */
  refusal?: Reply
}

/** The address of an application's login, and of its tree. */
export function treeOf(application: string): string {
  return `${application}@${confinedDomain}`
}

/** A login of CONFINEMENT with the password that this lab made for it. */
export function login(services: Services, name: string, secret: string): { address: string; password: string } {
  return { address: treeOf(name), password: secretOf(services.handle, secret) }
}

/** Hands a letter in as its application does: with its login on 587, from its own server on 25, or by sendmail. */
export async function handIn(services: Services, id: string, letter: ConfinedLetter): Promise<ConfinedMail> {
  if (letter.from === "bourses") return fromItsServer(services, id, letter)
  if (letter.from === "exploitation") return bySendmail(services, id, letter)
  const dialog = await SmtpDialog.asAccount(services.postfix.submissionFor(login(services, letter.from, `application-${letter.from}`)))
  try {
    return await inDialog(dialog, id, letter)
  } finally {
    dialog.close()
  }
}

/** One transaction of a dialog that is open. */
export async function inDialog(dialog: SmtpDialog, id: string, letter: ConfinedLetter): Promise<ConfinedMail> {
  const { from, sender, recipients, data, mailParameters, recipientParameters } = letter
  const mail: ConfinedMail = { id, from, sender, accepted: [], refused: [] }
  const started = await dialog.say(`MAIL FROM:<${sender}>${mailParameters ? ` ${mailParameters}` : ""}`)
  if (started.code !== 250) return { ...mail, refusal: started }
  for (const recipient of recipients) {
    const reply = await dialog.say(`RCPT TO:<${recipient}>${recipientParameters ? ` ${recipientParameters}` : ""}`)
    if (reply.code === 250) mail.accepted.push(recipient)
    else mail.refused.push({ recipient, reply })
  }
  if (mail.accepted.length === 0) return mail
  const go = await dialog.say("DATA")
  const ended = go.code === 354 ? await dialog.sendRaw(`${data.replaceAll(/^\./gm, "..")}\r\n.\r\n`) : go
  return ended.code === 250 ? mail : { ...mail, accepted: [], refusal: ended }
}

async function fromItsServer(services: Services, id: string, letter: ConfinedLetter): Promise<ConfinedMail> {
  const { from, sender, recipients, data, mailParameters } = letter
  const { failure, accepted, refused, replies } = await services.internet.send({
    host: services.postfix.node.hostname, sender, recipients: [...recipients], data,
    ...mailParameters === undefined ? {} : { mailParameters },
  })
  if (failure !== null) throw new ClaimFailed(`The relay broke off the dialog for ${id} from <${sender}>: ${failure}`)
  const whole = replies.find(({ command, code }) => code >= 400 && /^(MAIL|DATA|\(message\))/.test(command))
  return {
    id, from, sender, accepted, refused: refused.map(({ recipient, code, text }) => ({ recipient, reply: replyOf(code, text) })),
    ...whole ? { refusal: replyOf(whole.code, whole.text) } : {},
  }
}

async function bySendmail(services: Services, id: string, { from, sender, recipients, data }: ConfinedLetter): Promise<ConfinedMail> {
  await services.postfix.run(["sendmail", "-i", "-f", sender, "--", ...recipients], { input: `${data.replaceAll("\r\n", "\n")}\n` })
  return { id, from, sender, accepted: [...recipients], refused: [] }
}
