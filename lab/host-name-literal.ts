/** A host or domain name in a configuration file. */
export interface HostNameLiteral {
  text: string
  start: number
  end: number
  /** Lower-case, points not escaped. */
  name: string
  /** What stands between the labels: `\.` in a regular expression. */
  separator: string
  /** It is the domain of a mail address: mail to it is caught inside, so that it needs no binding. */
  mailDomain: boolean
}

/**
 * Last labels that make a dotted word a host name wherever it stands. Top-level domains that are also words of
 * configuration languages or endings of files (info, name, id, md, pl, py, sh, so, zip…) are left out: such a name
 * counts only where nothing but a host name can stand, after `@`, after `://`, or in `[name]:port`.
 */
const topLevelDomains = new Set([
  "com", "org", "net", "int", "edu", "gov", "mil", "eu", "io", "cloud", "paris", "corsica", "bzh", "alsace",
  "fr", "re", "gp", "mq", "gf", "nc", "pf", "yt", "wf", "tf",
  "be", "ch", "de", "es", "it", "uk", "lu", "nl", "ca", "ie", "at", "pt", "us",
])

/** Names that never lead to a real machine: RFC 2606, RFC 6761, RFC 6762, and the reverse zones of the lab. */
const reserved = /(^|\.)(test|invalid|example|localhost|localdomain|local|arpa|example\.(com|net|org))$/

/** Names that are never resolved: of a document format, and Sympa's titles by language (`title.fr`, sympa_scenario(5)). */
const identifiers = /^(www\.w3\.org|title\.[a-z]{2})$/

const label = "[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?"
const dottedName = new RegExp(
  String.raw`(?<![\w\\/$%{}-]|[\w-]\\?\.)(?:${label}(\\?\.))(?:${label}\1)*[a-z]{2,}(?![\w-]|\\?\.[\w$]|[@(])`, "gi")
const afterScheme = new RegExp(
  String.raw`(?<=:\/\/)(?:${label}(\.))(?:${label}\.)*[a-z]{2,}(?![\w-]|\.\w)`, "gi")
const templateCode = /\[%.*?%\]/g

/**
 * Host names of a line that stand for a machine or domain outside: not reserved, not a part of a path,
 * not template code. A dotted word counts by its last label or by its place (see above).
 */
export function hostNamesIn(line: string): HostNameLiteral[] {
  const text = line.replaceAll(templateCode, (code) => " ".repeat(code.length))
  const found = [...text.matchAll(dottedName), ...text.matchAll(afterScheme)].map((match): HostNameLiteral => ({
    text: match[0], start: match.index, end: match.index + match[0].length,
    name: match[0].toLowerCase().replaceAll("\\.", "."), separator: match[1] ?? ".",
    mailDomain: endsWithAt(text.slice(0, match.index)),
  }))
  return found.filter((literal) => isOutside(literal.name) && (hasKnownEnding(literal.name) || standsForHost(text, literal)))
    .sort((a, b) => a.start - b.start)
}

function isOutside(name: string): boolean {
  return !reserved.test(name) && !identifiers.test(name)
}

function hasKnownEnding(name: string): boolean {
  return topLevelDomains.has(name.slice(name.lastIndexOf(".") + 1))
}

function endsWithAt(before: string): boolean {
  return /[\w.+"'-]@$/.test(before)
}

function standsForHost(line: string, { start, end, mailDomain }: HostNameLiteral): boolean {
  const before = line.slice(0, start)
  return mailDomain || before.endsWith("://") || (before.endsWith("[") && /^\]:\d/.test(line.slice(end)))
}
