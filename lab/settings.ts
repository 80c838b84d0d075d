import { z } from "zod"
import { InputError } from "./failure.ts"

const url = z.url({ protocol: /^https?$/ }).optional()

/** Every setting of recette. On the outside `installEngine` is `RECETTE_INSTALL_ENGINE`, and so on. */
const Settings = z.strictObject({
  lang: z.enum(["fr", "en"]).optional()
    .describe("language of what is shown and of the reports; by default the one of the locale"),
  installEngine: z.enum(["ask", "yes", "no"]).default("ask")
    .describe("install and start a container engine where none answers (Debian, Ubuntu): `ask` asks on a terminal "
      + "and does it elsewhere, `yes` does it, `no` never does"),
  httpProxy: url.describe("proxy for http, for npm, apt, the base image and image builds"),
  httpsProxy: url.describe("proxy for https; by default `RECETTE_HTTP_PROXY`"),
  noProxy: z.string().optional().describe("hosts reached without the proxy, separated by commas"),
  caFile: z.string().startsWith("/").optional()
    .describe("full path of a PEM file: the internal certificate authority that npm, apt and image builds trust"),
  npmRegistry: url.describe("npm mirror"),
  debianMirror: url.describe("Debian mirror for the base image and image builds"),
  debianSecurityMirror: url.describe("mirror of Debian's security updates, for the same"),
  imageRegistry: z.string().regex(/^[a-z0-9][a-z0-9.:/_-]*$/).optional()
    .describe("registry, with its folder, from which the Debian base image is pulled, "
      + "for example `registry.example/mirror`; by default the engine's own"),
  gatewayPort: z.coerce.number().int().min(1_024).max(60_000).optional()
    .describe("first of the ports of 127.0.0.1 on which a lab's services are published, the others follow: for a lab on "
      + "another machine; by default the engine chooses"),
  deliveryTimeoutMs: z.coerce.number().int().min(1_000).max(600_000).default(30_000)
    .describe("longest wait for one message, in ms"),
  ancestors: z.string().regex(/^(\d+:\d+)(,\d+:\d+)*$/).optional()
    .describe("internal: the processes above this one, `pid:startticks,...`, handed over by the bootstrap"),
})

export type Settings = Readonly<z.infer<typeof Settings>>

/** Settings, and what the environment says beside them. */
export interface Environment extends Settings {
  /** Language of the reports: `RECETTE_LANG`, else French where the locale is French, else English. */
  readonly lang: "fr" | "en"
  /** False where NO_COLOR is set to anything. */
  readonly color: boolean
}

const prefix = "RECETTE_"
let parsed: Environment | undefined

/** The settings of this process, parsed from its environment at the first call. Throws InputError (see `parseSettings`). */
export function settings(): Environment {
  return parsed ??= parseSettings(process.env)
}

/** The environment as a whole, for a child process: nobody else reads `process.env`. */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined))
}

/**
 * Reads `RECETTE_*` strictly: an unknown name or a wrong value is an InputError that names each one.
 * An empty value counts as not set. The usual `http_proxy`, `https_proxy` and `no_proxy` count where ours are not set.
 */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Environment {
  const own = Object.entries(environment).filter(([name, value]) => name.startsWith(prefix) && value !== "")
  const outcome = Settings.safeParse(Object.fromEntries(own.map(([name, value]) => [keyOf(name), value])))
  if (!outcome.success) throw refusal(outcome.error)
  const usual = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined
  const { httpProxy = usual("http_proxy"), httpsProxy = usual("https_proxy") ?? httpProxy, noProxy = usual("no_proxy") } = outcome.data
  const locale = environment["LC_ALL"] || environment["LC_MESSAGES"] || environment["LANG"] || ""
  return {
    ...outcome.data,
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    lang: outcome.data.lang ?? (locale.startsWith("fr") ? "fr" : "en"),
    color: !environment["NO_COLOR"],
  }
}

/** The README's table of settings, in Markdown. Internal ones are left out. */
export function renderSettingsTable(): string {
  const rows = Object.entries(Settings.shape)
    .map(([key, schema]) => ({ name: nameOf(key), about: schema.description ?? "", value: defaultOf(schema) }))
    .filter(({ about }) => !about.startsWith("internal"))
    .map(({ name, about, value }) => `| \`${name}\` | ${value} | ${about} |`)
  return ["| setting | default | meaning |", "| --- | --- | --- |", ...rows].join("\n")
}

/** The names that a settings file may carry. */
export function settingNames(): string[] {
  return Object.keys(Settings.shape).map(nameOf)
}

function defaultOf(schema: z.ZodType): string {
  const { success, data } = schema.safeParse(undefined)
  return success && data !== undefined ? `\`${String(data)}\`` : ""
}

function refusal(error: z.ZodError): InputError {
  const lines = error.issues.flatMap((issue) => issue.code === "unrecognized_keys"
    ? issue.keys.map((key) => `${nameOf(key)} is no setting of recette`)
    : [`${nameOf(String(issue.path[0]))}: ${issue.message}`])
  return new InputError(lines.join("\n"), {
    where: "the environment, or recette.env", remedy: "compare with .recette.env.example, which names every setting",
  })
}

function nameOf(key: string): string {
  return prefix + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
}

function keyOf(name: string): string {
  return name.slice(prefix.length).toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
