import { createHash } from "node:crypto"

export interface MessageFacts {
  /** Value of `X-Recette-Id`, `null` where the message has none. */
  id: string | null
  messageId: string | null
  /** `sha256:` and hexadecimal digits: see contentHash. */
  content: string
}

interface Part { headers: Map<string, string>; body: Buffer }

const partsMax = 200

/** The id, the Message-ID and the content hash of a raw message (CRLF lines, dots already unstuffed). */
export function messageFacts(raw: Buffer): MessageFacts {
  const whole = partOf(raw)
  const id = whole.headers.get("x-recette-id") ?? null
  return { id, messageId: whole.headers.get("message-id") ?? null, content: hashOf(whole, id) }
}

/**
 * Hash of the decoded body part that carries the id marker: the first leaf part whose text contains the value of
 * `X-Recette-Id`; without such a part, the first leaf. Transfer encoding and charset are undone, line ends are LF,
 * and white space at the end is dropped, so that what a platform is meant to add (footers in parts of their own, tags,
 * signatures, another transfer encoding) does not count as damage, and anything else does.
 */
export function contentHash(raw: Buffer): string {
  return messageFacts(raw).content
}

/** The decoded text of each leaf part of a raw message. */
export function textsOf(raw: Buffer): string[] {
  return leavesOf(partOf(raw), { left: partsMax }).map(decodedText)
}

function hashOf(whole: Part, id: string | null): string {
  const texts = leavesOf(whole, { left: partsMax }).map(decodedText)
  const marked = (id === null ? undefined : texts.find((text) => text.includes(id))) ?? texts[0] ?? ""
  const settled = marked.replace(/\r\n?/g, "\n").trimEnd()
  return `sha256:${createHash("sha256").update(settled, "utf8").digest("hex")}`
}

function leavesOf(part: Part, budget: { left: number }): Part[] {
  budget.left -= 1
  if (budget.left < 0) return []
  const type = part.headers.get("content-type") ?? "text/plain"
  const boundary = /^multipart\//i.test(type) ? parameterOf(type, "boundary") : undefined
  if (boundary === undefined) return [part]
  return pieces(part.body, boundary).flatMap((piece) => leavesOf(partOf(piece), budget))
}

/** What stands between the delimiter lines of a multipart body (RFC 2046, section 5.1.1). */
function pieces(body: Buffer, boundary: string): Buffer[] {
  const text = body.toString("latin1")
  const found: Buffer[] = []
  let start: number | undefined
  for (const match of text.matchAll(new RegExp(`(^|\r?\n)--${escaped(boundary)}(--)?[ \t]*(?=\r?\n|$)`, "g"))) {
    if (start !== undefined) found.push(body.subarray(start, Math.max(start, match.index)))
    const end = match.index + match[0].length
    start = match[2] ? undefined : end + (text.startsWith("\r\n", end) ? 2 : 1)
  }
  if (start !== undefined) found.push(body.subarray(start))
  return found
}

function partOf(raw: Buffer): Part {
  const blank = [["\r\n\r\n", 4], ["\n\n", 2]].map(([mark, length]) =>
    ({ at: raw.indexOf(mark as string), length: length as number })).find(({ at }) => at >= 0)
  const startsBlank = raw[0] === 13 || raw[0] === 10
  if (startsBlank) return { headers: new Map(), body: raw.subarray(raw[0] === 13 ? 2 : 1) }
  const head = blank ? raw.subarray(0, blank.at) : raw
  const headers = new Map<string, string>()
  for (const line of head.toString("utf8").replace(/\r?\n[ \t]+/g, " ").split(/\r?\n/)) {
    const colon = line.indexOf(":")
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return { headers, body: blank ? raw.subarray(blank.at + blank.length) : Buffer.alloc(0) }
}

function decodedText({ headers, body }: Part): string {
  const bytes = decoded(body, (headers.get("content-transfer-encoding") ?? "7bit").toLowerCase())
  const type = headers.get("content-type") ?? ""
  if (type !== "" && !/^text\//i.test(type)) return bytes.toString("latin1")
  try {
    return new TextDecoder(parameterOf(type, "charset") ?? "utf-8").decode(bytes)
  } catch {
    return bytes.toString("latin1")
  }
}

function decoded(body: Buffer, encoding: string): Buffer {
  if (encoding === "base64") return Buffer.from(body.toString("latin1"), "base64")
  if (encoding !== "quoted-printable") return body
  const text = body.toString("latin1").replace(/[ \t]+(?=\r?\n|$)/g, "").replace(/=\r?\n/g, "")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
  return Buffer.from(text, "latin1")
}

function parameterOf(header: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, "i").exec(header)
  return match?.[1] ?? match?.[2]
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}
