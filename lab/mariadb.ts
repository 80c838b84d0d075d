import { createPool, type Pool, type RowDataPacket } from "mysql2/promise"
import { inBatches, mapped } from "./batches.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import { secretOf } from "./lab-secret.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"

/** Ports that the gateway publishes for this node. */
export const mariadbServices = { sql: 3306 } as const

const startupMsMax = 60_000
const connectMsMax = 10_000
const connectionsMax = 8
/** Rows of one INSERT: one statement of a thousand agents stays far below `max_allowed_packet`. */
const rowsPerInsert = 1_000
/** The release's SQL in the container. */
const schema = "/etc/mysql/schema/*.sql"
/** The account of the tests, made by the release's SQL with this secret. */
const account = "recette"
const accountSecret = "database-recette"

export type DatabaseName = "staff" | "sympa"

/** What `createConnection` of mysql2 takes. */
export interface DatabaseConnection { host: string; port: number; user: string; password: string; database: string }

/** An agent of the staff database, the source of the lists' SQL includes. */
export interface Agent {
  address: string
  givenName?: string
  familyName?: string
  /** Short name, for example `lyon`. */
  academy?: string
  corps?: string
  post?: string
  /** Lists include active agents only. Default true. */
  active?: boolean
}

/** A mailbox of the platform's own mail domain. `quotaBytes` 0 or absent: no quota. */
export interface MailboxRequest { address: string; password: string; quotaBytes?: number }

/**
 * MariaDB as the release configures it: its files lie at `/etc/mysql/<path>`, its `schema/*.sql` is applied at each start,
 * `set` and `unset` are server variables (`[mariadbd]`).
 */
export class MariaDbContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: `/etc/mysql/${path}`, mode })),
      ...settingLines(config, "="),
    ])
  }
}

/** MariaDB of a running lab. Asked through the gateway, with one pool for each instance; `close()` ends it. */
export class StartedMariaDbContainer extends StartedInsideContainer {
  private pool: Pool | undefined
  constructor(handle: LabHandle, name = "mariadb") {
    super(handle, name)
  }

  /** Options for `createConnection` of mysql2, as the test account, through the gateway. */
  connectionFor(database: DatabaseName): DatabaseConnection {
    return { ...this.endpointFor("sql"), user: account, password: secretOf(this.handle, accountSecret), database }
  }

  /** Ends the pool, so that the process can end. The instance makes a new one when it is used again. */
  async close(): Promise<void> {
    const pool = this.pool
    this.pool = undefined
    await pool?.end()
  }

  /** Runs one statement as the test account. `?` takes a value, or the rows of `VALUES ?`. Returns its rows. */
  async query<Row extends object = Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<Row[]> {
    this.pool ??= createPool({
      ...this.connectionFor("staff"), connectionLimit: connectionsMax, connectTimeout: connectMsMax, enableKeepAlive: true,
    })
    try {
      const [rows] = await this.pool.query<(Row & RowDataPacket)[]>(sql, values)
      return Array.isArray(rows) ? rows : []
    } catch (cause) {
      throw new LabFailure(`MariaDB refused ${sql.slice(0, 120)}: ${(cause as Error).message}`, {
        where: `node ${this.node.name}, logs/${this.node.name}.log`, remedy: "read the last lines of that log", cause,
      })
    }
  }

  /** Makes a mailbox, or gives the one that is there this password and quota. It exists for Dovecot and the edge at once. */
  async createMailbox({ address, password, quotaBytes = 0 }: MailboxRequest): Promise<void> {
    await this.query(
      "INSERT INTO staff.mailbox (address, password, quota_bytes) VALUES (?, ?, ?)"
      + " ON DUPLICATE KEY UPDATE password = VALUES(password), quota_bytes = VALUES(quota_bytes)",
      [address.toLowerCase(), `{PLAIN}${password}`, quotaBytes],
    )
  }

  /** Makes `source` an alias of each of `targets`, beside those that it has. Throws where there is no target. */
  async createAlias(source: string, targets: string | readonly string[]): Promise<void> {
    const rows = [targets].flat().map((target) => [source.toLowerCase(), target.toLowerCase()])
    await this.insert("INSERT IGNORE INTO staff.alias (source, target) VALUES ?", rows, `the alias ${source}`)
  }

  /** Puts agents into the staff database; one who is there is replaced. Lists see them at their next include. */
  async addAgents(agents: Iterable<Agent>): Promise<void> {
    const rows = mapped(agents, ({ address, givenName = "", familyName = "", academy = "", corps = "", post = "", active }) =>
      [address.toLowerCase(), givenName, familyName, academy, corps, post, active === false ? 0 : 1])
    await this.insert(
      "REPLACE INTO staff.agent (address, given_name, family_name, academy, corps, post, active) VALUES ?", rows, "agents",
    )
  }

  /** Lets the account `login` send as `address` on submission. An account may always send as itself. */
  async allowSender(address: string, login: string): Promise<void> {
    await this.insert(
      "INSERT IGNORE INTO staff.sender_login (address, login) VALUES ?",
      [[address.toLowerCase(), login.toLowerCase()]], `the sender ${address}`,
    )
  }

  /** Server variables in force, by name (SHOW GLOBAL VARIABLES). */
  async variables(): Promise<Record<string, string>> {
    const rows = await this.query<{ Variable_name: string; Value: string }>("SHOW GLOBAL VARIABLES")
    return Object.fromEntries(rows.map(({ Variable_name: name, Value: value }) => [name, value]))
  }

  /** Drops a database and makes it again as at the start, by the release's SQL. Whoever fills it must be stopped. */
  async makeAnew(database: DatabaseName): Promise<void> {
    const client = "mariadb --socket=/run/mysqld/mysqld.sock --default-character-set=utf8mb4"
    await this.run(["sh", "-euc", `${client} --execute='DROP DATABASE ${database}'; for file in ${schema}; do ${client} < "$file"; done`])
  }

  /**
   * One INSERT for each thousand rows, which are taken as they are written: a million of them need not stand in memory.
   * Throws where there is no row: a caller that gives none has made a mistake.
   */
  async insert(sql: string, rows: Iterable<readonly unknown[]>, what: string): Promise<void> {
    let isEmpty = true
    for (const batch of inBatches(rows, rowsPerInsert)) {
      await this.query(sql, [batch])
      isEmpty = false
    }
    if (!isEmpty) return
    throw new LabFailure(`Nothing to write for ${what}: no row was given`, {
      where: `node ${this.node.name}`, remedy: "give at least one",
    })
  }
}
