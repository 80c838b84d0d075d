import { join } from "node:path"
import { academyAddresses } from "./academies.ts"
import { CertificateAuthority } from "./certificates.ts"
import { publishedServices } from "./components.ts"
import { startDelay, type Delay } from "./delay.ts"
import { nameGateway, startGateway } from "./gateway.ts"
import type { LabHandle, NetworkHandle, NodeHandle } from "./handle.ts"
import { HolderContainer, type LabPlace } from "./inside-container.ts"
import { proveIsolation } from "./isolation-proof.ts"
import { IsolationRefused } from "./isolation-record.ts"
import { setRules, type IsolationRules } from "./isolation-rules.ts"
import type { LabOverrides } from "./lab-overrides.ts"
import { makeNetworks } from "./network.ts"
import { NodeStarter, writeSubstitutions, type ConfiguredNode, type ConfiguredRelease } from "./node-starter.ts"
import { makeDouble, type NoDouble, type OutsideDouble } from "./outside-double.ts"
import type { Owner } from "./ownership.ts"
import type { Component, NodeDefinition, PlatformDefinition } from "./platform.ts"
import type { Progress, Text } from "./progress.ts"
import { secretsFor, type Secrets } from "./release-secrets.ts"
import type { Release } from "./release.ts"
import { registerRun } from "./run-registry.ts"
import { unlessStopped } from "./stop-signal.ts"
import { writeWhole } from "./whole-file.ts"

/** All that a lab is made from. */
export interface LabPlan {
  run: string
  seed: number
  owner: Owner
  release: Release
  platform: PlatformDefinition
  /** Image tag per component; `world` for everything around the platform. */
  images: Readonly<Record<string, string>>
  overrides: LabOverrides
  /** The run's folder: `lab.json`, `isolation.json`, `substitutions.json` and `logs/` are written there. */
  folder: string
  /** A folder outside the results, for what must never be in them: the secrets. It must live as long as the lab. */
  privateFolder: string
  progress: Progress
  signal: AbortSignal
  /** Delays between two nodes, there from their start. */
  delays?: readonly Delay[]
  /** Called between the making of the lab and its proof. Only tests that break the lab give one. */
  beforeProof?: (handle: LabHandle, parts: IsolationParts) => Promise<void>
}

export interface IsolationParts { rules: IsolationRules; double: OutsideDouble | NoDouble }

/** A lab that runs and whose isolation is proved. */
export interface Lab {
  handle: LabHandle
  isolation: "rules" | "inspection"
  /** Each node with what it was made from. */
  nodes: readonly ConfiguredNode[]
  secrets: Secrets
  /** Starts its components, again too where another release is laid into it (laid-release.ts). */
  starter: NodeStarter
}

/**
 * Starts a lab and proves that nothing can leave it. In this order: networks and their packet filter rules, a holder
 * for each node, the gateway, the components, the proof. Throws a LabFailure that names the node, and the abort's
 * reason when `signal` aborts; what was made until then is removed by `removeRun(plan.run)`, which the caller owes.
 */
export async function startLab(plan: LabPlan): Promise<Lab> {
  const { progress } = plan
  const step = <T>(title: Text, work: () => Promise<T>) =>
    progress.step(title, () => unlessStopped(plan.signal, work()))
  const networks = await step({ fr: "réseaux et règles de filtrage", en: "networks and packet filter rules" }, () => makeIsolation(plan))
  const made = await step({ fr: "un espace réseau par nœud", en: "a network namespace for each node" }, () => holdNodes(plan, networks))
  for (const delay of plan.delays ?? []) await startDelay(delay, { ...made, image: plan.images["world"]! })
  const starter = await starterFor(plan, made)
  const secrets = secretsFor(plan.release)
  const secretsFile = join(plan.privateFolder, "secrets.json")
  await writeWhole(secretsFile, secrets, 0o600)
  const configured = starter.configure(plan.release, secrets)
  await writeSubstitutions(plan.folder, configured)
  const handle = await step({ fr: "composants", en: "components" }, () => startComponents(plan, made, { starter, configured, secretsFile }))
  await writeWhole(join(plan.folder, "lab.json"), handle)
  const isolation = await step({ fr: "preuve que rien ne peut sortir", en: "proof that nothing can leave" }, () => prove(plan, handle, made))
  return { handle, isolation, nodes: configured.nodes, secrets, starter }
}

