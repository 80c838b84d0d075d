import { LabFailure } from "./failure.ts"
import { worldComponents, type Component, type PlatformDefinition } from "./platform.ts"
import type { ZoneData, ZoneRecord } from "./world/zone-data.ts"
import { zoneRecords, type ZoneFile } from "./zone-file.ts"

/** Everything that has a name in a lab. */
export interface NamedThings {
  /** The release's own zones, with the lab's addresses in them already. */
  zones: readonly ZoneFile[]
  platform: Pick<PlatformDefinition, "nodes">
  /** Address of each node. */
  addresses: Readonly<Record<string, string>>
  /** The academies' domains with the address that each has on the academies node. */
  academies: readonly { domain: string; address: string }[]
  gatewayAddress?: string
  /** Addresses of the release's bindings: literal (`192.0.2.10`) to node. Its reverse zones move with them. */
  boundAddresses?: Readonly<Record<string, string>>
}

const ttl = 300
/** Where a name that nobody serves leads: the internet that takes everything. */
export const internetHost = "mx.internet.test"

/**
 * What the lab's DNS serves: the release's zones as they are, and what they do not cover: the host names of the nodes,
 * `mx.<domain>` with MX, SPF and DMARC of each academy, `gateway.lab.test`, and the reverse name of every address.
 * A reverse zone of the release speaks for the bound addresses: what is missing there is missing in the lab too.
 */
export function dnsConfiguration(things: NamedThings): ZoneData {
  const nodes = namedNodes(things)
  const release = things.zones.flatMap(zoneRecords)
  const origins = things.zones.map(({ origin }) => origin.toLowerCase().replace(/\.$/, ""))
  const own = [
    ...nodes.map(({ hostname, address }) => record(hostname, "A", address)),
    ...things.academies.flatMap(academyRecords),
    ...(things.gatewayAddress ? [record("gateway.lab.test", "A", things.gatewayAddress)] : []),
  ].filter(({ name }) => !origins.some((origin) => isWithin(name, origin)))
  const internet = nodes.find(({ component }) => component === "internet")
  return {
    records: [...release, ...own, ...reverseRecords(things, nodes, release, origins)],
    ownedZones: [...new Set([...origins, "lab.test", ...things.academies.map(({ domain }) => domain)])],
    catchAll: internet ? { exchange: internetHost, address: internet.address } : null,
    nxdomain: ["invalid"],
  }
}

interface NamedNode { name: string; component: Component; hostname: string; address: string }

function namedNodes({ platform, addresses }: NamedThings): NamedNode[] {
  return platform.nodes.map((node) => {
    const address = addresses[node.name]
    if (address !== undefined) return { ...node, address }
    throw new LabFailure(`Node ${node.name} has no address to be named by`, {
      where: "lab/dns-data.ts, addresses", remedy: "make the holders of all nodes before the DNS's records",
    })
  })
}

function academyRecords({ domain, address }: { domain: string; address: string }): ZoneRecord[] {
  return [
    record(`mx.${domain}`, "A", address),
    record(domain, "MX", { preference: 10, exchange: `mx.${domain}` }),
    record(domain, "TXT", [`v=spf1 ip4:${address} -all`]),
    record(`mx.${domain}`, "TXT", ["v=spf1 a -all"]),
    record(`_dmarc.${domain}`, "TXT", ["v=DMARC1; p=none"]),
  ]
}

/** PTR of every address of the lab; where the release has the reverse zone of a bound address, what it says there. */
function reverseRecords(
  { academies, gatewayAddress, boundAddresses = {} }: NamedThings, nodes: readonly NamedNode[],
  release: readonly ZoneRecord[], origins: readonly string[],
): ZoneRecord[] {
  const spokenFor = Object.entries(boundAddresses).filter(([literal]) =>
    origins.some((origin) => isWithin(reverseName(literal), origin)))
  const moved = spokenFor.flatMap(([literal, node]) => {
    const address = nodes.find(({ name }) => name === node)?.address
    const pointers = release.filter(({ name, type }) => type === "PTR" && name === reverseName(literal))
    return address ? pointers.map((pointer) => ({ ...pointer, name: reverseName(address) })) : []
  })
  const spokenForNodes = new Set(spokenFor.map(([, node]) => node))
  const named = [
    ...nodes.filter(({ name, component }) => !spokenForNodes.has(name) || isWorld(component))
      .map(({ address, hostname }) => [address, hostname] as const),
    ...academies.map(({ address, domain }) => [address, `mx.${domain}`] as const),
    ...(gatewayAddress ? [[gatewayAddress, "gateway.lab.test"] as const] : []),
  ]
  return [...moved, ...named.map(([address, name]) => record(reverseName(address), "PTR", name))]
}

function isWorld(component: Component): boolean {
  return worldComponents.includes(component)
}

function record(name: string, type: string, data: unknown): ZoneRecord {
  return { name, type, ttl, data }
}

/** `10.2.0.192.in-addr.arpa` of 192.0.2.10 (RFC 1035, section 3.5). */
export function reverseName(address: string): string {
  return `${address.split(".").reverse().join(".")}.in-addr.arpa`
}

function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`)
}
