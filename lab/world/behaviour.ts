import { WrongRequest } from "./control.ts"
import { areLimits, limitsCure, type RecipientLimits } from "./recipient-limits.ts"

/** One SMTP reply: code, enhanced code (RFC 3463) and text. */
export interface SmtpReply { code: number; enhanced: string; text: string }

/**
 * How a mail server of the world behaves for one domain. Every key is optional, keys add up, and without any the
 * server accepts. `connect`, `down` and the extensions belong to a listener's own domain (on node `internet`:
 * `internet.test`); the others are looked up by the recipient's domain first.
 */
export interface Behaviour {
  /** The port is closed: connection refused; open connections are cut. */
  down?: boolean
  /** Said instead of the greeting, then the connection is closed, for example 421 4.3.2. */
  connect?: SmtpReply
  /** 550 5.1.1 at RCPT for every recipient, or for these addresses. */
  unknownUsers?: "all" | string[]
  /** Another answer at RCPT for single addresses, for example 452 4.2.2 for a full mailbox. */
  refusedRecipients?: Record<string, SmtpReply>
  /** 450 4.7.1 for a (client, sender, recipient) first seen less than this many milliseconds ago. 1 to 3 600 000. */
  greylistMs?: number
  /** 452 4.5.3 for each recipient of a transaction after this many. 1 to 100 000; 1 000 without it. */
  recipientsMax?: number
  /** Milliseconds before each reply, up to 600 000. */
  slowMs?: number
  /** Milliseconds before the reply to the final dot, up to 600 000. */
  slowDataMs?: number
  /** Said after the final dot instead of 250: the message is not taken. */
  data?: SmtpReply
  /**
   * The connection is cut between the final dot and the reply. `taken`: the server had the message already (it is
   * recorded with `answered: false`); `lost`: it had not.
   */
  cutAfterData?: "taken" | "lost"
  /** Largest message in octets (SIZE, RFC 1870), 1 000 to 60 000 000; 52 428 800 without it. */
  sizeBytesMax?: number
  /** Extensions that are not offered. */
  withoutExtensions?: Extension[]
  /** Said instead of 220 at STARTTLS, which is offered, for example 454 4.7.0. */
  startTls?: SmtpReply
  /** What is wrong with the certificate that it presents. */
  certificate?: CertificateDefect
  /** The newest version of TLS that it speaks; the oldest is 1.0 then. */
  tlsVersionMax?: TlsVersion
  /** 450 4.7.1 at RCPT beyond so many recipients; domains that have limits are one service and count together. */
  limits?: RecipientLimits
}

/** What may be wrong with the certificate that a server presents; lab/certificates.ts makes one for each. */
export const certificateDefects = ["expired", "other-name", "unknown-authority", "incomplete-chain"] as const
export type CertificateDefect = (typeof certificateDefects)[number]
export const tlsVersions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const
export type TlsVersion = (typeof tlsVersions)[number]

export const extensions = ["PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "STARTTLS", "ENHANCEDSTATUSCODES"] as const
export type Extension = typeof extensions[number]

const isCount = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max
const isListOf = (test: (item: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(test)
const isAddress = (value: unknown) => typeof value === "string" && value.includes("@")

const tests: Record<keyof Behaviour, { cure: string; ok: (value: unknown) => boolean }> = {
  down: { cure: "true or false", ok: (value) => typeof value === "boolean" },
  connect: { cure: "{ code, enhanced, text }", ok: isReply },
  unknownUsers: { cure: "\"all\" or a list of addresses", ok: (value) => value === "all" || isListOf(isAddress)(value) },
  refusedRecipients: {
    cure: "addresses with { code, enhanced, text }",
    ok: (value) => typeof value === "object" && value !== null && Object.values(value).every(isReply),
  },
  greylistMs: { cure: "1 to 3 600 000 ms", ok: isCount(1, 3_600_000) },
  recipientsMax: { cure: "1 to 100 000", ok: isCount(1, 100_000) },
  slowMs: { cure: "0 to 600 000 ms", ok: isCount(0, 600_000) },
  slowDataMs: { cure: "0 to 600 000 ms", ok: isCount(0, 600_000) },
  data: { cure: "{ code, enhanced, text }", ok: isReply },
  cutAfterData: { cure: "taken or lost", ok: (value) => value === "taken" || value === "lost" },
  sizeBytesMax: { cure: "1 000 to 60 000 000 octets", ok: isCount(1_000, 60_000_000) },
  withoutExtensions: {
    cure: `a list of ${extensions.join(", ")}`,
    ok: isListOf((item) => extensions.includes(item as Extension)),
  },
  startTls: { cure: "{ code, enhanced, text }", ok: isReply },
  certificate: { cure: `one of ${certificateDefects.join(", ")}`, ok: isOneOf(certificateDefects) },
  tlsVersionMax: { cure: `one of ${tlsVersions.join(", ")}`, ok: isOneOf(tlsVersions) },
  limits: { cure: limitsCure, ok: areLimits },
}

/** Checks a behaviour that came over the control; throws WrongRequest naming the key and the cure. */
export function behaviourFrom(value: unknown): Behaviour {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WrongRequest(`a behaviour is an object with ${Object.keys(tests).join(", ")}`)
  }
  for (const [key, given] of Object.entries(value)) {
    const test = tests[key as keyof Behaviour]
    if (!test) throw new WrongRequest(`no behaviour ${key}; use ${Object.keys(tests).join(", ")}`)
    if (!test.ok(given)) throw new WrongRequest(`${key} is ${test.cure}`)
  }
  return withLowerCaseAddresses(value as Behaviour)
}

function withLowerCaseAddresses(behaviour: Behaviour): Behaviour {
  const { unknownUsers, refusedRecipients } = behaviour
  return {
    ...behaviour,
    ...(Array.isArray(unknownUsers) ? { unknownUsers: unknownUsers.map((address) => address.toLowerCase()) } : {}),
    ...(refusedRecipients ? {
      refusedRecipients: Object.fromEntries(
        Object.entries(refusedRecipients).map(([address, reply]) => [address.toLowerCase(), reply])),
    } : {}),
  }
}

function isOneOf(words: readonly string[]): (value: unknown) => boolean {
  return (value) => words.includes(value as string)
}

function isReply(value: unknown): boolean {
  const { code, enhanced, text } = (value ?? {}) as Partial<SmtpReply>
  return isCount(400, 599)(code) && /^[45]\.\d{1,3}\.\d{1,3}$/.test(enhanced ?? "")
    && enhanced![0] === String(code)[0] && typeof text === "string" && !/[\r\n]/.test(text)
}
