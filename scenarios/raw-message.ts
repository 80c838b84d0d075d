/** The body of a raw message, line ends as LF, each octet one character (latin1). */
export function bodyOf(raw: Buffer): string {
  return raw.toString("latin1").replaceAll("\r\n", "\n").replace(/^[^]*?\n\n/, "")
}

/** The header lines of a raw message, unfolded, in order. */
export function headerLinesOf(raw: Buffer): string[] {
  return raw.toString("latin1").split(/\r?\n\r?\n/, 1)[0]!.replaceAll(/\r?\n[ \t]+/g, " ").split(/\r?\n/)
}

/** Headers of a raw message by name in lower case; the last one counts where there are several. */
export function headersOf(raw: Buffer): Record<string, string> {
  return Object.fromEntries(headerLinesOf(raw).map((line) => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  }))
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
