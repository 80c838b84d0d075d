import { join } from "node:path"
import { academies } from "../fixtures/academies.ts"
import type { AcademyAddress } from "./academies.ts"
import type { CertificateAuthority } from "./certificates.ts"
import { kindOf } from "./components.ts"
import { dnsConfiguration } from "./dns-data.ts"
import type { LabPlace } from "./inside-container.ts"
import type { LabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration, type NodeConfiguration, type Substitution } from "./node-configuration.ts"
import type { NodeLog } from "./node-log.ts"
import type { NodeDefinition, PlatformDefinition } from "./platform.ts"
import type { ReleaseComponentName } from "./release-schema.ts"
import type { Secrets } from "./release-secrets.ts"
import type { Release } from "./release.ts"
import { writeWhole } from "./whole-file.ts"
import type { ZoneData } from "./world/zone-data.ts"
import type { ZoneFile } from "./zone-file.ts"

const zoneSuffix = ".zone"

/** A node with what it is made from. */
export interface ConfiguredNode {
  node: NodeDefinition
  configuration: NodeConfiguration
  /** Names that its certificate is valid for. */
  names: readonly string[]
}

/** A release bound to one lab. */
export interface ConfiguredRelease {
  release: Release
  nodes: readonly ConfiguredNode[]
  /** What the lab's DNS serves. */
  dns: ZoneData
  substitutions: readonly Substitution[]
}

/** What stays the same in a lab, whatever runs in it. */
export interface LabFrame {
  platform: PlatformDefinition
  /** Image tag per component; `world` for everything around the platform. */
  images: Readonly<Record<string, string>>
  overrides: LabOverrides
  place: LabPlace
  holders: Readonly<Record<string, { id: string }>>
  /** IPv4 inside the lab, by node. */
  addresses: Readonly<Record<string, string>>
  academies: readonly AcademyAddress[]
  authority: CertificateAuthority
}

/** Starts components in their holders: when the lab is made, and again where a release is laid into it (laid-release.ts). */
export class NodeStarter {
  readonly frame: LabFrame
  private readonly logs = new Map<string, NodeLog>()
  private readonly underWay = new Set<Promise<unknown>>()
  constructor(frame: LabFrame) {
    this.frame = frame
  }

  /** Binds a release to this lab and fills in its secrets. Nothing is started. */
  configure(release: Release, secrets: Secrets): ConfiguredRelease {
    const { platform, addresses, overrides, academies: servers, place: { network: { subnet } } } = this.frame
    const bound = platform.nodes.map((node) =>
      ({ node, ...nodeConfiguration(release, node, { addresses, secrets, overrides, subnet }) }))
    const dns = dnsConfiguration({
      platform, addresses, academies: servers, zones: zonesOf(bound), boundAddresses: release.bindings.addresses,
    })
    return {
      release, dns, substitutions: bound.flatMap((one) => one.substitutions),
      nodes: bound.map(({ node, configuration }) => ({ node, configuration, names: namesOf(node, addresses[node.name]!, dns) })),
    }
  }

  /** Starts components, those first that others ask while they start. Returns the id of each container, by node. */
  async start(configured: ConfiguredRelease, nodes: readonly ConfiguredNode[] = configured.nodes): Promise<Record<string, string>> {
    const isFirst = ({ node }: ConfiguredNode): boolean => kindOf(node.component).first
    const startAll = (some: readonly ConfiguredNode[]) => Promise.all(some.map((one) => this.noted(this.startOne(one, configured))))
    const first = await startAll(nodes.filter(isFirst))
    return Object.fromEntries([...first, ...await startAll(nodes.filter((one) => !isFirst(one)))])
  }

  /** The logs of all that runs go to `folder` from now on. */
  moveLogs(folder: string): void {
    for (const log of this.logs.values()) log.moveTo(folder)
  }

  /** Waits until nothing is being started any more, whatever became of it: after a start that failed, others go on. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.underWay])
  }

  private async noted<T>(work: Promise<T>): Promise<T> {
    this.underWay.add(work)
    return work.finally(() => this.underWay.delete(work))
  }

  private async startOne({ node, configuration, names }: ConfiguredNode, { release, dns }: ConfiguredRelease): Promise<[string, string]> {
    const { images, place, holders, authority, academies: servers } = this.frame
    const { image, make } = kindOf(node.component)
    const container = make({
      node, place, configuration, academies: servers, dns, holderId: holders[node.name]!.id,
      image: release.components[node.component as ReleaseComponentName]?.image ?? images[image]!,
      tls: await authority.forNode(names),
    })
    const started = await container.start()
    container.log.started(started.getId())
    this.logs.set(node.name, container.log)
    return [node.name, started.getId()]
  }
}

/** `substitutions.json`: every text of the release that was replaced. */
export async function writeSubstitutions(folder: string, { substitutions }: ConfiguredRelease): Promise<void> {
  await writeWhole(join(folder, "substitutions.json"), { schema: "recette.substitutions/v1", substitutions })
}

/** What a node's certificate is valid for: every name that leads to it. The academies' server speaks for 30 hosts. */
function namesOf({ component, hostname }: NodeDefinition, address: string, { records }: ZoneData): string[] {
  if (component === "academies") return [hostname, ...academies.map(({ domain }) => `mx.${domain}`)]
  return [...new Set([hostname, ...records.filter(({ type, data }) => type === "A" && data === address).map(({ name }) => name)])]
}

/** The release's zone files, `dns/<origin>.zone`, bound to the lab's addresses. */
function zonesOf(nodes: readonly Omit<ConfiguredNode, "names">[]): ZoneFile[] {
  return nodes.filter(({ node }) => node.component === "dns")
    .flatMap(({ configuration }) => configuration.files).filter(({ path }) => path.endsWith(zoneSuffix))
    .map(({ path, content }) => ({ origin: path.slice(0, -zoneSuffix.length), text: content.toString(), file: `dns/${path}` }))
}
