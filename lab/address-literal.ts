import { isIPv4, isIPv6 } from "node:net"

/** An IPv4 or IPv6 address, or a network, as it is written in a configuration file. */
export interface AddressLiteral {
  /** As written, with its prefix if it has one, without the brackets around an IPv6 address. */
  text: string
  start: number
  end: number
  /** In its shortest form, lower-case, points not escaped: two spellings of one address are equal. */
  address: string
  /** Prefix length in bits, where one is written. */
  prefixBits?: number
  /** What stands between the numbers of an IPv4 address: `\.` in a regular expression. */
  separator: string
}

const ipv4 = /(?<![\w.-]|\w\\)(\d{1,3})(\\?\.)(\d{1,3})\2(\d{1,3})\2(\d{1,3})(?:\/(\d{1,2}))?(?![\w-]|\\?\.[\w-]|\/\d)/g
const ipv6 = /(?<![\w:.])(\[?)((?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?)(?:\]?\/(\d{1,3}))?(?![\w:]|\.\w)/gi

/** Every address and network in a line. A version has another number of parts, a clock time is no valid IPv6 address. */
export function addressesIn(line: string): AddressLiteral[] {
  const found: AddressLiteral[] = []
  for (const match of line.matchAll(ipv6)) {
    const [whole, bracket = "", written = "", prefix] = match
    if (!isIPv6(written)) continue
    // "[2001:db8::1]/64" loses its brackets with its prefix; in "[2001:db8::1]:25" they stay around the address.
    const start = match.index + (prefix === undefined ? bracket.length : 0)
    const end = prefix === undefined ? start + written.length : match.index + whole.length
    found.push({ text: line.slice(start, end), start, end, address: canonical(written), separator: ".", ...bits(prefix) })
  }
  for (const match of line.matchAll(ipv4)) {
    const [text, a, separator = ".", b, c, d, prefix] = match
    const address = [a, b, c, d].map(Number).join(".")
    const inside = found.some(({ start, end }) => match.index >= start && match.index < end)
    if (!isIPv4(address) || inside) continue
    found.push({ text, start: match.index, end: match.index + text.length, address, separator, ...bits(prefix) })
  }
  return found.sort((a, b) => a.start - b.start)
}

function bits(prefix: string | undefined): { prefixBits?: number } {
  return prefix === undefined ? {} : { prefixBits: Number(prefix) }
}

/** True for a single address, also one written with its whole prefix (/32, /128). */
export function isSingle({ address, prefixBits }: Pick<AddressLiteral, "address" | "prefixBits">): boolean {
  return prefixBits === undefined || prefixBits === (address.includes(":") ? 128 : 32)
}

/**
 * True for an address that stands for a machine elsewhere. Not so: loopback and unspecified addresses and networks,
 * link-local ones (RFC 3927, RFC 4291 section 2.5.6: no router carries them), multicast, and what is above it
 * (reserved, RFC 1112 section 4; netmasks are there).
 */
export function needsBinding({ address }: Pick<AddressLiteral, "address">): boolean {
  if (address.includes(":")) {
    const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address)
    if (mapped) return needsBinding({ address: quad(Number.parseInt(mapped[1]!, 16), Number.parseInt(mapped[2]!, 16)) })
    return !/^(::1?$|fe[89ab][0-9a-f]:|ff[0-9a-f]{2}:)/.test(address)
  }
  const [a = 0, b = 0] = address.split(".").map(Number)
  return !(a === 127 || a === 0 || (a === 169 && b === 254) || a >= 224)
}

/** The shortest form of an address, with the prefix if any: the key under which bindings are compared. */
export function canonicalAddress(text: string): string | undefined {
  const [literal] = addressesIn(text)
  if (!literal || literal.text !== text) return undefined
  return literal.prefixBits === undefined ? literal.address : `${literal.address}/${literal.prefixBits}`
}

function canonical(ipv6Text: string): string {
  return new URL(`http://[${ipv6Text}]/`).hostname.slice(1, -1)
}

function quad(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}
