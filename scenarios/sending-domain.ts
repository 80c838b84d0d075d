import { generateKeyPairSync } from "node:crypto"
import { createTransport, type SendMailOptions } from "nodemailer"
import type { SendOutcome } from "../lab/world/smtp-client.ts"
import type { Scene } from "./scene.ts"

const ttl = 5
const selector = "s1"
const textOctetsMax = 255

/** What a domain elsewhere says of itself. `{ip}` in `spf` is the address of the internet's server. */
export interface DomainPolicy { spf?: string; dmarc?: string; /** Publishes a key and signs with it. */ signs?: boolean }

/** A message out of the internet's server. */
export interface Outgoing {
  to: readonly string[]
  /** Envelope sender; the From address without it. */
  sender?: string
  subject?: string
  text?: string
  html?: string
  headers?: Record<string, string>
  attachments?: NonNullable<SendMailOptions["attachments"]>
  /** Changes the message after it was signed. */
  tamper?: (written: string) => string
}

/**
 * A domain elsewhere on the internet, of one scenario alone, with a server that mail can come from: the lab's internet.
 * Its records stay in the lab's DNS; nobody else has its name.
 */
export class SendingDomain {
  readonly name: string
  /** Its one author. */
  readonly author: string
  private readonly scene: Scene
  private readonly privateKey: string | undefined

  private constructor(scene: Scene, name: string, privateKey: string | undefined) {
    this.scene = scene
    this.name = name
    this.author = `redaction@${name}`
    this.privateKey = privateKey
  }

  static async make(scene: Scene, label: string, { spf, dmarc, signs = false }: DomainPolicy = {}): Promise<SendingDomain> {
    const { dns, internet } = scene.services
    const { address, hostname } = internet.node
    const name = `${label}-${scene.token}.test`
    const pair = signs ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : undefined
    const publicKey = pair?.publicKey.export({ type: "spki", format: "der" }).toString("base64")
    await dns.setRecords(name, [
      { type: "A", ttl, data: address }, { type: "MX", ttl, data: { preference: 10, exchange: hostname } },
      ...spf ? [{ type: "TXT", ttl, data: [spf.replace("{ip}", `ip4:${address}`)] }] : [],
    ])
    if (dmarc) await dns.setRecords(`_dmarc.${name}`, [{ type: "TXT", ttl, data: [dmarc] }])
    if (publicKey) await dns.setRecords(`${selector}._domainkey.${name}`, [{ type: "TXT", ttl, data: strings(`v=DKIM1; k=rsa; p=${publicKey}`) }])
    return new SendingDomain(scene, name, pair?.privateKey.export({ type: "pkcs8", format: "pem" }).toString())
  }

  /** Sends a message and returns its id and what the edge answered. */
  async send(outgoing: Outgoing): Promise<{ id: string; outcome: SendOutcome }> {
    const id = this.scene.nextId()
    const { postfix, internet } = this.scene.services
    const data = await this.written(id, outgoing)
    const outcome = await internet.send({
      host: postfix.node.hostname, helo: internet.node.hostname, sender: outgoing.sender ?? this.author,
      recipients: [...outgoing.to], data: outgoing.tamper?.(data) ?? data,
    })
    return { id, outcome }
  }

  private async written(id: string, { to, subject = `Lettre ${id}`, text = `Bonjour,\n\nvoici ${id}.\n`, html, headers, attachments }: Outgoing): Promise<string> {
    const writer = createTransport({
      streamTransport: true, buffer: true, newline: "windows",
      ...this.privateKey ? { dkim: { domainName: this.name, keySelector: selector, privateKey: this.privateKey } } : {},
    })
    const { message } = await writer.sendMail({
      from: `Rédaction <${this.author}>`, to: [...to], subject, text, messageId: `<${id}@${this.name}>`, textEncoding: "quoted-printable",
      headers: { "X-Recette-Id": id, ...headers }, ...html ? { html } : {}, ...attachments ? { attachments } : {},
    })
    return (message as Buffer).toString("utf8")
  }
}

function strings(text: string): string[] {
  return text.match(new RegExp(`.{1,${textOctetsMax}}`, "g"))!
}

/** The reply that refused or put off a message as a whole; code 250 where it was taken. */
export function finalReply({ replies, accepted, failure }: SendOutcome): { code: number; text: string } {
  const last = replies.filter(({ command }) => command !== "QUIT").at(-1)
  if (accepted.length > 0) return { code: 250, text: last?.text ?? "" }
  return replies.find(({ code, command }) => code >= 400 && !command.startsWith("RCPT")) ?? last ?? { code: 0, text: failure ?? "" }
}
