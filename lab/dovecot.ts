import { dovecotOverrides, flattenDoveconf } from "./dovecot-settings.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import { Mailboxes, type MailboxCopy } from "./mailboxes.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"

/** Ports that the gateway publishes for this node. */
export const dovecotServices = { imap: 143, imaps: 993, lmtp: 24 } as const

const startupMsMax = 60_000

/** An account of the platform: its login is its whole address. */
export interface Credentials { address: string; password: string }

/** The part of ImapFlow's options that says where, how and as whom. */
export interface ImapEndpoint {
  host: string
  port: number
  secure: boolean
  auth: { user: string; pass: string }
  tls: { ca: string; servername: string }
  logger: false
}

/**
 * Dovecot as the release configures it: its files lie at `/etc/dovecot/<path>`. `set` and `unset` are settings as
 * doveconf names them, with `/` between sections: `mail_fsync`, `plugin/quota`, `service/imap-login/process_min_avail`,
 * `protocol/imap/mail_max_userip_connections`, `service/auth/inet_listener/sasl/port`.
 */
export class DovecotContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: `/etc/dovecot/${path}`, mode })),
      ...settingLines(config, " = "),
      { content: dovecotOverrides(config), target: "/recette/overrides.conf", mode: 0o640 },
    ])
  }
}

/** Dovecot of a running lab. */
export class StartedDovecotContainer extends StartedInsideContainer {
  private readonly mailboxes = new Mailboxes((command) => this.exec(command, { often: true }))
  constructor(handle: LabHandle, name = "dovecot") {
    super(handle, name)
  }

  /** Options for `new ImapFlow(...)`, as seen from the test process: through the gateway, implicit TLS, verified. */
  imapFor({ address, password }: Credentials): ImapEndpoint {
    return {
      ...this.endpointFor("imaps"), secure: true, auth: { user: address, pass: password },
      tls: { ca: this.handle.certificateAuthority, servername: this.node.hostname }, logger: false,
    }
  }

  /**
   * Every copy, in all folders of all mailboxes, of the message whose own header has `X-Recette-Id: <id>`. A message
   * that merely carries it as an attachment or in a bounce is not one. In order of address and folder.
   * Throws a LabFailure where the mailboxes could not be read as a whole.
   */
  async copiesOf(id: string): Promise<MailboxCopy[]> {
    const copies = await this.mailboxes.withId(id).catch((cause: unknown) => this.unreadable(cause))
    return copies.sort((a, b) => compare(a.address, b.address) || compare(a.folder, b.folder))
  }

  /** Every message that holds `text` (ASCII) anywhere, in all folders of all mailboxes. Throws as `copiesOf`. */
  async messagesWith(text: string): Promise<MailboxCopy[]> {
    return this.mailboxes.withText(text).catch((cause: unknown) => this.unreadable(cause))
  }

  /**
   * Settings in force that differ from those compiled in (doveconf -n), and all that the release has set, by name, with
   * `/` between sections. A plugin's setting without a value counts as absent.
   */
  async effectiveSettings(): Promise<Record<string, string>> {
    const [explicit, set] = await Promise.all([this.run(["doveconf", "-n"]), this.run(["cat", "/recette/set"])])
    const settings = flattenDoveconf(explicit)
    const names = set.split("\n").filter(Boolean).map((line) => line.slice(0, line.indexOf(" = ")))
    for (const name of names.filter((one) => settings[one] === undefined)) {
      const [, protocol, rest] = /^protocol\/([^/]+)\/(.+)$/.exec(name) ?? []
      const asked = protocol ? ["-f", `protocol=${protocol}`, "-h", rest!] : ["-h", name]
      const { exitCode, stdout } = await this.exec(["doveconf", ...asked])
      if (exitCode === 0 && stdout.trim() !== "") settings[name] = stdout.trim()
    }
    return settings
  }

  private unreadable(cause: unknown): never {
    if (cause instanceof LabFailure) throw cause
    throw new LabFailure(`The mailboxes of node ${this.node.name} could not be read: ${(cause as Error).message}`, {
      where: `node ${this.node.name}, /var/mail/vhosts`, cause,
      remedy: `read logs/${this.node.name}.log, and try \`/copies.sh list\` there by hand`,
    })
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
