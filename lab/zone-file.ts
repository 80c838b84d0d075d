import { InputError } from "./failure.ts"
import type { ZoneRecord } from "./world/zone-data.ts"

/** A zone as a release keeps it: an RFC 1035 master file. */
export interface ZoneFile {
  /** The zone's name, from the file's own (`dns/<origin>.zone`); `$ORIGIN` in the text may change it. */
  origin: string
  text: string
  /** Path for error messages, for example `dns/education.test.zone`. */
  file: string
}

interface Token { text: string; quoted: boolean }
interface Entry { line: number; startsBlank: boolean; tokens: Token[] }

const defaultTtl = 3600
const textOctetsMax = 255

/**
 * The records of a zone file (RFC 1035, section 5): parentheses, comments, quoted strings, `@`, relative names, blank
 * owners, `$ORIGIN`, `$TTL` (seconds, or with units as in `1h30m`). A type or directive that the lab's DNS does not
 * know is an InputError that names file and line, and never a record left out in silence.
 */
export function zoneRecords(zone: ZoneFile): ZoneRecord[] {
  const reader = new ZoneReader(zone)
  return entriesOf(zone).flatMap((entry) => reader.read(entry))
}

class ZoneReader {
  private readonly file: string
  private origin: string
  private ttl = defaultTtl
  private owner: string | undefined

  constructor({ origin, file }: ZoneFile) {
    this.file = file
    this.origin = origin.toLowerCase().replace(/\.$/, "")
  }

  read(entry: Entry): ZoneRecord[] {
    const [first, second] = entry.tokens
    if (first!.text.toUpperCase() === "$ORIGIN") this.origin = this.name(second?.text ?? "", entry)
    else if (first!.text.toUpperCase() === "$TTL") {
      this.ttl = secondsOf(second?.text ?? "") ?? this.wrong(entry, "no TTL")
    } else if (first!.text.startsWith("$")) this.wrong(entry, `the directive ${first!.text} is not known here`)
    else return [this.record(entry)]
    return []
  }

  private record(entry: Entry): ZoneRecord {
    const tokens = [...entry.tokens]
    if (!entry.startsBlank) this.owner = this.name(tokens.shift()!.text, entry)
    if (this.owner === undefined) this.wrong(entry, "the first record has no name")
    let ttl = this.ttl
    for (let next = tokens[0]?.text; next !== undefined; next = tokens[0]?.text) {
      const seconds = secondsOf(next)
      if (seconds === undefined && next.toUpperCase() !== "IN") break
      if (seconds !== undefined) ttl = seconds
      tokens.shift()
    }
    const type = tokens.shift()?.text.toUpperCase() ?? this.wrong(entry, "a record without a type")
    const form = forms[type] ?? this.wrong(entry, `the record type ${type} is not known here`)
    const fields = tokens.map(({ text }) => text)
    if (form.fields !== undefined && fields.length !== form.fields) {
      this.wrong(entry, `${type} takes ${form.fields} field(s), not ${fields.length}`)
    }
    const data = form.data(fields, (text) => this.name(text, entry))
    return data === undefined ? this.wrong(entry, `wrong ${type} data: ${fields.join(" ")}`)
      : { name: this.owner!, type, ttl, data }
  }

  private name(text: string, entry: Entry): string {
    if (text === "@") return this.origin
    if (text === ".") return "."
    const absolute = (text.endsWith(".") ? text.slice(0, -1) : `${text}.${this.origin}`).toLowerCase()
    const labels = absolute.split(".")
    if (text === "" || labels.some((label) => label === "" || label.length > 63) || absolute.length > 253
      || !/^[\x21-\x7e]+$/.test(absolute)) this.wrong(entry, `no name: ${text}`)
    return absolute
  }

  private wrong(entry: Entry, what: string): never {
    throw new InputError(`In a zone file: ${what}`, {
      where: `${this.file}:${entry.line}`,
      remedy: `mend that line; record types known here: ${Object.keys(forms).join(", ")}`,
    })
  }
}

type Form = { fields?: number; data: (fields: string[], name: (text: string) => string) => unknown }

const one = (data: Form["data"]): Form => ({ fields: 1, data })
const forms: Record<string, Form> = {
  A: one(([address]) => isAddress(address!) ? address : undefined),
  AAAA: one(([address]) => address!.includes(":") ? address : undefined),
  NS: one(([target], name) => name(target!)),
  CNAME: one(([target], name) => name(target!)),
  PTR: one(([target], name) => name(target!)),
  MX: {
    fields: 2,
    data: ([preference, exchange], name) =>
      isNumber(preference!) ? { preference: Number(preference), exchange: name(exchange!) } : undefined,
  },
  TXT: {
    data: (strings) =>
      strings.length > 0 && strings.every((text) => Buffer.byteLength(text) <= textOctetsMax) ? strings : undefined,
  },
  SRV: {
    fields: 4,
    data: ([priority, weight, port, target], name) =>
      [priority!, weight!, port!].every(isNumber)
        ? { priority: Number(priority), weight: Number(weight), port: Number(port), target: name(target!) } : undefined,
  },
  CAA: {
    fields: 3, data: ([flags, tag, value]) => isNumber(flags!) ? { flags: Number(flags), tag, value } : undefined,
  },
  SOA: {
    fields: 7,
    data: ([mname, rname, ...numbers], name) => {
      const [serial, refresh, retry, expire, minimum] = numbers.map(secondsOf)
      if (numbers.some((text) => secondsOf(text) === undefined)) return undefined
      return { mname: name(mname!), rname: name(rname!), serial, refresh, retry, expire, minimum }
    },
  },
}

/** Logical lines: comments gone, parentheses joined, quoted strings kept whole. */
function entriesOf({ text, file }: ZoneFile): Entry[] {
  const entries: Entry[] = []
  let current: Entry | undefined
  let depth = 0
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const tokens = line.matchAll(/;.*|([()])|"((?:[^"\\]|\\.)*)"|([^\s;()"]+)|"/g)
    current ??= { line: index + 1, startsBlank: /^\s/.test(line), tokens: [] }
    for (const [whole, bracket, quoted, bare] of tokens) {
      if (bracket) depth += bracket === "(" ? 1 : -1
      else if (quoted !== undefined) current.tokens.push({ text: unescaped(quoted), quoted: true })
      else if (bare !== undefined) current.tokens.push({ text: bare, quoted: false })
      if (whole === "\"" || depth < 0) throw unbalanced(file, index + 1)
    }
    if (depth > 0) continue
    if (current.tokens.length > 0) entries.push(current)
    current = undefined
  }
  if (depth > 0) throw unbalanced(file, current!.line)
  return entries
}

function unbalanced(file: string, line: number): InputError {
  return new InputError("In a zone file: a quote or a parenthesis has no partner", {
    where: `${file}:${line}`, remedy: "close it; a quoted string ends on the line on which it began",
  })
}

function unescaped(text: string): string {
  return text.replace(/\\(\d{3}|.)/g, (_, escape: string) =>
    escape.length === 3 ? String.fromCharCode(Number(escape)) : escape)
}

/** `3600`, `1h`, `1h30m`, `2w`; `undefined` where the text is no duration. */
function secondsOf(text: string): number | undefined {
  if (!/^(\d+[smhdw]?)+$/i.test(text)) return undefined
  const units: Record<string, number> = { "": 1, s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }
  return [...text.matchAll(/(\d+)([smhdw]?)/gi)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!.toLowerCase()]!, 0)
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= 65_535
}

function isAddress(text: string): boolean {
  return /^\d+(\.\d+){3}$/.test(text) && text.split(".").every((part) => Number(part) <= 255)
}
