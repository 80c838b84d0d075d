import { GenericContainer, PullPolicy } from "testcontainers"
import { StartedDnsContainer } from "./dns.ts"
import { reverseName } from "./dns-data.ts"
import { startBegins, startEnds } from "./container-starts.ts"
import { engine, reaperIsThere } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle, NetworkHandle } from "./handle.ts"
import { firstPort, haproxyConfiguration, type GatewayService } from "./haproxy-configuration.ts"
import type { LabPlace } from "./inside-container.ts"
import { NodeLog } from "./node-log.ts"
import { LABELS, ownerLabels } from "./ownership.ts"
import { ReadyScript } from "./ready-script.ts"
import { settings } from "./settings.ts"

export type { GatewayService } from "./haproxy-configuration.ts"

const startupMsMax = 15_000
const loopback = "127.0.0.1"
const hostname = "gateway.lab.test"
const ttl = 300

export interface GatewayOptions {
  /** The world's image. */
  image: string
  place: LabPlace
  /** The bridge without masquerading on which its ports are published. */
  outerNetwork: NetworkHandle
  /** What is published, in this order. Their components need not run yet. */
  services: readonly GatewayService[]
  /** The lab's DNS. Without it the gateway resolves nothing, which is all that it needs. */
  resolver?: string
}

/** Starts the gateway and says on which ports of 127.0.0.1 each service is. */
export async function startGateway(options: GatewayOptions): Promise<LabHandle["gateway"]> {
  const started = await new GatewayContainer(options).start()
  return { containerId: started.getId(), ports: await publishedPorts(started.getId(), options.services) }
}

/**
 * The one way in: the only container that publishes ports, on 127.0.0.1 alone, from the outer bridge to the lab's
 * internal network, which it joins before it starts. Not `withExposedPorts`: that publishes on every address.
 */
export class GatewayContainer extends GenericContainer {
  private readonly options: GatewayOptions
  constructor(options: GatewayOptions) {
    super(options.image)
    const { place, outerNetwork, services, resolver } = options
    const log = new NodeLog(place.logsFolder, "gateway")
    this.options = options
    this.withPullPolicy(PullPolicy.neverPull())
    this.withName(`recette-${place.run}-gateway`)
    this.withLabels({ ...ownerLabels(place.run, place.owner), [LABELS.role]: "gateway", [LABELS.node]: "gateway" })
    this.withNetworkMode(outerNetwork.name)
    this.withCommand(["/start.sh"])
    this.withEnvironment({ RECETTE_PART: "gateway", RECETTE_RESOLVER: resolver ?? "none" })
    this.withCopyContentToContainer([
      { content: haproxyConfiguration(services), target: "/recette/haproxy.cfg", mode: 0o644 },
    ])
    this.withLogConsumer((stream) => log.take(stream))
    const ready = new ReadyScript(["/ready.sh"], "gateway", () => log.lastLines())
    this.withWaitStrategy(ready.withStartupTimeout(startupMsMax))
    this.hostConfig.Dns = [resolver ?? loopback]
    this.hostConfig.DnsSearch = ["."]
  }

  protected override async beforeContainerCreated(): Promise<void> {
    this.withAutoCleanup(await reaperIsThere())
    startBegins(this.options.place.signal)
    const inside = this.options.services.map((_, index) => `${firstPort + index}/tcp`)
    this.createOpts.Hostname = hostname
    this.createOpts.ExposedPorts = Object.fromEntries(inside.map((port) => [port, {}]))
    const { gatewayPort } = settings()
    this.hostConfig.PortBindings = Object.fromEntries(
      inside.map((port, index) => [port, [{ HostIp: loopback, HostPort: gatewayPort === undefined ? "" : String(gatewayPort + index) }]]))
  }

  protected override async containerStarting(): Promise<void> {
    startEnds()
  }

  protected override async containerCreated(containerId: string): Promise<void> {
    const { network } = this.options.place
    const { container: { dockerode } } = await engine()
    await dockerode.getNetwork(network.id).connect({ Container: containerId, EndpointConfig: { Aliases: ["gateway"] } })
  }
}

/**
 * Gives the gateway a name, forwards and back, as any server of the internet has one: strangers of the scenarios come
 * from its address, and a client without a name is suspicious by that alone.
 */
export async function nameGateway(handle: LabHandle): Promise<void> {
  const { container: { dockerode } } = await engine()
  const { NetworkSettings } = await dockerode.getContainer(handle.gateway.containerId).inspect()
  const address = NetworkSettings.Networks[handle.network.name]!.IPAddress
  const dns = new StartedDnsContainer(handle)
  await dns.setRecords(hostname, [{ type: "A", ttl, data: address }])
  await dns.setRecords(reverseName(address), [{ type: "PTR", ttl, data: hostname }])
}

async function publishedPorts(
  containerId: string, services: readonly GatewayService[],
): Promise<Record<string, number>> {
  const { container: { dockerode } } = await engine()
  const { NetworkSettings } = await dockerode.getContainer(containerId).inspect()
  return Object.fromEntries(services.map(({ name }, index) => {
    const bindings = NetworkSettings.Ports[`${firstPort + index}/tcp`] ?? []
    const port = Number(bindings.find(({ HostIp }) => HostIp === loopback)?.HostPort)
    if (port > 0 && bindings.length === 1) return [name, port]
    throw new LabFailure(`The engine published ${name} not on ${loopback} alone: ${JSON.stringify(bindings)}`, {
      where: "container gateway", remedy: "see the engine's settings on published ports (userland-proxy, ip)",
    })
  }))
}
