import type { ListFixture } from "../fixtures/lists.ts"
import { mapped } from "./batches.ts"
import type { Credentials } from "./dovecot.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import { StartedMariaDbContainer } from "./mariadb.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"
import { listQueueFiles, parsePostqueue, queuedIn, type QueueEntry } from "./postfix-queue.ts"
import { parseSpools, type SpoolEntry } from "./sympa-spool.ts"

/** Ports that the gateway publishes for this node: its own Postfix, and the web interface. */
export const sympaServices = { smtp: 25, https: 443, http: 80 } as const

const startupMsMax = 60_000
/** The topic of a list made by a scenario, by template (a release's topics.conf). */
const topicOf: Record<string, string> = { gouvernementale: "gouvernement", "groupe-de-travail": "travail" }

/** A list that exists. */
export interface MailingList { address: string; name: string; /** Its mail domain. */ robot: string }

export interface ListRequest extends Omit<ListFixture, "moderators"> {
  moderators?: readonly string[]
  /** Name of a scenario file `send.<name>`, instead of the template's own choice. */
  send?: string
  /** Members by an SQL query on the staff database: address, then name. Included when the list is made. */
  includeSql?: { query: string }
  /** Members by the release's data source `agents`: the active agents of an academy, or of one corps there. */
  includeAgents?: { academy: string; corps?: string }
  /** It waits for a listmaster's approval first. */
  isPending?: boolean
}

/** Who is subscribed; a Person of the fixtures is one. */
export interface Subscriber { address: string; givenName?: string; familyName?: string }

export interface ListMember {
  address: string
  name: string
  /** Subscribed by a person, or by `subscribe`. */
  byHand: boolean
  /** Comes from a data source. Both may be true. */
  included: boolean
}

/** What an include did, by the name of each data source; rows counted. */
export interface IncludeOutcome {
  included: { name: string; added: number; updated: number; kept: number }[]
  /** Names of the sources that gave no answer. */
  failed: string[]
}

/** One process of the node. */
export interface NodeProcess { name: string; pid: number; alive: boolean }

/**
 * Sympa with its daemons, its own Postfix and its web interface. The release's files lie at `/etc/sympa/<path>`, except
 * `sympa.conf` (`/etc/sympa/sympa/sympa.conf`), `postfix/<path>` and `nginx/<path>` (`/etc/postfix/<path>`,
 * `/etc/nginx/<path>`); without `nginx/nginx.conf` there is no web interface. `set` and `unset` are settings of
 * sympa.conf; with the prefix `postfix/`, parameters of the local Postfix.
 */
export class SympaContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withFoldersInMemory(config)
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: targetOf(path), mode })),
      ...settingLines(config, " "),
    ])
  }
}

function targetOf(path: string): string {
  if (path === "sympa.conf") return "/etc/sympa/sympa/sympa.conf"
  return /^(postfix|nginx)\//.test(path) ? `/etc/${path}` : `/etc/sympa/${path}`
}

/** The list engine of a running lab. `close()` ends its connections to the database. */
export class StartedSympaContainer extends StartedInsideContainer {
  private readonly database: StartedMariaDbContainer
  constructor(handle: LabHandle, name = "sympa") {
    super(handle, name)
    this.database = new StartedMariaDbContainer(handle)
  }

  async close(): Promise<void> {
    await this.database.close()
  }

  /**
   * Makes a list from one of the release's templates, as `sympa create` does: its transport map, owners, moderators
   * and included members are in force when this returns. Throws a LabFailure with Sympa's own words.
   */
  async createList(request: ListRequest): Promise<MailingList> {
    const { name, kind, subject, owners, moderators = [], send, includeSql, includeAgents, isPending = false } = request
    const { address } = await this.ask<{ address: string }>({
      action: "create", pending: isPending ? 1 : 0,
      list: {
        listname: name, type: kind, subject, topics: topicOf[kind] ?? "institution",
        owner: owners.map((email) => ({ email })), editor: moderators.map((email) => ({ email })),
        ...(send === undefined ? {} : { send }),
        ...(includeSql === undefined ? {} : { sql_query: includeSql.query }),
        ...(includeAgents === undefined ? {} : { member_include: [agentSource(includeAgents)] }),
      },
    }, `create the list ${name}`)
    return { address, name, robot: address.slice(address.indexOf("@") + 1) }
  }

