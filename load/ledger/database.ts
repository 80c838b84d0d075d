import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api"

export interface DatabaseLimits {
  /** For DuckDB's own buffers; the process needs some 400 MB beside them. */
  memoryMb: number
  threads: number
  /** Where DuckDB puts what does not fit into memory. */
  temporaryFolder: string
}

type Row = Record<string, unknown>

/** DuckDB in memory over files, without a way to fetch extensions. Numbers come back as JavaScript numbers. */
export class Database implements Disposable {
  private readonly instance: DuckDBInstance
  private readonly connection: DuckDBConnection
  private running = 0
  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.instance = instance
    this.connection = connection
  }

  static async open({ memoryMb, threads, temporaryFolder }: DatabaseLimits): Promise<Database> {
    const instance = await DuckDBInstance.create(":memory:", {
      memory_limit: `${memoryMb}MB`, threads: String(threads), temp_directory: temporaryFolder,
      // The results are the same in any order, and keeping one costs memory.
      preserve_insertion_order: "false",
      autoinstall_known_extensions: "false", autoload_known_extensions: "false",
    })
    return new Database(instance, await instance.connect())
  }

  async run(sql: string): Promise<void> {
    await this.whileOpen(this.connection.run(sql))
  }

  /** All rows, with names in camel case. */
  async rows<T extends Row>(sql: string): Promise<T[]> {
    const reader = await this.whileOpen(this.connection.runAndReadAll(sql))
    return reader.getRowObjectsJS().map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), plain(value)])) as T)
  }

  /** The only row. */
  async row<T extends Row>(sql: string): Promise<T> {
    const [row] = await this.rows<T>(sql)
    if (!row) throw new Error(`no row from: ${sql}`)
    return row
  }

  private async whileOpen<T>(query: Promise<T>): Promise<T> {
    this.running += 1
    try {
      return await query
    } finally {
      this.running -= 1
    }
  }

  [Symbol.dispose](): void {
    // DuckDB would take the whole process with it.
    if (this.running > 0) throw new Error("a query still runs; await it where the database is open (`return await`)")
    this.connection.closeSync()
    this.instance.closeSync()
  }
}

/** `text` as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A list of paths as the argument of read_parquet(). */
export function fileList(paths: readonly string[]): string {
  return `[${paths.map(literal).join(", ")}]`
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

/** Counts and microseconds since the epoch fit a double exactly (2 ** 53 microseconds are 285 years). */
function plain(value: unknown): unknown {
  if (typeof value !== "bigint") return value
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} does not fit a number`)
  return number
}
