import { InputError } from "./failure.ts"
import type { NodeConfiguration } from "./node-configuration.ts"

/** Sections whose file has another name, as `section/name`. */
const files: Readonly<Record<string, string>> = {
  "worker/rspamd_proxy": "worker-proxy.inc", "worker/normal": "worker-normal.inc", "worker/controller": "worker-controller.inc",
  "worker/fuzzy": "worker-fuzzy.inc", "classifier/bayes": "classifier-bayes.conf",
}
/** Values that are no text: numbers, durations, sizes, truth, lists and objects. */
const bare = /^(-?\d+(\.\d+)?\s*([a-z]{1,3})?|true|false|yes|no|on|off|null|\[.*\]|\{.*\})$/i

/**
 * What a release sets and unsets, as one file in rspamd's language that is read after all others and wins, value by
 * value. A setting is written `file:key`, with `/` between sections: `actions.conf:reject`,
 * `rbl.conf:rbls/clients/rbl`, `options.inc:dns/timeout`. What is unset becomes `null`, for which rspamd takes the value
 * compiled in. Throws InputError for a name without file, and for a worker's: rspamd would start one more.
 */
export function rspamdOverrides({ set, unset }: Pick<NodeConfiguration, "set" | "unset">): string {
  const lines = [
    ...unset.map((name) => nested(name, "null")),
    ...Object.entries(set).map(([name, value]) => nested(name, bare.test(value) ? value : JSON.stringify(value))),
  ]
  return `# What the release's set and unset, and the lab, say on top of the release's files.\n${lines.join("")}`
}

function nested(name: string, value: string): string {
  const [, file, key] = /^([^:/]+\.(?:conf|inc)):(.+)$/.exec(name) ?? []
  if (!file || !key) {
    throw new InputError(`rspamd: ${name} is no setting`, {
      where: "release.yaml, components.rspamd", remedy: "write file:key, for example actions.conf:reject or options.inc:dns/timeout",
    })
  }
  if (Object.values(files).includes(file)) {
    throw new InputError(`rspamd: ${name} cannot be set, for ${file} is one of several sections of one name`, {
      where: "release.yaml, components.rspamd", remedy: `bring rspamd/override.d/${file} in the release`,
    })
  }
  const keys = key.split("/")
  const setting = keys.pop()!
  const path = [...sectionOf(file), ...keys]
  return `${path.map((section) => `${JSON.stringify(section)} { `).join("")}${JSON.stringify(setting)} = ${value};${" }".repeat(path.length)}\n`
}

/** `actions.conf` is `actions { … }`, `rbl_group.conf` the group of that name. */
function sectionOf(file: string): readonly string[] {
  const name = file.replace(/\.(conf|inc)$/, "")
  return name.endsWith("_group") ? ["group", name.slice(0, -"_group".length)] : [name]
}

/**
 * The output of `rspamadm configdump --json` by name, as a release writes them: `actions.conf:reject`. Elements of a list
 * of plain values are joined by `, ` in brackets; sections of one name go by their own, others count from 1.
 */
export function flattenConfigdump(json: string): Record<string, string> {
  const settings: Record<string, string> = {}
  const walk = (prefix: string, value: unknown): void => {
    if (prefix === "worker" && Array.isArray(value)) for (const one of value) walk(prefix, one)
    else if (Array.isArray(value) && value.every((one) => typeof one !== "object")) settings[prefix] = `[${value.join(", ")}]`
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(`${prefix}/${Array.isArray(value) ? Number(key) + 1 : key}`, inner)
    } else settings[prefix] = String(value)
  }
  for (const [section, value] of Object.entries(JSON.parse(json) as Record<string, unknown>)) walk(section, value)
  return Object.fromEntries(Object.entries(settings).map(([path, value]) => [named(path), value]))
}

function named(path: string): string {
  const keys = path.split("/")
  const file = files[keys.slice(0, 2).join("/")]
  if (file) return `${file}:${keys.slice(2).join("/")}`
  const [section, ...rest] = keys
  if (section === "group" && rest.length > 1) return `${rest[0]}_group.conf:${rest.slice(1).join("/")}`
  return `${section}.${section === "options" || section === "logging" ? "inc" : "conf"}:${rest.join("/")}`
}