  /** Approves a list that was created as `pending`, as a listmaster does. */
  async approveList({ address }: MailingList): Promise<void> {
    await this.ask({ action: "approve", address }, `approve the list ${address}`)
  }

  /** Closes a list: it takes no more mail, its members are kept. As `sympa close`. */
  async closeList({ address }: MailingList): Promise<void> {
    await this.ask({ action: "close", address }, `close the list ${address}`)
  }

  /**
   * Purges the lists whose names end so (a regular expression), as a listmaster does, and what Sympa's spools hold for
   * them. Returns how many there were. Whoever still uses one of them loses it.
   */
  async purgeLists(ending: RegExp): Promise<number> {
    return (await this.ask<{ purged: number }>({ action: "purge", ending: ending.source }, `purge the lists that end in ${ending.source}`)).purged
  }

  /** Subscribes people by writing to Sympa's database: fast at any number, no welcome. Needs at least one. */
  async subscribe(list: MailingList, people: readonly Subscriber[]): Promise<void> {
    const now = Math.floor(Date.now() / 1_000)
    const rows = mapped(people, ({ address, givenName, familyName }) =>
      ({ address: address.toLowerCase(), name: [givenName, familyName].filter(Boolean).join(" ") || null }))
    await this.database.insert(
      "INSERT IGNORE INTO sympa.user_table (email_user, gecos_user) VALUES ?",
      mapped(rows, ({ address, name }) => [address, name]), `subscribers of ${list.address}`,
    )
    await this.database.insert(
      "INSERT INTO sympa.subscriber_table (list_subscriber, robot_subscriber, user_subscriber, comment_subscriber,"
      + " date_epoch_subscriber, update_epoch_subscriber, visibility_subscriber, reception_subscriber, subscribed_subscriber)"
      + " VALUES ? ON DUPLICATE KEY UPDATE subscribed_subscriber = 1",
      mapped(rows, ({ address, name }) => [list.name, list.robot, address, name, now, now, "noconceal", "mail", 1]),
      `subscribers of ${list.address}`,
    )
  }

  /** Adds one person with Sympa's own `add`, as a listmaster does by hand. No welcome is sent. */
  async addByHand({ address: list }: MailingList, address: string, name = ""): Promise<void> {
    await this.ask({ action: "add", address: list, people: [{ address, name }] }, `add ${address} to ${list}`)
  }

  /** Gives somebody a password for the web interface, as if they had chosen it there before. */
  async setWebPassword({ address, password }: Credentials): Promise<void> {
    await this.ask({ action: "password", address, password }, `set the password of ${address}`)
  }

  /**
   * Brings the included members up to date with the data sources, now. As `sympa include`; up to 1 s, for Sympa tells
   * two includes apart by the second. A source that failed is told in `failed`: its last good members stay.
   */
  async include({ address }: MailingList): Promise<IncludeOutcome> {
    const { included, failed } = await this.ask<IncludeOutcome>({ action: "include", address }, `include the members of ${address}`)
    return { included, failed }
  }

  /** Holds Sympa's periodic tasks, its own include of each list every hour among them, for as long as the node runs. */
  async holdTasks(): Promise<void> {
    const task = (await this.health()).find(({ name }) => name === "task_manager")
    if (!task) throw this.failure(`No process task_manager runs in node ${this.node.name}`)
    await this.run(["sh", "-c", `kill -STOP ${task.pid}`])
  }

  /** Scores the bouncing members of all lists and does with them what each list says, as the daily tasks do. */
  async judgeBouncers(): Promise<void> {
    await this.ask({ action: "judge_bouncers" }, "judge the bouncing members")
  }

  /** Drops what has waited longer in Sympa's spools than each list or the engine says, as the daily task does. */
  async purgeSpools(): Promise<void> {
    await this.ask({ action: "purge_spools" }, "purge its spools")
  }

  /** Makes a message that waits for a moderator look as if it had come so many days ago. */
  async ageWaiting(address: string, key: string, days: number): Promise<void> {
    await this.run(["touch", "--no-create", `--date=${days} days ago`, `/var/spool/sympa/moderation/${address}_${key}`])
  }

