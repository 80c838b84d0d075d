import { InputError } from "./failure.ts"
import type { NodeConfiguration } from "./node-configuration.ts"

/** Sections that have a name: `service/imap-login/…` is `service imap-login { … }`. All others have none. */
const namedSections = new Set([
  "service", "protocol", "namespace", "mailbox", "inet_listener", "unix_listener", "fifo_listener", "local", "remote",
  "passdb", "userdb", "quota", "warning", "mysql",
])
/** Sections whose name may itself contain `/`: a path. What follows, but for the setting, is the name. */
const namedByPath = new Set(["unix_listener", "fifo_listener"])
/** Sections without a name until 2.3, of which Dovecot adds one more instead of changing one; named from 2.4 on. */
const namedSince24 = new Set(["passdb", "userdb"])

/**
 * What a release sets and unsets, as configuration of Dovecot 2.3 or 2.4 to be read after its files: the sections are
 * written alike, their names and settings are the release's own. For what is unset the
 * image's start.sh puts in the value compiled into Dovecot (`{{default <name>}}`), for Dovecot cannot take a setting out.
 * Throws InputError for a section that cannot be addressed.
 */
export function dovecotOverrides({ set, unset }: Pick<NodeConfiguration, "set" | "unset">): string {
  const unsetLines = unset.map((name) => nested(name, `{{default ${name.replace(/^protocol\/[^/]+\//, "")}}}`))
  const setLines = Object.entries(set).map(([name, value]) => nested(name, value))
  return [...unsetLines, ...setLines].join("")
}

function nested(name: string, value: string): string {
  const parts = name.split("/")
  const setting = parts.pop()!
  const sections: string[] = []
  while (parts.length > 0) {
    const kind = parts.shift()!
    if (namedSince24.has(kind) && parts.length === 0) throw unaddressable(name, kind)
    if (!namedSections.has(kind)) sections.push(kind)
    else if (namedByPath.has(kind)) sections.push(`${kind} ${parts.splice(0).join("/")}`)
    else sections.push(`${kind} ${parts.shift() ?? ""}`)
  }
  const lines = [
    ...sections.map((section, depth) => `${"  ".repeat(depth)}${section} {`),
    `${"  ".repeat(sections.length)}${setting} = ${value}`,
    ...sections.map((_, depth) => `${"  ".repeat(sections.length - 1 - depth)}}`),
  ]
  return `${lines.join("\n")}\n`
}

function unaddressable(name: string, kind: string): InputError {
  return new InputError(`dovecot: ${name} cannot be set, for a ${kind} of Dovecot 2.3 has no name`, {
    where: "release.yaml, components.dovecot",
    remedy: `name it for Dovecot 2.4 (${kind}/sql/…), or bring the file that holds it in the release (files)`,
  })
}

/**
 * The output of `doveconf -n` by name, with `/` between sections; a second section of one name becomes `name#2`.
 * Comments, passwords and a plugin's settings without a value are left out.
 */
export function flattenDoveconf(output: string): Record<string, string> {
  const settings: Record<string, string> = {}
  const open: string[] = []
  const seen = new Map<string, number>()
  for (const line of output.split("\n").map((one) => one.trim())) {
    if (line === "" || line.startsWith("#")) continue
    const prefix = open.length > 0 ? `${open.at(-1)}/` : ""
    if (line === "}") {
      open.pop()
    } else if (line.endsWith("{")) {
      const section = prefix + line.slice(0, -1).trim().replace(" ", "/")
      const count = (seen.get(section) ?? 0) + 1
      seen.set(section, count)
      open.push(count > 1 ? `${section}#${count}` : section)
    } else {
      const equals = line.indexOf("=")
      const name = prefix + line.slice(0, equals).trim()
      const value = line.slice(equals + 1).trim()
      if (!value.startsWith("# hidden") && (value !== "" || !name.startsWith("plugin/"))) settings[name] = value
    }
  }
  return settings
}