interface Networks { network: NetworkHandle; outerNetwork: NetworkHandle; rules: IsolationRules }

interface Made extends Networks {
  place: LabPlace
  holders: Record<string, { id: string }>
  /** IPv4 inside the lab, by node. */
  addresses: Record<string, string>
}

async function makeIsolation(plan: LabPlan): Promise<Networks> {
  const { run, owner } = plan
  await registerRun({ run, owner, image: plan.images["world"]!, folder: plan.folder })
  const networks = await makeNetworks(run, owner)
  const rules = await setRules({ run, owner, image: plan.images["world"]!, ...networks })
  return { ...networks, rules }
}

/** The lab's DNS comes first: every other node's resolver is its address. */
async function holdNodes(plan: LabPlan, networks: Networks): Promise<Made> {
  const { run, owner, platform } = plan
  const place: LabPlace = { run, owner, network: networks.network, logsFolder: join(plan.folder, "logs"), signal: plan.signal }
  const hold = async (node: NodeDefinition, resolver?: string) => {
    const started = await new HolderContainer(plan.images["world"]!, place, node, resolver).start()
    return [node.name, { id: started.getId(), address: started.getIpAddress(networks.network.name) }] as const
  }
  const dns = await hold(platform.nodes.find(({ component }) => component === "dns")!, "127.0.0.1")
  const others = platform.nodes.filter(({ component }) => component !== "dns")
  const held = await Promise.all(others.map((node) => hold(node, dns[1].address)))
  const holders = Object.fromEntries([dns, ...held])
  const addresses = Object.fromEntries(Object.entries(holders).map(([name, { address }]) => [name, address]))
  return { ...networks, place, holders, addresses }
}

async function starterFor({ run, platform, images, overrides }: LabPlan, { place, holders, addresses, network }: Made): Promise<NodeStarter> {
  const hasAcademies = platform.nodes.some(({ component }) => component === "academies")
  return new NodeStarter({
    platform, images, overrides, place, holders, addresses, authority: await CertificateAuthority.create(run),
    academies: hasAcademies ? academyAddresses(network.subnet, Object.values(addresses)) : [],
  })
}

interface ToStart { starter: NodeStarter; configured: ConfiguredRelease; secretsFile: string }

async function startComponents(plan: LabPlan, made: Made, { starter, configured, secretsFile }: ToStart): Promise<LabHandle> {
  const { run, seed, owner, release, platform, images } = plan
  const { place, holders, addresses, network, outerNetwork } = made
  const [gateway, containers] = await Promise.all([
    startGateway({
      image: images["world"]!, place, outerNetwork, services: publishedServices(platform, addresses),
      resolver: addressOf("dns", platform, addresses),
    }),
    starter.start(configured),
  ])
  const nodes = Object.fromEntries(platform.nodes.map((node): [string, NodeHandle] => [node.name, {
    ...node, holderId: holders[node.name]!.id, containerId: containers[node.name]!, address: addresses[node.name]!,
  }]))
  const handle: LabHandle = {
    schema: "recette.lab/v1", run, seed, owner, platform: platform.name, network, outerNetwork, nodes, gateway,
    release: { version: release.version, digest: release.digest, folder: release.folder },
    resultsFolder: plan.folder, secretsFile, certificateAuthority: starter.frame.authority.certificate,
  }
  await nameGateway(handle)
  return handle
}

function addressOf(component: Component, { nodes }: PlatformDefinition, addresses: Record<string, string>): string {
  return addresses[nodes.find((node) => node.component === component)!.name]!
}

async function prove(plan: LabPlan, handle: LabHandle, { rules, network, outerNetwork }: Made): Promise<Lab["isolation"]> {
  const { run, owner, images, folder } = plan
  const place = { run, owner, image: images["world"]!, network, outerNetwork }
  const double = await makeDouble(place, rules, handle.gateway.containerId)
  try {
    await plan.beforeProof?.(handle, { rules, double })
    const record = await proveIsolation({ handle, rules, double })
    await writeWhole(join(folder, "isolation.json"), record)
    return record.means
  } catch (error) {
    if (error instanceof IsolationRefused) await writeWhole(join(folder, "isolation.json"), error.record)
    throw error
  } finally {
    await double.remove()
  }
}
