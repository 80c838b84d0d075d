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

/** A message of exactly `bytes` octets as transmitted, line ends of two octets included; at least 1 000. */
export function sizedMessage({ bytes, id, from, to }: { bytes: number; id: string; from: string; to: string }): Buffer {
  const start = [
    `X-Recette-Id: ${id}`, `Message-ID: <${id}@recette.example.test>`, "Date: Thu, 1 Jan 2026 08:30:00 +0100",
    `From: ${from}`, `To: ${to}`, `Subject: ${id}`, "", id, "",
  ].join("\r\n")
  const line = `${"x".repeat(76)}\r\n`
  const whole = Math.floor((bytes - start.length) / line.length) - 1
  const rest = bytes - start.length - whole * line.length
  return Buffer.from(`${start}${line.repeat(whole)}${"y".repeat(rest - 2)}\r\n`)
}
