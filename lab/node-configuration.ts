import { bindLine, type BindingContext, type Substitution } from "./bindings.ts"
import { overridesFile, overridesFor, type LabOverrides } from "./lab-overrides.ts"
import type { NodeDefinition, PlatformDefinition } from "./platform.ts"
import type { Origin, Release, ReleaseComponent, ReleaseContent, ReleaseNode } from "./release-model.ts"
import type { ReleaseComponentName } from "./release-schema.ts"
import { fileSecrets, fillPublicKeys, fillSecrets, type Secrets } from "./release-secrets.ts"
import { codeLines } from "./release-text.ts"

export type { Substitution }

/** One file of a release laid into a node, bound (addresses replaced) and with its secrets filled in. */
export interface ConfigurationFile {
  /** Path relative to the component's folder of the release, for example `main.cf` or `families/x/config.tt2`. */
  path: string
  content: Buffer
  /** Permission bits, for example 0o644; 0o640 where a secret was filled in. */
  mode: number
}

/** What a release says about one node, resolved: what its `XContainer` is made from. */
export interface NodeConfiguration {
  files: readonly ConfigurationFile[]
  /** Overrides on top of the files, in the component's own syntax (ARCHITECTURE: main.cf, sympa.conf, doveconf, server variables). */
  set: Readonly<Record<string, string>>
  unset: readonly string[]
  /** Postfix only: master.cf services to `-o` parameters, for example `{"submission/inet": {smtpd_tls_security_level: "encrypt"}}`. */
  services: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Folders kept in memory (tmpfs); none where it is absent. */
  memory?: readonly string[]
}

/** What a lab gives to the release that it runs. */
export interface LabContext {
  /** IPv4 inside the lab, by node. */
  addresses: Readonly<Record<string, string>>
  secrets: Secrets
  /** The closed list of shortened timers. */
  overrides: LabOverrides
  /** CIDR of the lab's network; needed only by a release that binds a network to `lab`. */
  subnet?: string
}

/**
 * What one node of a lab is made from: files and settings of the release for its component and itself, the lab's
 * shortened timers on top, addresses, names and certificates bound, secrets filled in. `substitutions` lists every
 * text that was replaced; it never holds a secret's value. A node of the world around the platform has no settings.
 */
export function nodeConfiguration(
  release: Release, node: NodeDefinition, context: LabContext,
): { configuration: NodeConfiguration; substitutions: Substitution[] } {
  const component = release.components[node.component as ReleaseComponentName]
  if (!component) return { configuration: { files: [], set: {}, unset: [], services: {} }, substitutions: [] }
  const binder = new Binder(release, node.component, context)
  const own = component.nodes[node.name] ?? { set: {}, unset: [] }
  const { set, unset, origins } = withOverrides(joined(component, own, node.name), node.component, context.overrides, binder)
  const files = [...component.files].filter(([path]) => !release.secrets.includes(`${node.component}/${path}`))
    .map(([path, file]) => binder.file(path, file))
  for (const { path, name } of fileSecrets(release.secrets, node.component)) {
    files.push({ path, content: Buffer.from(context.secrets[name] ?? ""), mode: 0o640 })
    const file = `${node.component}/${path}`
    binder.substitutions.push({ file, line: 1, from: "the whole file", to: "(generated)", kind: "secret" })
  }
  const configuration: NodeConfiguration = {
    files, unset, ...(component.memory.length > 0 ? { memory: component.memory } : {}),
    set: binder.settings(set, (key) => origins[`set/${key}`]),
    services: Object.fromEntries(Object.entries(component.services).map(([service, parameters]) =>
      [service, binder.settings(parameters, (key) => component.origins[`services/${service}/${key}`])])),
  }
  return { configuration, substitutions: binder.substitutions }
}

/** Refuses a release one of whose texts names an address, a host or a certificate that nothing binds. Starts nothing. */
export function checkTextsAreBound(release: Release, platform: PlatformDefinition): void {
  const nothing: LabContext = { addresses: {}, secrets: {}, overrides: [] }
  for (const node of platform.nodes) nodeConfiguration(release, node, nothing)
}