  /** Members that the list has now, by address. */
  async members({ name: list, robot }: MailingList): Promise<ListMember[]> {
    const rows = await this.database.query<{ address: string; name: string | null; by_hand: number; included: number }>(
      "SELECT user_subscriber AS address, comment_subscriber AS name, COALESCE(subscribed_subscriber, 0) AS by_hand,"
      + " inclusion_subscriber IS NOT NULL AS included FROM sympa.subscriber_table"
      + " WHERE list_subscriber = ? AND robot_subscriber = ? ORDER BY user_subscriber", [list, robot],
    )
    return rows.map(({ address, name, by_hand: byHand, included }) =>
      ({ address, name: name ?? "", byHand: byHand === 1, included: included === 1 }))
  }

  /** Every message in Sympa's spools, with what it waits for. Tasks are no mail. */
  async spools(): Promise<SpoolEntry[]> {
    const find = ["find", "/var/spool/sympa", "-ignore_readdir_race", "-type", "f", "-printf", "%P\\n"]
    return parseSpools(await this.run(find, { often: true }))
  }

  /**
   * What Sympa is handing to the node's Postfix: command lines, with sender and recipients. Sympa forgets a message as
   * soon as sendmail has it, and it is in no queue before sendmail has put it there.
   */
  async handedOver(): Promise<string[]> {
    // No process is called by this pattern, the one that looks for it included.
    const look = "grep -ahs '/usr/sbin/[s]endmail' /proc/[0-9]*/cmdline | tr '\\0' ' '"
    return (await this.run(["sh", "-c", look], { often: true })).split("\n").filter((line) => line.trim() !== "")
  }

  /** The queue of this node's own Postfix, on both sides of Sympa. */
  async queue(): Promise<QueueEntry[]> {
    return parsePostqueue(await this.run(["postqueue", "-j"], { often: true }), `node ${this.node.name}`)
  }

  /** How many messages are in that queue: as dear with a million recipients as with one. */
  async queueLength(): Promise<number> {
    return queuedIn(await this.run(listQueueFiles, { often: true }))
  }

  /** The node's processes. One that is dead ends the container at once, so it is seen dead for a moment only. */
  async health(): Promise<NodeProcess[]> {
    const { stdout, stderr } = await this.exec(["/processes.sh"])
    if (stdout === "") throw this.failure(`The processes of node ${this.node.name} are not known: ${stderr.trim()}`)
    return stdout.trim().split("\n").map((line) => {
      const [name = "", pid = "", state] = line.split(" ")
      return { name, pid: Number(pid), alive: state === "alive" }
    })
  }

  /**
   * Settings in force: Sympa's, by name, as its own modules read them for its mail domain (lists joined by commas,
   * secrets left out), and those of the local Postfix, with the prefix `postfix/` (postconf -n).
   */
  async effectiveSettings(): Promise<Record<string, string>> {
    const [engine, postfix] = await Promise.all([
      this.run(["/usr/lib/recette/effective-settings.pl"], { user: "sympa" }), this.run(["postconf", "-n"]),
    ])
    return { ...JSON.parse(engine) as Record<string, string>, ...Object.fromEntries(postconfLines(postfix)) }
  }

  /** One request to the node's listmaster process (lab/images/sympa/listmaster.pl). */
  private async ask<Answer>(request: object, purpose: string): Promise<Answer> {
    const { stdout, stderr } = await this.exec(["listmaster"], { often: true, input: `${JSON.stringify(request)}\n` })
    let answer: Answer & { ok: boolean; error?: string }
    try {
      answer = JSON.parse(stdout) as Answer & { ok: boolean; error?: string }
    } catch (cause) {
      throw this.failure(`The listmaster process gave no answer when asked to ${purpose}: ${(stderr || stdout).trim()}`, cause)
    }
    if (!answer.ok) throw this.failure(`Sympa did not ${purpose}: ${answer.error?.trim()}`)
    return answer
  }

  private failure(message: string, cause?: unknown): LabFailure {
    return new LabFailure(message, {
      where: `node ${this.node.name}, logs/${this.node.name}.log`, remedy: "read the last lines of that log", cause,
    })
  }
}

function agentSource({ academy, corps }: { academy: string; corps?: string }): Record<string, string> {
  return { source: "agents", source_parameters: corps ? `${academy},${corps}` : academy }
}

function postconfLines(output: string): [string, string][] {
  return output.trim().split("\n").filter((line) => line.includes("=")).map((line) => {
    const [name = "", ...value] = line.split("=")
    return [`postfix/${name.trim()}`, value.join("=").trim()]
  })
}
