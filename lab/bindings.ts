import { addressesIn, canonicalAddress, isSingle, needsBinding, type AddressLiteral } from "./address-literal.ts"
import { certificatePathsIn, labCertificates } from "./certificate-path.ts"
import { InputError } from "./failure.ts"
import { hostNamesIn, type HostNameLiteral } from "./host-name-literal.ts"
import type { NodeDefinition } from "./platform.ts"
import type { Bindings, Origin } from "./release-model.ts"

/** One text of a release that the lab replaced: listed in the run and in the report. */
export interface Substitution extends Origin {
  from: string
  to: string
  kind: "address" | "host" | "certificate" | "secret" | "public-key" | "override"
}

/** What binds a release's text to one lab. */
export interface BindingContext {
  bindings: Bindings
  nodes: readonly NodeDefinition[]
  /** IPv4 inside the lab, by node. */
  addresses: Readonly<Record<string, string>>
  /** CIDR of the lab's network, for networks bound to `lab`. */
  subnet?: string
  /** Zones that the release brings itself: the lab's DNS serves their names. */
  zones: readonly string[]
  /** Paths of the component that is bound: its own files and generated ones. */
  ownPaths: readonly string[]
}

interface Replacement { start: number; end: number; from: string; to: string; kind: Substitution["kind"] }

/**
 * Binds the part of one line that is no comment: certificates, addresses and host names become the lab's.
 * Throws InputError naming `origin` for one that nothing binds. Replacements are never looked at again.
 */
export function bindLine(
  line: string, origin: Origin, context: BindingContext,
): { line: string; substitutions: Substitution[] } {
  const replacements: Replacement[] = []
  const take = (one: Replacement) => {
    if (!replacements.some(({ start, end }) => one.start < end && start < one.end)) replacements.push(one)
  }
  for (const path of certificatePathsIn(line, context)) {
    const to = context.bindings.certificates[path.text]
    if (to === undefined) throw unboundCertificate(path.text, origin)
    take({ ...path, from: path.text, to: to === "itself" ? path.text : labCertificates[to], kind: "certificate" })
  }
  for (const literal of addressesIn(line)) {
    take({ ...literal, from: literal.text, to: labAddress(literal, origin, context), kind: "address" })
  }
  for (const literal of hostNamesIn(line)) {
    take({ ...literal, from: literal.text, to: labHost(literal, origin, context), kind: "host" })
  }
  replacements.sort((a, b) => a.start - b.start)
  let bound = ""
  let position = 0
  for (const { start, end, to } of replacements) {
    bound += line.slice(position, start) + to
    position = end
  }
  return {
    line: bound + line.slice(position),
    substitutions: replacements.filter(({ from, to }) => from !== to)
      .map(({ from, to, kind }) => ({ file: origin.file, line: origin.line, from, to, kind })),
  }
}

function labAddress(literal: AddressLiteral, origin: Origin, { bindings, addresses, subnet }: BindingContext): string {
  const { text, separator } = literal
  const to = boundAddress(literal, bindings)
  if (to === undefined) {
    if (!needsBinding(literal)) return text
    throw unboundAddress(literal, origin)
  }
  if (to === "itself") return text
  if (to === "lab") return subnet ?? text
  const bound = (addresses[to] ?? text).replaceAll(".", separator)
  return literal.prefixBits === undefined ? bound : `${bound}/32`
}

function boundAddress(literal: AddressLiteral, { addresses, networks }: Bindings): string | undefined {
  const { address, prefixBits } = literal
  const inTable = (table: Readonly<Record<string, string>>, wanted: string) =>
    Object.entries(table).find(([from]) => canonicalAddress(from) === wanted)?.[1]
  const network = prefixBits === undefined ? undefined : inTable(networks, `${address}/${prefixBits}`)
  return network ?? (isSingle(literal) ? inTable(addresses, address) : undefined)
}

function unboundAddress(literal: AddressLiteral, { file, line }: Origin): InputError {
  const [kind, table, key] = isSingle(literal)
    ? ["address", "addresses", literal.address] : ["network", "networks", `${literal.address}/${literal.prefixBits}`]
  return new InputError(`The ${kind} ${literal.text} is bound to nothing in the lab`, {
    where: `${file}:${line}`,
    remedy: `add "${key}: <node>" under ${table} of the release's bindings.yaml, or "${key}: itself" to leave it as it is`,
  })
}

function labHost(literal: HostNameLiteral, origin: Origin, { bindings, nodes, zones }: BindingContext): string {
  const { name, text, separator } = literal
  const to = boundHost(name, bindings)
  if (to === undefined) {
    if (literal.mailDomain || zones.some((zone) => name === zone || name.endsWith(`.${zone}`))) return text
    throw new InputError(`The name ${name} is bound to nothing in the lab`, {
      where: `${origin.file}:${origin.line}`,
      remedy: `add "${name}: <node>" under hosts of the release's bindings.yaml, or "${name}: itself" `
        + `to let the lab's internet answer for it, or bring its zone as dns/${name}.zone`,
    })
  }
  if (to === "itself") return text
  const node = nodes.find((one) => one.name === to)
  return (node?.hostname ?? to).replaceAll(".", separator)
}

function boundHost(name: string, { hosts }: Bindings): string | undefined {
  const labels = name.split(".")
  const parents = labels.slice(1).map((_, index) => `.${labels.slice(index + 1).join(".")}`)
  return [name, ...parents].map((key) => hosts[key]).find((value) => value !== undefined)
}

function unboundCertificate(path: string, { file, line }: Origin): InputError {
  return new InputError(`The certificate or key ${path} is bound to nothing in the lab`, {
    where: `${file}:${line}`,
    remedy: `add "${path}: chain" (or key, or authority) under certificates of the release's bindings.yaml, `
      + "or bring the file in the release",
  })
}

/** Refuses bindings that lead nowhere: what is no address, no network, no node, no name of the lab. */
export function checkBindings(bindings: Bindings, nodes: readonly NodeDefinition[]): void {
  const names = nodes.map((node) => node.name)
  const refuse = (kind: string, from: string, message: string, remedy: string) => {
    const { file, line } = bindings.origins[`${kind}/${from}`]!
    return new InputError(message, { where: `${file}:${line}`, remedy })
  }
  for (const kind of ["addresses", "networks"] as const) {
    for (const [from, to] of Object.entries(bindings[kind])) {
      const canonical = canonicalAddress(from)
      if (!canonical || canonical.includes("/") !== (kind === "networks")) {
        const [what, example] = kind === "networks" ? ["network", "192.0.2.0/24"] : ["address", "192.0.2.10"]
        throw refuse(kind, from, `${from} is no ${what}`, `write ${example}`)
      }
      const words = kind === "networks" ? ["itself", "lab"] : ["itself"]
      if (!names.includes(to) && !words.includes(to)) {
        throw refuse(kind, from, `${from} is bound to ${to}, and there is no node ${to}`,
          `use one of ${[...names, ...words].join(", ")}`)
      }
    }
  }
  for (const [from, to] of Object.entries(bindings.hosts)) {
    if (!names.includes(to) && to !== "itself" && !/\.test$/.test(to)) {
      throw refuse("hosts", from, `${from} is bound to ${to}, which is neither a node nor a name under .test`,
        `use one of ${names.join(", ")}, a name under .test, or itself`)
    }
  }
}
