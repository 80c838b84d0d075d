import type { Credentials } from "./dovecot.ts"
import { InputError } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines, type ContentToCopy } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"
import { listQueueFiles, parsePostqueue, queuedIn, type QueueEntry } from "./postfix-queue.ts"
import { parsePostconf } from "./postfix-settings.ts"

/** Ports that the gateway publishes for this node. */
export const postfixServices = { smtp: 25, submission: 587 } as const

/** Entrances of antispam-alias for the team's other platforms, reached from inside the lab alone. */
export const platformEntrances = { "list-engine": 10024, "union-lists": 10025 } as const

const startupMsMax = 60_000
/** The name by which the tests greet, as a server of the catch-all internet. */
const clientName = "client.internet.test"

/** The part of nodemailer's options that says where and how; TLS is verified against the lab's authority. */
export interface SmtpEndpoint {
  host: string
  port: number
  secure: false
  /** What is said in EHLO. */
  name: string
  tls: { ca: string; servername: string }
}

export interface SubmissionEndpoint extends SmtpEndpoint {
  requireTLS: true
  auth: { user: string; pass: string }
}

/**
 * Postfix as the release configures it: its files lie at `/etc/postfix/<path>`. `set` and `unset` are parameters of
 * main.cf (`unset` takes one out, so that the value compiled into Postfix applies), `services` parameters of master.cf.
 */
export class PostfixContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withFoldersInMemory(config)
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: `/etc/postfix/${path}`, mode })),
      ...settingLines(config, " = "),
      serviceLines(config),
    ])
  }
}

/** `/recette/services`: one `name/type/parameter=value` a line, as `postconf -P` takes it. */
export function serviceLines({ services }: Pick<NodeConfiguration, "services">): ContentToCopy {
  const lines = Object.entries(services).flatMap(([service, parameters]) =>
    Object.entries(parameters).map(([parameter, value]) => {
      if (/[\r\n]/.test(value)) {
        throw new InputError(`postfix: the value of ${service}/${parameter} has more than one line`, {
          where: "release.yaml, components.postfix.services", remedy: "write it on one line",
        })
      }
      return `${service}/${parameter}=${value}\n`
    }))
  return { content: lines.join(""), target: "/recette/services", mode: 0o640 }
}

/** Postfix of a running lab. */
export class StartedPostfixContainer extends StartedInsideContainer {
  constructor(handle: LabHandle, name = "postfix") {
    super(handle, name)
  }

  /** Options for nodemailer's `createTransport`: port 25, as a stranger, through the gateway. TLS where it is offered. */
  smtpFor(): SmtpEndpoint {
    return {
      ...this.endpointFor("smtp"), secure: false, name: clientName,
      tls: { ca: this.handle.certificateAuthority, servername: this.node.hostname },
    }
  }

  /** Options for nodemailer's `createTransport`: port 587 with STARTTLS and this account's login. */
  submissionFor({ address, password }: Credentials): SubmissionEndpoint {
    return {
      ...this.smtpFor(), ...this.endpointFor("submission"), requireTLS: true, auth: { user: address, pass: password },
    }
  }

  /** Every message in the queue, with the recipients that still wait (postqueue -j). */
  async queue(): Promise<QueueEntry[]> {
    return parsePostqueue(await this.run(["postqueue", "-j"], { often: true }), `node ${this.node.name}`)
  }

  /** How many messages are in the queue: as dear with a million recipients as with one. */
  async queueLength(): Promise<number> {
    return queuedIn(await this.run(listQueueFiles, { often: true }))
  }

  /** Tries all deferred mail again now, dead destinations included (postqueue -f). Returns before it is delivered. */
  async flush(): Promise<void> {
    await this.run(["postqueue", "-f"])
  }

  /**
   * What is set explicitly: main.cf by name (`mynetworks`), each service of master.cf (`submission/inet`) and its
   * parameters (`submission/inet/smtpd_sasl_auth_enable`). What Postfix does not know or does not use is not there.
   */
  async effectiveSettings(): Promise<Record<string, string>> {
    const [main, services, parameters] = await Promise.all(
      ["-n", "-M", "-P"].map((mode) => this.run(["postconf", mode])),
    )
    return parsePostconf({ main: main!, services: services!, parameters: parameters! })
  }
}
