import type { ContainerInspectInfo, NetworkInspectInfo } from "dockerode"
import { engine } from "./engine.ts"
import type { LabHandle } from "./handle.ts"
import type { IsolationFailure } from "./isolation-record.ts"

export interface Inspection {
  failures: IsolationFailure[]
  /** Names of the networks of each node's namespace, and of the gateway's. */
  networks: Record<string, string[]>
  /** The gateway's addresses on the lab's network and on its outer bridge. */
  gatewayAddresses: { lab: string; outer: string }
  /** Namespaces whose engine resolver (127.0.0.11) asks only the lab: asking it leaves the machine from no other. */
  resolvesInside: Set<string>
}

const placingRemedy = "place containers only through HolderContainer and InsideContainer (lab/inside-container.ts), "
  + "disconnect this one from the other network, and start the lab again"

/**
 * What the engine itself says of the lab: each holder on the lab's network and no other, each component in its
 * holder's namespace, the gateway on the lab's network and its outer bridge, nobody else on either, and no resolver
 * that asks outside. Components not yet started (no container id in the handle) are left to `inspectComponents`.
 */
export async function inspectIsolation(handle: LabHandle): Promise<Inspection> {
  const nodes = Object.values(handle.nodes)
  const { container: { dockerode } } = await engine()
  const [holders, gateway, members, outerMembers, components] = await Promise.all([
    Promise.all(nodes.map(({ holderId }) => dockerode.getContainer(holderId).inspect())),
    dockerode.getContainer(handle.gateway.containerId).inspect(),
    dockerode.getNetwork(handle.network.id).inspect() as Promise<NetworkInspectInfo>,
    dockerode.getNetwork(handle.outerNetwork.id).inspect() as Promise<NetworkInspectInfo>,
    inspectComponents(handle),
  ])
  const spaces = [...nodes.map(({ name }, place) => ({ name, info: holders[place]!, networks: [handle.network] })),
    { name: "gateway", info: gateway, networks: [handle.network, handle.outerNetwork] }]
  const insideIds = spaces.map(({ info }) => info.Id)
  const resolvers = ["127.0.0.1", ...nodes.map(({ address }) => address)]
  return {
    failures: [
      ...spaces.flatMap(({ name, info, networks }) => networkFailures(name, info, networks.map(({ id }) => id))),
      ...spaces.flatMap(({ name, info }) => resolverFailures(name, info, resolvers)),
      ...strangers(members, insideIds), ...strangers(outerMembers, [gateway.Id]),
      ...internalFailures(members), ...components,
    ],
    networks: Object.fromEntries(spaces.map(({ name, info }) => [name, Object.keys(info.NetworkSettings.Networks)])),
    gatewayAddresses: {
      lab: gateway.NetworkSettings.Networks[handle.network.name]?.IPAddress ?? "",
      outer: gateway.NetworkSettings.Networks[handle.outerNetwork.name]?.IPAddress ?? "",
    },
    resolvesInside: new Set(spaces
      .filter(({ name, info }) => resolverFailures(name, info, resolvers).length === 0).map(({ name }) => name)),
  }
}

/** Each component's network mode must be exactly its holder's namespace, with no network of its own. */
export async function inspectComponents(handle: LabHandle): Promise<IsolationFailure[]> {
  const { container: { dockerode } } = await engine()
  const started = Object.values(handle.nodes).filter(({ containerId }) => containerId)
  const failures = await Promise.all(started.map(async ({ name, containerId, holderId }) => {
    const { HostConfig, NetworkSettings } = await dockerode.getContainer(containerId).inspect()
    const networks = Object.keys(NetworkSettings.Networks)
    if (HostConfig.NetworkMode === `container:${holderId}` && networks.length === 0) return []
    return [{
      node: name, remedy: placingRemedy,
      wayOut: `its component has network mode ${HostConfig.NetworkMode} and networks [${networks.join(", ")}] `
        + `in place of container:${holderId.slice(0, 12)} and none`,
    }]
  }))
  return failures.flat()
}

function networkFailures(node: string, info: ContainerInspectInfo, allowed: readonly string[]): IsolationFailure[] {
  const networks = Object.entries(info.NetworkSettings.Networks)
  const foreign = networks.filter(([, { NetworkID }]) => !allowed.includes(NetworkID)).map(([name]) => name)
  const missing = allowed.filter((id) => !networks.some(([, { NetworkID }]) => NetworkID === id))
  return [
    ...foreign.map((name) => ({ node, remedy: placingRemedy, wayOut: `it is also on network ${name}, which is not the lab's` })),
    ...missing.map((id) => ({ node, remedy: placingRemedy, wayOut: `it is not on the lab's network ${id.slice(0, 12)}` })),
  ]
}

/** Without a resolver of its own, the engine answers 127.0.0.11 by asking the host's name servers. */
function resolverFailures(node: string, { HostConfig }: ContainerInspectInfo, inside: readonly string[]): IsolationFailure[] {
  const resolvers: string[] = HostConfig.Dns ?? []
  if (resolvers.length > 0 && resolvers.every((resolver) => inside.includes(resolver))) return []
  return [{
    node, remedy: "give this container the lab's DNS (or 127.0.0.1) as its only resolver (HostConfig.Dns)",
    wayOut: resolvers.length > 0
      ? `the engine's resolver 127.0.0.11 asks ${resolvers.join(", ")}, which is not the lab's DNS`
      : "the engine's resolver 127.0.0.11 asks the host's name servers",
  }]
}

function strangers({ Containers = {}, Name }: NetworkInspectInfo, allowed: readonly string[]): IsolationFailure[] {
  return Object.entries(Containers).filter(([id]) => !allowed.includes(id)).map(([id, { Name: container }]) => ({
    node: container ?? id.slice(0, 12), wayOut: `it sits on network ${Name}, but belongs to no node`,
    remedy: `remove that container (docker rm --force ${container ?? id.slice(0, 12)}) and start the lab again`,
  }))
}

function internalFailures({ Internal, Name }: NetworkInspectInfo & { Internal?: boolean }): IsolationFailure[] {
  if (Internal) return []
  return [{ node: "every node", wayOut: `network ${Name} is not internal`, remedy: "make it by makeNetworks (lab/network.ts)" }]
}
