/**
 * Mail for k6: sends over SMTP and LMTP with one connection for each VU, reads over IMAP.
 *
 * Connections open inside `default()` (in the first `send()` of a VU) and stay open across iterations; `Client` and
 * `Template` are made at the top of the script. Nothing here throws for what a server answers: a failed send is a
 * sample of `mail_failed`, and its result carries the error. Wrong options throw a `TypeError` when the script loads.
 */
declare module "k6/x/mail" {
  export interface Credentials {
    user: string
    pass: string
    /** Default: the first of PLAIN, LOGIN that the server offers. */
    method?: "PLAIN" | "LOGIN"
    /** Lets the password go over a connection without TLS. Default false: such a login fails, at step `auth`. */
    allowWithoutTls?: boolean
  }

  export interface TlsOptions {
    /** PEM text of the authorities to trust instead of the system's (`open("ca.pem")`). */
    ca?: string
    /** Name that the certificate must carry. Default: `host`. */
    serverName?: string
    /** Takes any certificate. Default false. k6's own `insecureSkipTLSVerify` and `tlsVersion` count as well. */
    insecureSkipVerify?: boolean
  }

  export interface ClientOptions {
    host: string
    /** Default: 465 with `secure`, 24 with LMTP, otherwise 25. */
    port?: number
    /** `lmtp`: one final reply for each accepted recipient (RFC 2033). Default `smtp`. */
    protocol?: "smtp" | "lmtp"
    /** TLS from the first byte. Default false. */
    secure?: boolean
    /** What to do with STARTTLS (RFC 3207) where `secure` is false. Default `if-offered`. */
    startTls?: "never" | "if-offered" | "required"
    tls?: TlsOptions
    auth?: Credentials
    /** The name said in EHLO or LHLO. Default `k6.invalid`. */
    name?: string
    /** Uses PIPELINING (RFC 2920) where it is offered: one write for MAIL, RCPTs and DATA. Default true. */
    pipelining?: boolean
    /**
     * Uses CHUNKING (RFC 3030) where it is offered: BDAT instead of DATA, with PIPELINING a whole message in one write.
     * The content then travels even where every recipient is refused. Default true.
     */
    chunking?: boolean
    /**
     * Lets `sendBatch()` write the next message's MAIL, RCPTs and DATA together with the end of the one before
     * (RFC 2920, 3.1). A message's times then include what is left of the one before. Default false.
     */
    pipelineMessages?: boolean
    /** Longest wait for TCP, TLS, greeting, EHLO and AUTH together. 1 to 600 000, default 30 000. */
    connectTimeoutMs?: number
    /** Longest wait for a reply to MAIL, RCPT, DATA. 1 to 3 600 000, default 300 000 (RFC 5321, 4.5.3.2). */
    replyTimeoutMs?: number
    /** Longest wait for the reply after the content. 1 to 3 600 000, default 600 000 (RFC 5321, 4.5.3.2.6). */
    finalReplyTimeoutMs?: number
    /** Says QUIT and connects anew after so many messages. Default 0: never. 1 is one connection for each message. */
    messagesPerConnectionMax?: number
    /** Writes the send log (below). All clients of a process that name the same folder and writer share its files. */
    log?: LogOptions
  }

  /**
   * Two Parquet files in `folder`, which must exist: `submissions-<writer>.parquet`, one row for each message, and
   * `refusals-<writer>.parquet`, one row for each recipient that was not accepted. They carry `.part` at the end of
   * their names until the test is over: a file under its final name is whole.
   */
  export interface LogOptions {
    folder: string
    /** Tells the files of several generators apart. Letters, digits, `-`, `_`. Default `1`. */
    writer?: string
  }

  /** Where recipients come from. Exactly one of `list`, `file`, `range`. */
  export interface Recipients {
    list?: string[]
    /** One address a line, relative to the script; empty lines and lines that begin with `#` do not count. */
    file?: string
    /** `{ pattern: "u#####@academie-01.test", from: 0, count: 20_000 }`: each `#` is one digit. */
    range?: { pattern: string; from?: number; count: number }
    /** Recipients of each message, neighbours in the source. 1 to 1 000 (Postfix takes as many), default 1. */
    perMessage?: number
    /**
     * `sequence` (default): the messages of this process go through the source one after another, again and again.
     * `random`: each begins at a place that follows from run, VU and number, so that another run says the same.
     */
    order?: "sequence" | "random"
  }

