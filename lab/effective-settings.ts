import { secondsOf } from "./duration.ts"
import { InputError } from "./failure.ts"
import type { LabOverrides } from "./lab-overrides.ts"
import { redacted, type Secrets } from "./release-secrets.ts"

/** Settings of one node as its component reports them after the start, by name. */
export type EffectiveSettings = Readonly<Record<string, string>>

export interface SettingsCheckOptions {
  /** Postfix: parameters of master.cf, as `postconf -P` names them: `service/type/parameter`. */
  services?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Taken out of messages. */
  secrets?: Secrets
  /** Where the settings stand, for messages. */
  where?: string
}

/** A setting that two sets of effective settings do not share; `undefined`: it is not set there. */
export interface SettingDifference { setting: string; from: string | undefined; to: string | undefined }

/** These report what is set explicitly and nothing else, so that `unset` can be checked; the others report everything. */
const reportExplicitOnly = ["postfix", "dovecot", "directory"]

/**
 * Throws InputError for a setting that the release sets or unsets and that is not so on the running node, unless
 * the closed list of shortened timers overrides it. Values are compared by what they mean to the component; `set` and
 * `services` are given as the node received them (`NodeConfiguration`), with addresses bound and secrets filled in.
 */
export function checkSetIsEffective(
  component: string, set: Readonly<Record<string, string>>, unset: readonly string[], effective: EffectiveSettings,
  overrides: LabOverrides, { services = {}, secrets = {}, where = "release.yaml" }: SettingsCheckOptions = {},
): void {
  const own = overrides.filter((one) => one.component === component)
  const shortened = new Map(own.map(({ setting, value }) => [setting, value]))
  const found = byName(component, effective)
  const check = (setting: string, wanted: string) => {
    const running = found.get(settingName(component, setting))
    const allowed = [wanted, ...(shortened.has(setting) ? [shortened.get(setting)!] : [])]
    if (running !== undefined && allowed.some((value) => meansTheSame(component, value, running))) return
    throw new InputError(redacted(running === undefined
      ? `${component}: ${setting} = ${wanted} has no effect: the component does not report this setting`
      : `${component}: ${setting} = ${wanted} has no effect: the component runs with ${running || "an empty value"}`, secrets), {
      where: redacted(where, secrets), remedy: "correct the spelling or the value, or take the setting out of the release",
    })
  }
  for (const [setting, value] of Object.entries(set)) check(setting, value)
  for (const [service, parameters] of Object.entries(services)) {
    for (const [parameter, value] of Object.entries(parameters)) check(`${service}/${parameter}`, value)
  }
  if (!reportExplicitOnly.includes(component)) return
  for (const setting of unset) {
    const running = found.get(settingName(component, setting))
    if (running === undefined || shortened.has(setting)) continue
    throw new InputError(redacted(`${component}: ${setting} is unset in the release and still runs with ${running}`, secrets), {
      where: redacted(where, secrets), remedy: "see which file of the release sets it again",
    })
  }
}

/** What differs between two sets of effective settings, in order of names; `from` is the baseline. */
export function effectiveDifferences(
  component: string, baseline: EffectiveSettings, candidate: EffectiveSettings,
): SettingDifference[] {
  const before = byName(component, baseline)
  const after = byName(component, candidate)
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((setting): SettingDifference[] => {
    const from = before.get(setting)
    const to = after.get(setting)
    return from !== undefined && to !== undefined && meansTheSame(component, from, to) ? [] : [{ setting, from, to }]
  })
}

/** True when two values say the same to the component: spaces, truth words, sizes and durations in other units. */
export function meansTheSame(component: string, one: string, other: string): boolean {
  const readings = rules[component] ?? [(value: string) => value]
  return readings.some((read) => read(plain(one)) === read(plain(other)))
}

function byName(component: string, settings: EffectiveSettings): Map<string, string> {
  return new Map(Object.entries(settings).map(([name, value]) => [settingName(component, name), value]))
}

/** MariaDB takes `-` for `_` and any case in the names of its variables. */
function settingName(component: string, name: string): string {
  return component === "mariadb" ? name.toLowerCase().replaceAll("-", "_") : name
}

/** Units without which a duration or size stays a plain number. */
const withUnit = /^\d+(\.\d+)?\s*[a-z]+$/i

/** How each component reads a value; two that agree in one reading are the same (`10m` is a time or a size). */
const rules: Record<string, readonly ((value: string) => string)[]> = {
  // postconf(5): elements of a list are separated by commas or white space; truth is written yes or no.
  postfix: [(value) => value.split(/[\s,]+/).filter(Boolean).map((word) => duration(word)).join(" ")],
  dovecot: [
    (value) => duration(truth(unquoted(value), ["yes", "true", "y"], ["no", "false"])),
    (value) => size(unquoted(value)),
  ],
  mariadb: [
    (value) => size(truth(unquoted(value), ["on", "1", "true", "yes"], ["off", "0", "false", "no"])).toLowerCase(),
  ],
  sympa: [
    (value) => truth(value.replaceAll(/\s*,\s*/g, ","), ["on", "yes", "enabled"], ["off", "no", "disabled"]),
  ],
  // UCL keeps a duration as a number of seconds.
  rspamd: [(value) => duration(truth(unquoted(value), ["true", "yes", "on"], ["false", "no", "off"])).replace(/ s$/, "")],
  // slapd-config(5) keeps values as they were written, but for the truth.
  directory: [(value) => truth(value, ["true"], ["false"])],
  clamav: [(value) => size(truth(value, ["yes", "true", "1"], ["no", "false", "0"]))],
}

function plain(value: string): string {
  return value.trim().replaceAll(/\s+/g, " ")
}

function truth(value: string, yes: readonly string[], no: readonly string[]): string {
  const word = value.toLowerCase()
  return yes.includes(word) ? "(yes)" : no.includes(word) ? "(no)" : value
}

/** A duration with its unit in seconds: `2m` and `120s` are one. */
function duration(value: string): string {
  const seconds = withUnit.test(value) ? secondsOf(value) : undefined
  return seconds === undefined ? value : `${seconds} s`
}

/** A size in bytes: `5M`, `5 MB` and `5242880` are one. */
function size(value: string): string {
  const [, amount, unit = ""] = /^(\d+)\s*([kmgt])(?:i?b)?$/i.exec(value) ?? []
  return amount === undefined ? value : String(Number(amount) * 1024 ** (" kmgt".indexOf(unit.toLowerCase())))
}

function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/, "$2")
}
