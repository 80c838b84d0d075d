import { setTimeout as pause } from "node:timers/promises"
import { dovecotOverrides, flattenDoveconf } from "./dovecot-settings.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"
import { messageFacts } from "./world/message-content.ts"

/** Ports that the gateway publishes for this node. */
export const dovecotServices = { imap: 143, imaps: 993, lmtp: 24 } as const

const startupMsMax = 60_000
/** Looks at the mailboxes before it is a failure that files go away while they are read; pause between two, in ms. */
const looksMax = 20
const lookEveryMs = 50
/** How copies.sh ends when a file went away between finding and reading it (EX_TEMPFAIL of sysexits.h). */
const tryAgain = 75

/** An account of the platform: its login is its whole address. */
export interface Credentials { address: string; password: string }

/** One message in a mailbox, as it was delivered. */
export interface MailboxCopy {
  address: string
  /** `INBOX`, or the folder's name with `/` between levels. */
  folder: string
  raw: Buffer
}

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
    const files = await this.filesWith(id)
    return [...files].map(([path, raw]) => ({ ...placeOf(path), raw })).filter(({ raw }) => messageFacts(raw).id === id)
      .sort((a, b) => compare(a.address, b.address) || compare(a.folder, b.folder))
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

  /** Files that hold `id` anywhere, each once although a reader may rename it meanwhile. */
  private async filesWith(id: string): Promise<Map<string, Buffer>> {
    for (let look = 1; look <= looksMax; look += 1) {
      const { exitCode, stdout, stderr } = await this.exec(["/copies.sh", id], { often: true })
      if (exitCode === 0) return filesOf(stdout)
      if (exitCode !== tryAgain) throw this.unreadable(`copies.sh ended with ${exitCode}: ${stderr.trim()}`)
      await pause(lookEveryMs)
    }
    throw this.unreadable(`files went away in each of ${looksMax} looks at the mailboxes`)
  }

  private unreadable(reason: string): LabFailure {
    return new LabFailure(`The mailboxes of node ${this.node.name} could not be read: ${reason}`, {
      where: `node ${this.node.name}, /var/mail/vhosts`, remedy: `read logs/${this.node.name}.log, and try /copies.sh there by hand`,
    })
  }
}

/** The output of copies.sh: path and content in base64. Maildir's unique name, before the flags, makes a file one. */
function filesOf(output: string): Map<string, Buffer> {
  const files = new Map<string, [string, Buffer]>()
  for (const line of output.split("\n").filter(Boolean)) {
    const space = line.lastIndexOf(" ")
    const path = line.slice(0, space)
    const unique = path.replace(/\/(new|cur)\/([^/:]+)(:.*)?$/, "/$2")
    files.set(unique, [path, Buffer.from(line.slice(space + 1), "base64")])
  }
  return new Map(files.values())
}

/** `/var/mail/vhosts/<domain>/<user>/[.<folder>.<sub>/](new|cur)/<file>` (Maildir++). */
function placeOf(path: string): { address: string; folder: string } {
  const [domain, user, ...rest] = path.replace("/var/mail/vhosts/", "").split("/")
  const folder = rest.length > 2 ? rest[0]!.replace(/^\./, "").replaceAll(".", "/") : "INBOX"
  return { address: `${user}@${domain}`, folder }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
