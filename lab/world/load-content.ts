import { createHash } from "node:crypto"
import { textsOf } from "./message-content.ts"

const headerEnd = "\r\n\r\n"
const idField = "\r\nx-recette-id:"

/** The value of `X-Recette-Id` without reading the rest of the message; `null` where its header has none. */
export function idOf(raw: Buffer): string | null {
  const end = raw.indexOf(headerEnd)
  const header = raw.toString("latin1", 0, end < 0 ? raw.length : end)
  const lower = `\r\n${header}`.toLowerCase()
  const start = lower.indexOf(idField)
  if (start < 0) return null
  return header.slice(start + idField.length - 2).split("\r\n", 1)[0]!.trim()
}

/**
 * Hash, in hexadecimal, of the decoded text after the line `Id: <id>`: the same in all messages of a load's template, and
 * the same before and after a platform has added footers in parts of their own, tags, signatures or another transfer
 * encoding. Lines end in CRLF, white space at the end counts as one line end. Without such a line, of the whole text.
 */
export function contentOf(raw: Buffer, id: string): string {
  const plain = plainText(raw)
  const marker = `Id: ${id}\r\n`
  if (plain) {
    const start = plain.indexOf(marker)
    const rest = start < 0 ? plain : plain.subarray(start + marker.length)
    if (endsInOneLine(rest)) return hash(rest)
  }
  const texts = textsOf(raw).map((text) => text.replace(/\r\n?|\n/g, "\r\n"))
  const text = texts.find((one) => one.includes(marker)) ?? texts[0] ?? ""
  const start = text.indexOf(marker)
  return hash(`${(start < 0 ? text : text.slice(start + marker.length)).trimEnd()}\r\n`)
}

/** The body of a message whose only part is text as it stands, so that nothing needs to be decoded. */
function plainText(raw: Buffer): Buffer | undefined {
  const end = raw.indexOf(headerEnd)
  if (end < 0) return undefined
  const header = raw.toString("latin1", 0, end).replace(/\r\n[ \t]+/g, " ")
  const type = /^content-type:\s*(\S.*)$/im.exec(header)?.[1] ?? "text/plain"
  const encoding = /^content-transfer-encoding:\s*(\S+)/im.exec(header)?.[1] ?? "7bit"
  const isPlain = /^text\//i.test(type) && !/charset\s*=\s*"?(?!utf-8|us-ascii)/i.test(type) && /^[78]bit$/i.test(encoding)
  return isPlain ? raw.subarray(end + headerEnd.length) : undefined
}

/** Text that the canonical form leaves as it is (a bare line feed cannot come over SMTP's DATA in the lab's own mail). */
function endsInOneLine(text: Buffer): boolean {
  return text.length >= 3 && text.at(-1) === 10 && text.at(-2) === 13 && !/\s/.test(String.fromCharCode(text.at(-3)!))
    && bareLineFeed(text) < 0
}

function bareLineFeed(text: Buffer): number {
  for (let at = text.indexOf(10); at >= 0; at = text.indexOf(10, at + 1)) if (text[at - 1] !== 13) return at
  return -1
}

function hash(text: Buffer | string): string {
  return createHash("sha256").update(text).digest("hex")
}
