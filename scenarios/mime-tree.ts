/** A message or a part of one, as its sender cut it. Octets are characters (latin1), line ends CR LF. */
export interface MimePart {
  /** Header fields as they stand, folds included. */
  fields: readonly string[]
  /** What a part without parts holds, its transfer encoding undone. */
  content: string
  /** The parts of a multipart, or the message that a message/rfc822 holds. A multipart's own text before and after them. */
  parts?: readonly MimePart[]
  preamble?: string
  epilogue?: string
}

/** Cuts a message (line ends CR LF) into its parts (RFC 2046, section 5.1.1). Nothing is corrected or left out. */
export function mimeTree(message: string): MimePart {
  const [head, body] = headAndBody(message)
  const fields = head === "" ? [] : head.split(/\r\n(?![ \t])/)
  const type = valueOf(fields, "content-type")
  if (/^message\/rfc822\b/i.test(type)) return { fields, content: "", parts: [mimeTree(body)] }
  const boundary = boundaryOf(type)
  if (boundary === undefined) return { fields, content: decoded(body, valueOf(fields, "content-transfer-encoding")) }
  const { preamble, pieces, epilogue } = cut(body, boundary)
  return { fields, content: "", parts: pieces.map(mimeTree), preamble, epilogue }
}

/** The name of a header field, in lower case. */
export function fieldName(field: string): string {
  return field.slice(0, field.indexOf(":")).trim().toLowerCase()
}

/** A message that begins with an empty line has no header; one without an empty line has no body. */
function headAndBody(message: string): [string, string] {
  if (message.startsWith("\r\n")) return ["", message.slice(2)]
  const end = message.indexOf("\r\n\r\n")
  return end < 0 ? [message.replace(/\r\n$/, ""), ""] : [message.slice(0, end), message.slice(end + 4)]
}

function valueOf(fields: readonly string[], name: string): string {
  const field = fields.find((one) => fieldName(one) === name) ?? ""
  return field.slice(field.indexOf(":") + 1).replaceAll(/\r\n[ \t]+/g, " ").trim()
}

function boundaryOf(type: string): string | undefined {
  if (!/^multipart\//i.test(type)) return undefined
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]*)"|([^\s;]+))/i.exec(type) ?? []
  return quoted ?? plain
}

/** The line end before a delimiter is the delimiter's. */
function cut(body: string, boundary: string): { preamble: string; pieces: string[]; epilogue: string } {
  const delimiter = `--${boundary}`
  const texts: string[][] = [[]]
  let isOver = false
  for (const line of body.split("\r\n")) {
    const rest: string | undefined = line.startsWith(delimiter) && !isOver ? line.slice(delimiter.length) : undefined
    if (rest === undefined || !/^(--)?[ \t]*$/.test(rest)) texts.at(-1)!.push(line)
    else {
      texts.push([])
      isOver = rest.startsWith("--")
    }
  }
  const [preamble = "", ...pieces] = texts.map((lines) => lines.join("\r\n"))
  return { preamble, pieces: isOver ? pieces.slice(0, -1) : pieces, epilogue: isOver ? pieces.at(-1)! : "" }
}

function decoded(body: string, encoding: string): string {
  if (/^base64$/i.test(encoding)) return Buffer.from(body, "base64").toString("latin1")
  if (!/^quoted-printable$/i.test(encoding)) return body
  return body.replaceAll(/[ \t]+(?=\r\n)/g, "").replaceAll(/=\r\n|=$/g, "")
    .replaceAll(/=([0-9A-F]{2})/gi, (_, octet: string) => String.fromCharCode(Number.parseInt(octet, 16)))
}
