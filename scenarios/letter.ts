import { createTransport, type SendMailOptions } from "nodemailer"
import { academies } from "../fixtures/academies.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { ClaimFailed } from "./claim-failed.ts"
import type { Services } from "./services.ts"
import { replyOf, type Reply } from "./smtp-dialog.ts"

/** A message to be written. */
export interface Letter {
  /** An account submits on 587 with its login; an address alone comes on 25: from its academy's server, or as a stranger. */
  from: Credentials | string
  /** Envelope recipients, and the To header. */
  to: readonly string[]
  /** Envelope sender where it is not the From address; `""` is the null sender. */
  sender?: string
  subject?: string
  /** The body as it is; without it, a greeting with the id, so that the content can be told apart. */
  text?: string
  headers?: Record<string, string>
  attachments?: NonNullable<SendMailOptions["attachments"]>
  messageId?: string
  /** The whole message instead of all that: `X-Recette-Id` must be among its headers. */
  raw?: Buffer
}

/** A message that was handed to the platform, or refused by it. */
export interface Mail {
  id: string
  sender: string
  recipients: readonly string[]
  subject: string
  text: string
  messageId: string
  accepted: string[]
  /** Recipients refused at RCPT, with the reply. */
  refused: { recipient: string; reply: Reply }[]
  /** Reply that refused the message as a whole (greeting, AUTH, MAIL or the final dot). */
  refusal?: { step: string; reply: Reply }
}

interface SmtpError extends Error {
  code?: string
  command?: string
  response?: string
  responseCode?: number
  recipient?: string
  rejectedErrors?: SmtpError[]
}

const waitMsMax = 30_000

/**
 * Hands a letter to the platform and returns what it replied, a refusal included.
 * Throws ClaimFailed where the dialog broke off although the server is there, and a LabFailure where it is not.
 */
export async function post(services: Services, id: string, letter: Letter): Promise<Mail> {
  const isAccount = typeof letter.from !== "string"
  const author = isAccount ? (letter.from as Credentials).address : letter.from as string
  const mail: Mail = {
    id, sender: letter.sender ?? author, recipients: letter.to, accepted: [], refused: [],
    subject: letter.subject ?? `Message ${id}`, text: letter.text ?? `Bonjour,\n\nceci est le message ${id}.\n`,
    messageId: letter.messageId ?? `<${id}@recette.example.test>`,
  }
  const academy = isAccount ? undefined : academies.find(({ domain }) => author.toLowerCase().endsWith(`@${domain}`))
  if (academy) return sendFromAcademy(services, mail, academy.domain, optionsFor(letter, mail, author))
  // A stranger does not verify certificates (RFC 7435); an account does.
  const endpoint = isAccount
    ? services.postfix.submissionFor(letter.from as Credentials)
    : { ...services.postfix.smtpFor(), tls: { rejectUnauthorized: false } }
  const transport = createTransport({
    ...endpoint, connectionTimeout: waitMsMax, greetingTimeout: waitMsMax, socketTimeout: waitMsMax,
  })
  try {
    const info = await transport.sendMail(optionsFor(letter, mail, author))
    mail.accepted = info.accepted.map(String)
    mail.refused = refusedIn(info as { rejectedErrors?: SmtpError[] })
    return mail
  } catch (error) {
    return await refusedMail(services, mail, error as SmtpError)
  } finally {
    transport.close()
  }
}

/** An agent's message comes from the academy's own server, at its address and in its name. */
async function sendFromAcademy(services: Services, mail: Mail, domain: string, options: SendMailOptions): Promise<Mail> {
  const written = await createTransport({ streamTransport: true, buffer: true }).sendMail(options)
  const { failure, accepted, refused, replies } = await services.academies.send({
    from: domain, host: services.postfix.node.hostname, sender: mail.sender, recipients: [...mail.recipients],
    data: (written.message as Buffer).toString("utf8"),
  })
  if (failure !== null) {
    await services.postfix.run(["/ready.sh"])
    throw new ClaimFailed(`The edge broke off the dialog for ${mail.id} from <${mail.sender}>: ${failure}`)
  }
  const whole = replies.find(({ command, code }) => code >= 400 && /^(MAIL|DATA|\(message\))/.test(command))
  if (whole) return { ...mail, refusal: { step: whole.command.split(":")[0]!, reply: replyOf(whole.code, whole.text) } }
  return { ...mail, accepted, refused: refused.map(({ recipient, code, text }) => ({ recipient, reply: replyOf(code, text) })) }
}

function optionsFor(letter: Letter, mail: Mail, author: string): SendMailOptions {
  const envelope = { from: mail.sender, to: [...letter.to] }
  if (letter.raw) return { envelope, raw: letter.raw }
  return {
    envelope, from: author, to: [...letter.to], subject: mail.subject, text: mail.text, messageId: mail.messageId,
    headers: { "X-Recette-Id": mail.id, ...letter.headers },
    ...(letter.attachments ? { attachments: letter.attachments } : {}),
  }
}

async function refusedMail(services: Services, mail: Mail, error: SmtpError): Promise<Mail> {
  const refused = refusedIn(error)
  if (refused.length > 0) return { ...mail, refused }
  if (error.responseCode !== undefined) {
    return { ...mail, refusal: { step: error.command ?? "the greeting", reply: replyIn(error) } }
  }
  // Throws a LabFailure where the edge itself is gone.
  await services.postfix.run(["/ready.sh"])
  throw new ClaimFailed(
    `The edge broke off the dialog for ${mail.id} from <${mail.sender}> (${error.code ?? error.name}): ${error.message}`,
    { cause: error })
}

function refusedIn({ rejectedErrors = [] }: { rejectedErrors?: SmtpError[] }): Mail["refused"] {
  return rejectedErrors.map((error) => ({ recipient: error.recipient ?? "", reply: replyIn(error) }))
}

function replyIn({ responseCode = 0, response = "" }: SmtpError): Reply {
  return replyOf(responseCode, response.replace(/^\d{3}[ -]/, ""))
}