interface Settings { set: Record<string, string>; unset: string[]; origins: Record<string, Origin> }

/** The component's settings, and the node's own over them. */
function joined(component: ReleaseComponent, own: ReleaseNode, node: string): Settings {
  const set = { ...component.set, ...own.set }
  for (const key of own.unset) delete set[key]
  const unset = [...new Set([...component.unset.filter((key) => !(key in own.set)), ...own.unset])]
  const origins = { ...component.origins }
  for (const key of Object.keys(own.set)) origins[`set/${key}`] = component.origins[`nodes/${node}/set/${key}`]!
  return { set, unset, origins }
}

function withOverrides(
  { set, unset, origins }: Settings, component: string, overrides: LabOverrides, binder: Binder,
): Settings {
  const applied = overridesFor(component, set, overrides)
  for (const { setting, value, line } of applied) {
    const from = set[setting] ?? (unset.includes(setting) ? "(unset)" : "(as in the files)")
    binder.substitutions.push({
      file: overridesFile, line, from: `${setting} = ${from}`, to: `${setting} = ${value}`, kind: "override",
    })
  }
  const shortened = Object.fromEntries(applied.map(({ setting, value }) => [setting, value]))
  const places = Object.fromEntries(applied.map(({ setting, line }) => [`set/${setting}`, { file: overridesFile, line }]))
  return {
    set: { ...set, ...shortened }, unset: unset.filter((key) => !(key in shortened)), origins: { ...origins, ...places },
  }
}

/** Binds the texts of one component, and keeps what it replaced. */
class Binder {
  readonly substitutions: Substitution[] = []
  private readonly secrets: Secrets
  private readonly context: BindingContext
  constructor(release: Release, component: string, { addresses, secrets, subnet }: LabContext) {
    this.secrets = secrets
    const { files } = release.components[component as ReleaseComponentName]!
    const zones = [...(release.components.dns?.files.keys() ?? [])].filter((path) => path.endsWith(".zone"))
    this.context = {
      bindings: release.bindings, nodes: release.definition.nodes, addresses,
      zones: zones.map((path) => path.slice(path.lastIndexOf("/") + 1, -".zone".length).toLowerCase()),
      ownPaths: [...files.keys(), ...fileSecrets(release.secrets, component).map(({ path }) => path)],
      ...(subnet === undefined ? {} : { subnet }),
    }
  }

  file(path: string, { content, source, mode }: ReleaseContent): ConfigurationFile {
    const lines = codeLines(content, path)
    if (lines.length === 0) return { path, content, mode }
    const before = this.substitutions.length
    const bound = lines.map(({ code, comment, line }) => this.text(code, { file: source, line }) + comment)
    const secret = this.substitutions.slice(before).some(({ kind }) => kind === "secret")
    return { path, content: Buffer.from(bound.join("\n"), "latin1"), mode: secret ? mode & 0o750 : mode }
  }

  settings(
    set: Readonly<Record<string, string>>, originOf: (key: string) => Origin | undefined,
  ): Record<string, string> {
    return Object.fromEntries(Object.entries(set).map(([key, value]) => [key, this.text(value, originOf(key)!)]))
  }

  private text(text: string, origin: Origin): string {
    const { line, substitutions } = bindLine(text, origin, this.context)
    this.substitutions.push(...substitutions)
    const filled = fillSecrets(line, this.secrets, origin)
    for (const name of filled.names) {
      this.substitutions.push({ ...origin, from: `{{secret:${name}}}`, to: "(generated)", kind: "secret" })
    }
    const published = fillPublicKeys(filled.text, this.secrets, origin)
    for (const name of published.names) {
      this.substitutions.push({ ...origin, from: `{{dkim:${name}}}`, to: "(public half of the generated key)", kind: "public-key" })
    }
    return published.text
  }
}
