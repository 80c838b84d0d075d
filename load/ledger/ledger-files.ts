/** Kinds of files that the ledger reads, `<kind>-<writer>.parquet`, or `<kind>-<writer>.<part>.parquet` from part 1 on. */
export const fileKinds = ["submissions", "refusals", "acceptances", "expected", "bounces"] as const
export type FileKind = (typeof fileKinds)[number]

/**
 * Columns that the ledger needs, with DuckDB's names of their types; others may stand beside them. `…_us` are
 * microseconds of real time since the epoch, `bytes` octets. Addresses are lower-case where the table says so.
 */
export const columnsOf: Readonly<Record<FileKind, Readonly<Record<string, string>>>> = {
  submissions: {
    id: "VARCHAR", stream: "VARCHAR", sender: "VARCHAR", target: "VARCHAR", content: "VARCHAR",
    recipient_first: "INTEGER", recipients: "INTEGER", refused: "INTEGER",
    intended_us: "BIGINT", started_us: "BIGINT", answered_us: "BIGINT",
  },
  refusals: { id: "VARCHAR", recipient: "VARCHAR", class: "VARCHAR", text: "VARCHAR" },
  acceptances: {
    id: "VARCHAR", recipient: "VARCHAR", node: "VARCHAR", received_us: "BIGINT", content: "VARCHAR",
    answered: "BOOLEAN", transaction: "VARCHAR",
  },
  expected: { audience: "VARCHAR", place: "INTEGER", recipient: "VARCHAR", since_us: "BIGINT", until_us: "BIGINT" },
  bounces: { id: "VARCHAR", recipient: "VARCHAR", text: "VARCHAR" },
}

export interface LedgerFile { name: string; kind: FileKind; writer: string; part: number | null }

const finalName = /^(submissions|refusals|acceptances|expected|bounces)-([A-Za-z0-9_-]{1,40})(?:\.(\d{1,6}))?\.parquet$/

/** What a file name says; `undefined` for a file that is none of the ledger's. */
export function ledgerFile(name: string): LedgerFile | undefined {
  const [, kind, writer, part] = finalName.exec(name) ?? []
  if (!kind || !writer) return undefined
  return { name, kind: kind as FileKind, writer, part: part === undefined ? null : Number(part) }
}

/** True for a file of the ledger that its writer has not ended. */
export function isUnended(name: string): boolean {
  return name.endsWith(".part") && ledgerFile(name.slice(0, -".part".length)) !== undefined
}
