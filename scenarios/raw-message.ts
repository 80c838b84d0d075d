/** The body of a raw message, line ends as LF, each octet one character (latin1). */
export function bodyOf(raw: Buffer): string {
  return raw.toString("latin1").replaceAll("\r\n", "\n").replace(/^[^]*?\n\n/, "")
}

/** The header lines of a raw message, unfolded, in order. */
export function headerLinesOf(raw: Buffer): string[] {
  return raw.toString("latin1").split(/\r?\n\r?\n/, 1)[0]!.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/)
}

/** The header fields of a raw message as they stand, folds and spaces included, in order; line ends as LF. */
export function headerFieldsOf(raw: Buffer): string[] {
  return raw.toString("latin1").replaceAll("\r\n", "\n").split("\n\n", 1)[0]!.split(/\n(?![ \t])/)
}

/** The fields of `sent` that `arrived` does not have, or not in their order; others may stand between them. */
export function lostFields(sent: Buffer, arrived: Buffer): string[] {
  const fields = headerFieldsOf(arrived)
  let next = 0
  return headerFieldsOf(sent).filter((field) => {
    const at = fields.indexOf(field, next)
    if (at >= 0) next = at + 1
    return at < 0
  })
}

/** The message with CR LF at each line's end, as it was on its way: mailboxes keep LF. */
export function asTransmitted(raw: Buffer): Buffer {
  return Buffer.from(raw.toString("latin1").replaceAll(/\r?\n/g, "\r\n"), "latin1")
}

/** Headers of a raw message by name in lower case; the last one counts where there are several. */
export function headersOf(raw: Buffer): Record<string, string> {
  return Object.fromEntries(headerLinesOf(raw).map((line) => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  }))
}

/** A plain message with every header that a filter expects of a decent one; line ends are CR LF, the last one included. */
export function decentMessage({ id, from, to, body = `Bonjour, ceci est le message ${id}.\r\n` }: { id: string; from: string; to: string; body?: string }): string {
  return [
    `X-Recette-Id: ${id}`, `From: ${from}`, `To: ${to}`, `Subject: Message ${id}`, `Date: ${new Date().toUTCString()}`,
    `Message-ID: <${id}@recette.example.test>`, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", body,
  ].join("\r\n")
}

export interface SizedMessage {
  bytes: number
  /** Bytes that a line end counts for: 2 as transmitted, 1 as the list engine stores it. */
  lineEndBytes?: 1 | 2
  id: string
  from: string
  to: string
}

/** A line of 76 characters, in words: a run of one letter costs an antispam five times as much as a text. */
const filler = "Le rapport annuel est joint : chaque direction y trouve ses propres chiffres"

/** A message of exactly `bytes` bytes, at least 1 000; its line ends are CR LF. */
export function sizedMessage({ bytes, lineEndBytes = 2, id, from, to }: SizedMessage): Buffer {
  const start = [
    `X-Recette-Id: ${id}`, `Message-ID: <${id}@recette.example.test>`, "Date: Thu, 1 Jan 2026 08:30:00 +0100",
    `From: ${from}`, `To: ${to}`, `Subject: ${id}`, "", id,
  ]
  const startBytes = start.join("").length + start.length * lineEndBytes
  const lineBytes = 76 + lineEndBytes
  const whole = Math.floor((bytes - startBytes) / lineBytes) - 1
  const last = "y".repeat(bytes - startBytes - whole * lineBytes - lineEndBytes)
  return Buffer.from([...start, ...Array<string>(whole).fill(filler), last, ""].join("\r\n"))
}