  export interface TemplateOptions {
    /** Envelope sender; the header's From too. "" is the null sender, with a From of `MAILER-DAEMON`. */
    from: string
    /** Name beside the address in From. */
    fromName?: string
    to: string | string[] | Recipients
    /** The To header. Default: the only recipient, or `undisclosed-recipients:;`. */
    toHeader?: string
    /** `{id}` in it becomes the message's id. Default `Message {id}`. Characters beyond ASCII are encoded (RFC 2047). */
    subject?: string
    /** Further header fields, in this order. */
    headers?: Record<string, string>
    /** The text part. Default: filler up to `sizeBytes`. */
    text?: string
    /** Grows the text with filler until header and body have this size. 0 to 100 000 000, default 0. */
    sizeBytes?: number
    attachment?: { name: string; type?: string; sizeBytes: number } | { name: string; type?: string; file: string }
    /** First part of each id: the seed of the run. Letters, digits, `-`, `_`, at most 40. Default `k6`. */
    run?: string
    /** Name of the flow of messages: second part of each id, tag `stream` of each sample. Default `mail`. */
    stream?: string
    /** What the log says in `target`: a list's address for list mail. Default `direct`. */
    target?: string
    /** Header field that carries the id, besides Message-ID and the text's first line. Default `X-Recette-Id`. */
    idHeader?: string
    /** Domain of Message-ID. Default: that of `from`, or `invalid`. */
    idDomain?: string
  }

  /** A message to be. Its text is made once for each process and shared by all VUs. */
  export class Template {
    constructor(options: TemplateOptions)
    /** Octets of header and body, as said to SIZE (RFC 1870), give or take the id. */
    readonly sizeBytes: number
  }

  export type Step = "connect" | "tls" | "greeting" | "ehlo" | "starttls" | "auth" | "mail" | "rcpt" | "data" | "content"

  /**
   * `temporary` 4yz, `permanent` 5yz; `timeout` no answer in time; `connection` refused, reset or closed; `tls` no
   * handshake; `protocol` an answer that is none, or one out of place; `capability` the server lacks what the options
   * require; `interrupted` the test ended first, and what became of the message is not known.
   */
  export type ErrorClass =
    "temporary" | "permanent" | "timeout" | "connection" | "tls" | "protocol" | "capability" | "interrupted"

  export interface MailError {
    readonly name: "MailError"
    /** `rcpt: 550 5.1.1 <x@y.test>: unknown user`, or what happened and what to do. */
    readonly message: string
    readonly class: ErrorClass
    readonly step: Step
    /** Reply code, 0 where there was no reply. */
    readonly code: number
    /** `5.1.1` (RFC 3463), "" where the server said none. */
    readonly enhanced: string
    /** The server's own words, lines joined by a line feed. */
    readonly text: string
  }

  export interface SendResult {
    /** True when every recipient was accepted. */
    readonly ok: boolean
    readonly id: string
    readonly accepted: number
    readonly refused: number
    /** Final reply. 0 and "" where there was none. */
    readonly code: number
    readonly enhanced: string
    readonly text: string
    /** The first thing that went wrong; a connection that broke comes before refusals. */
    readonly error?: MailError
  }

  export interface BatchResult {
    readonly ok: boolean
    readonly messages: number
    /** Messages of which every recipient was accepted. */
    readonly sent: number
    readonly accepted: number
    readonly refused: number
    /** The first thing that went wrong; a connection that broke comes before refusals. */
    readonly error?: MailError
  }

  export class Client {
    constructor(options: ClientOptions)
    /** Sends one message. */
    send(template: Template): SendResult
    /** Sends `count` messages (1 to 10 000) one after another; the way to saturate a server. */
    sendBatch(template: Template, count: number): BatchResult
    /** Says QUIT; the next send connects anew. Not needed at the end of a test: the extension does it then. */
    close(): void
  }

  export interface ReadOptions {
    host: string
    /** Default: 993 with `secure`, otherwise 143. */
    port?: number
    secure?: boolean
    /** Where `secure` is false. Default `required`. */
    startTls?: "required" | "never"
    tls?: TlsOptions
    auth: { user: string; pass: string; allowWithoutTls?: boolean }
    /** Default `INBOX`. */
    mailbox?: string
    /** How many of the newest messages to fetch. 0 to 100 000, default 1. */
    fetch?: number
    /** What to fetch of each. Default `headers`. */
    fetchPart?: "headers" | "all"
    /** Stays in IDLE (RFC 2177) so long, or until a message comes. 0 to 1 740 000 (29 minutes), default 0: no IDLE. */
    idleMs?: number
    /** Longest wait for TCP, TLS and greeting together. Default 30 000. */
    connectTimeoutMs?: number
    /** Longest wait for a reply. Default 60 000. */
    replyTimeoutMs?: number
  }

  export interface ReadResult {
    readonly ok: boolean
    /** Messages in the mailbox. */
    readonly messages: number
    readonly fetched: number
    /** Octets of the fetched headers or messages. */
    readonly fetchedBytes: number
    /** Messages announced during IDLE. */
    readonly arrived: number
    readonly error?: {
      readonly name: "MailError"
      readonly message: string
      readonly class: ErrorClass
      readonly step: "connect" | "tls" | "login" | "select" | "fetch" | "idle"
      readonly text: string
    }
  }

  /** One reader's visit: connects, logs in, opens the mailbox without marking anything, fetches, idles, logs out. */
  export function readMail(options: ReadOptions): ReadResult
}
