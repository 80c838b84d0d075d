import { readdir, readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { copyOut } from "../lab/container-files.ts"
import { StartedDovecotContainer } from "../lab/dovecot.ts"
import { LabFailure } from "../lab/failure.ts"
import type { LabHandle } from "../lab/handle.ts"
import { temporaryFolder } from "../lab/state-folder.ts"
import { ColumnarFile } from "../lab/world/columnar-file.ts"
import { contentOf, idOf } from "../lab/world/load-content.ts"
import { acceptanceColumns } from "../lab/world/load-recording.ts"

const staging = "/var/tmp/recette-load"

/**
 * Writes `acceptances-<writer>.parquet` from a node's mailboxes: each message in any folder of any mailbox that has come
 * since `sinceUs`, whoever's it is. A copy in the tree of its stream (`trees`) stands for the recipient that its header names; in
 * any other mailbox, or with none or several named there, for that mailbox. Returns how many files the node itself counted,
 * which record.json wants.
 */
export async function recordMailboxes(
  handle: LabHandle, { node, folder, writer, sinceUs, trees }:
  { node: string; folder: string; writer: string; sinceUs: number; trees: ReadonlyMap<string, string> },
): Promise<number> {
  const dovecot = new StartedDovecotContainer(handle, node)
  const counted = Number(await dovecot.run(["sh", "-c", `
    rm -rf "$2" && mkdir -p "$2/mail" && cd /var/mail/vhosts
    find . -type f '(' -path '*/new/*' -o -path '*/cur/*' ')' -newerct "@$1" -print0 > "$2/list"
    xargs --null --no-run-if-empty cp --parents --target-directory="$2/mail" < "$2/list"
    tr -cd '\\000' < "$2/list" | wc -c`, "sh", String(Math.floor(sinceUs / 1_000_000) - 1), staging]))
  await using copied = await temporaryFolder(`mailboxes-${node}`)
  await copyOut(dovecot.node.containerId, staging, copied.path)
  await dovecot.run(["rm", "-rf", staging])
  await writeAcceptances(join(copied.path, basename(staging), "mail"), { path: join(folder, `acceptances-${writer}.parquet`), node, trees })
  return counted
}

async function writeAcceptances(
  mail: string, { path, node, trees }: { path: string; node: string; trees: ReadonlyMap<string, string> },
): Promise<void> {
  const file = new ColumnarFile(path, acceptanceColumns)
  const entries = await readdir(mail, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const full = join(entry.parentPath, entry.name)
    const raw = withCrlf(await readFile(full))
    const [domain = "", user = ""] = full.slice(mail.length + 1).split("/")
    const id = idOf(raw)
    const recipient = recipientOf(raw, { id: id ?? "", mailbox: `${user}@${domain}`.toLowerCase(), trees })
    file.add([id ?? "", recipient, node, deliveredUs(entry.name), contentOf(raw, id ?? ""), true, entry.name, raw.length], 1)
  }
  file.close()
}

/** Whom a copy stands for. `id` is that of its message: `<run>.<stream>.…`. */
export function recipientOf(
  raw: Buffer, { id, mailbox, trees }: { id: string; mailbox: string; trees: ReadonlyMap<string, string> },
): string {
  if (trees.get(id.split(".")[1] ?? "") !== mailbox) return mailbox
  const header = raw.toString("latin1", 0, raw.indexOf("\r\n\r\n") + 2)
  const named = [...header.matchAll(/^x-confinement-recipient: *(\S+) *\r\n/gim)].map((one) => one[1]!.toLowerCase())
  return named.length === 1 ? named[0]! : mailbox
}

/** `<seconds>.M<microseconds>P<pid>.<host>…`: the name that Dovecot gives a file when it saves it. */
export function deliveredUs(fileName: string): number {
  const [, seconds, microseconds] = /^(\d+)\.M(\d+)P/.exec(fileName) ?? []
  if (seconds === undefined || microseconds === undefined) {
    throw new LabFailure(`The mailbox file ${fileName} does not say when it was saved`, {
      where: "/var/mail/vhosts", remedy: "look at that file: its name is not one that Dovecot gives",
    })
  }
  return Number(seconds) * 1_000_000 + Number(microseconds)
}

/** A mailbox keeps lines as the server's system does. */
function withCrlf(raw: Buffer): Buffer {
  return Buffer.from(raw.toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1")
}
