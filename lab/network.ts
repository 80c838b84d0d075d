import type { NetworkCreateOptions, NetworkInspectInfo } from "dockerode"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import type { NetworkHandle } from "./handle.ts"
import { LABELS, ownerLabels, type Owner } from "./ownership.ts"

/**
 * The lab's internal network and the gateway's outer bridge, made together.
 * The outer bridge has no masquerading: its only purpose is the ports that the gateway publishes on 127.0.0.1.
 * The engine chooses both subnets; throws LabFailure where it has none left or refuses.
 *
 * These two are the first things that a run makes and the last that it removes: their labels are what a later
 * command finds a dead run by, so that its packet filter rules never outlive the knowledge of them.
 */
export async function makeNetworks(
  run: string, owner: Owner,
): Promise<{ network: NetworkHandle; outerNetwork: NetworkHandle }> {
  const [network, outerNetwork] = await Promise.all([
    makeNetwork(run, owner, `recette-${run}`, { Internal: true }),
    makeNetwork(run, owner, `recette-${run}-outer`, {
      Internal: false,
      Options: {
        "com.docker.network.bridge.enable_ip_masquerade": "false",
        "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
      },
    }),
  ])
  return { network, outerNetwork }
}

async function makeNetwork(
  run: string, owner: Owner, name: string, options: Omit<NetworkCreateOptions, "Name">,
): Promise<NetworkHandle> {
  try {
    const { network } = await engine()
    const made = await network.create({
      Name: name, Driver: "bridge", CheckDuplicate: true, EnableIPv6: false,
      Labels: { ...ownerLabels(run, owner), [LABELS.role]: "network" }, ...options,
    })
    return networkHandle(await made.inspect() as NetworkInspectInfo)
  } catch (cause) {
    if (cause instanceof LabFailure) throw cause
    throw new LabFailure(`The engine made no network ${name}: ${(cause as Error).message}`, {
      where: "container engine, networks",
      remedy: "if it has no subnet left, remove unused networks (`npm run recette -- prune` for those of recette)", cause,
    })
  }
}

/** What the lab needs to know of a network; the bridge of a network is `br-` and 12 digits of its id. */
export function networkHandle(info: NetworkInspectInfo): NetworkHandle {
  const config = info.IPAM?.Config?.find(({ Gateway }) => Gateway && !Gateway.includes(":"))
  if (!config?.Subnet || !config.Gateway) {
    throw new LabFailure(`The engine gave network ${info.Name} no IPv4 subnet`, {
      where: "container engine, networks", remedy: "allow IPv4 address pools in the engine's configuration",
    })
  }
  return {
    id: info.Id, name: info.Name, subnet: config.Subnet, hostAddress: config.Gateway.split("/")[0]!,
    bridge: info.Options?.["com.docker.network.bridge.name"] ?? `br-${info.Id.slice(0, 12)}`,
  }
}
