import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { type Database, fileList } from "./database.ts"

/** View `log_line`: every line of every node's log. False where there is no log. */
export async function openLogs(database: Database, logsFolder: string): Promise<boolean> {
  const logs = (await readdir(logsFolder)).filter((name) => name.endsWith(".log")).map((name) => join(logsFolder, name))
  if (logs.length === 0) return false
  // No delimiter, quote or escape that a log could hold: one column, the line as it is.
  await database.run(`create or replace temp view log_line as
    select line, parse_filename(filename, true) as node
    from read_csv(${fileList(logs)}, columns = {'line': 'varchar'}, delim = '\\x01', quote = '', escape = '', header = false,
      auto_detect = false, strict_mode = false, null_padding = true, max_line_size = 1000000, filename = true)`)
  return true
}

/**
 * A query for the lines that tie a message to a key of a node: Postfix writes its queue id beside the Message-ID, the list
 * engine its message key. `id` is the ledger's, which the Message-ID begins with; `where` chooses by it.
 */
export function messageKeys(where: string): string {
  return `
    with named as (
      select node, line,
        regexp_extract(line, '/cleanup\\[\\d+\\]: (\\w+): message-id=<([^>]*)>', ['key', 'message_id']) as postfix,
        regexp_extract(line, 'Processing Sympa::Message <([^>/]+)[>/].*; message_id=([^;]*);', ['key', 'message_id']) as sympa
      from log_line where contains(line, ': message-id=<') or contains(line, '; message_id=')),
    keyed as (
      select node, line, if(postfix.key <> '', postfix.key, sympa.key) as key, sympa.key <> '' as of_list_engine,
        regexp_replace(if(postfix.key <> '', postfix.message_id, sympa.message_id), '@[^@]*$', '') as id
      from named)
    select node, key, of_list_engine, line, id from keyed where ${where}`
}

/** A query for Postfix's lines on recipients: `said.key`, `said.recipient`, `said.status`. */
export const recipientLines = `
    select node, line, regexp_extract(line, ': (\\w+): to=<([^>]*)>.* status=(\\w+)', ['key', 'recipient', 'status']) as said
    from log_line where contains(line, ': to=<')`
