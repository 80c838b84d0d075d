export interface EnvelopePath {
  /** Empty for the null path `<>`. */
  address: string
  /** ESMTP parameters, names in upper case: `{ SIZE: "1200", SMTPUTF8: "" }`. */
  parameters: Record<string, string>
}

/**
 * Reads what follows `MAIL FROM:` or `RCPT TO:` (RFC 5321, section 4.1.2). A source route is dropped (appendix C).
 * `undefined`: not a path.
 */
export function envelopePath(text: string): EnvelopePath | undefined {
  const match = /^\s*<((?:"(?:[^"\\]|\\.)*"|[^<>"])*)>((?:\s+\S+)*)\s*$/.exec(text)
  if (!match) return undefined
  const address = match[1]!.replace(/^@[^:]*:/, "")
  if (/[\s\x00-\x1f]/.test(address.replace(/"(?:[^"\\]|\\.)*"/, ""))) return undefined
  if (address !== "" && !/^.+@[^@]+$/.test(address) && address.toLowerCase() !== "postmaster") return undefined
  const parameters: Record<string, string> = {}
  for (const word of match[2]!.split(/\s+/).filter(Boolean)) {
    const equals = word.indexOf("=")
    const name = (equals < 0 ? word : word.slice(0, equals)).toUpperCase()
    parameters[name] = equals < 0 ? "" : word.slice(equals + 1)
  }
  return { address, parameters }
}

export function isAscii(text: string): boolean {
  return /^[\x00-\x7f]*$/.test(text)
}
