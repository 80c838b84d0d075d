import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import type { Container } from "dockerode"
import { GenericContainer, PullPolicy } from "testcontainers"
import { labCertificates, renewedCertificate } from "./certificate-path.ts"
import type { NodeCertificates } from "./certificates.ts"
import { CommandShells } from "./command-shell.ts"
import { startBegins, startEnds } from "./container-starts.ts"
import { engine, execIn, reaperIsThere, type ExecOptions, type ExecOutcome } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle, NetworkHandle, NodeHandle } from "./handle.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { lastLines, NodeLog } from "./node-log.ts"
import { LABELS, ownerLabels, type Owner } from "./ownership.ts"
import type { NodeDefinition } from "./platform.ts"
import { ReadyScript } from "./ready-script.ts"

/** A component that is stopped ends by itself within this, in seconds, or is ended: rspamd waits for open sessions for long. */
const stopSecondsMax = 1

/** Time of which a limited component has its share: so short that it is slower all the time, and never stands for long. */
const processorPeriodUs = 20_000
/** The kernel takes no shorter one. */
const shortestQuotaUs = 1_000

/** What a container needs to know of the lab it is made for. */
export interface LabPlace {
  run: string
  owner: Owner
  network: NetworkHandle
  /** Folder for `<node>.log` of what is started from now on. */
  logsFolder: string
  /** Once it aborts, nothing more is started. */
  signal?: AbortSignal
}

/**
 * Holds one node's network namespace: it is on the lab's internal network and on no other, and is never stopped,
 * so that the node keeps its address when its component is stopped and started again.
 * Network and aliases go through EndpointsConfig alone (`withNetworkAliases` would add the default bridge).
 */
export class HolderContainer extends GenericContainer {
  private readonly node: NodeDefinition
  private readonly place: LabPlace
  constructor(image: string, place: LabPlace, node: NodeDefinition, resolver?: string) {
    super(image)
    this.node = node
    this.place = place
    this.withPullPolicy(PullPolicy.neverPull())
    this.withLabels({ ...ownerLabels(place.run, place.owner), [LABELS.role]: "holder", [LABELS.node]: node.name })
    this.withName(`recette-${place.run}-${node.name}-holder`)
    this.withEntrypoint(["/bin/sh", "-c"])
    // "search .": else names that fail are tried again below the host's own domain.
    const own = resolver ? `printf "nameserver ${resolver}\\nsearch .\\n" > /etc/resolv.conf; ` : ""
    this.withCommand([`${own}exec sleep infinity`])
    this.withWaitStrategy(new ReadyScript(["/bin/true"], node.name, () => ""))
    if (node.component === "academies") this.withAddedCapabilities("NET_ADMIN")
    if (resolver) this.hostConfig.Dns = [resolver]
    this.hostConfig.DnsSearch = ["."]
  }

  protected override async beforeContainerCreated(): Promise<void> {
    this.withAutoCleanup(await reaperIsThere())
    startBegins(this.place.signal)
    this.networkMode = this.place.network.name
    this.createOpts.Hostname = this.node.hostname
    this.createOpts.StopSignal = "SIGKILL"
    this.createOpts.NetworkingConfig = { EndpointsConfig: { [this.place.network.name]: { Aliases: [this.node.name] } } }
  }

  protected override async containerStarting(): Promise<void> {
    startEnds()
  }
}

/** Base of everything that runs inside: in its holder's namespace, with no network of its own. */
export abstract class InsideContainer extends GenericContainer {
  readonly log: NodeLog
  private readonly signal: AbortSignal | undefined
  constructor(
    image: string, place: LabPlace, node: NodeDefinition, holderId: string,
    { ready = ["/ready.sh"], startupMsMax }: { ready?: string[]; startupMsMax: number },
  ) {
    super(image)
    this.signal = place.signal
    const log = new NodeLog(place.logsFolder, node.name)
    this.log = log
    this.withPullPolicy(PullPolicy.neverPull())
    this.withName(`recette-${place.run}-${node.name}`)
    this.withLabels({ ...ownerLabels(place.run, place.owner), [LABELS.role]: "component", [LABELS.node]: node.name })
    this.withNetworkMode(`container:${holderId}`)
    this.withLogConsumer((stream) => log.take(stream))
    this.withWaitStrategy(new ReadyScript(ready, node.name, () => log.lastLines()).withStartupTimeout(startupMsMax))
  }

  protected override async beforeContainerCreated(): Promise<void> {
    this.withAutoCleanup(await reaperIsThere())
    startBegins(this.signal)
  }

  protected override async containerStarting(): Promise<void> {
    startEnds()
  }

  /** What the release keeps in memory; it is empty at each start of the component, and its own set-up fills it. */
  protected withFoldersInMemory({ memory = [] }: Pick<NodeConfiguration, "memory">): void {
    this.withTmpFs(Object.fromEntries(memory.map((path) => [path, "rw,mode=0755"])))
  }

  /** Puts the lab's certificates, keys and authority where a release's bindings lead (PEM, in /recette/tls). */
  withServerCertificate({ certificate, leaf, key, authority, renewed, defective }: NodeCertificates): this {
    const otherName = defective["other-name"]
    return this.withCopyContentToContainer([
      { content: certificate, target: labCertificates.chain, mode: 0o644 },
      { content: leaf, target: labCertificates.leaf, mode: 0o644 },
      { content: key, target: labCertificates.key, mode: 0o600 },
      { content: authority, target: labCertificates.authority, mode: 0o644 },
      { content: renewed.certificate, target: renewedCertificate.chain, mode: 0o644 },
      { content: renewed.key, target: renewedCertificate.key, mode: 0o600 },
      { content: otherName.certificate, target: labCertificates["other-name-chain"], mode: 0o644 },
      { content: otherName.key, target: labCertificates["other-name-key"], mode: 0o600 },
    ])
  }
}

/** For a command that is asked again and again: shells that stay in the container run it. */
export interface Often { often: true; input?: string }

/** A started node, rebuilt from the lab's handle in any process. */
export class StartedInsideContainer {
  readonly handle: LabHandle
  readonly node: NodeHandle
  private shells: CommandShells | undefined
  constructor(handle: LabHandle, name: string) {
    const node = handle.nodes[name]
    if (!node) {
      throw new LabFailure(`The lab ${handle.run} has no node ${name}`, {
        where: "lab.json", remedy: `use one of ${Object.keys(handle.nodes).join(", ")}`,
      })
    }
    this.handle = handle
    this.node = node
  }

  /** Runs a command in the component's container. A non-zero exit code is returned, not thrown. */
  async exec(command: readonly string[], options: ExecOptions | Often = {}): Promise<ExecOutcome> {
    const where = `node ${this.node.name} of lab ${this.handle.run}`
    if (!("often" in options)) return execIn(this.node.containerId, command, options, where)
    return (this.shells ??= new CommandShells(this.node.containerId, where)).run(command, options.input)
  }

  /** Like `exec`, but throws a LabFailure with the command's own words when it does not end with 0. Returns stdout. */
  async run(command: readonly string[], options: ExecOptions | Often = {}): Promise<string> {
    const { exitCode, stdout, stderr } = await this.exec(command, options)
    if (exitCode === 0) return stdout
    throw new LabFailure(`${command.join(" ")} ended with ${exitCode}: ${(stderr || stdout).trim()}`, {
      where: `node ${this.node.name}, logs/${this.node.name}.log`, remedy: "read the last lines of that log",
    })
  }

  /** Freezes every process of the component: it takes connections, and answers nothing, until `resume`. */
  async pause(): Promise<void> {
    await (await this.dockerContainer()).pause()
  }

  async resume(): Promise<void> {
    await (await this.dockerContainer()).unpause()
  }

  /** Freezes the component for so long. Returns once it is frozen; `over` comes true once it goes on. */
  async pauseFor(ms: number): Promise<{ over: Promise<void> }> {
    await this.pause()
    return { over: pause(ms).then(() => this.resume()) }
  }

  /** Gives the component so many of the machine's cores at most, from now on; `null`: as many as there are, as at its start. */
  async limitProcessor(cores: number | null): Promise<void> {
    const CpuQuota = cores === null ? -1 : Math.max(shortestQuotaUs, Math.round(cores * processorPeriodUs))
    await (await this.dockerContainer()).update({ CpuPeriod: processorPeriodUs, CpuQuota })
  }

  /** Stops the component: nothing listens any more. Its node keeps its address (HolderContainer). */
  async stop(): Promise<void> {
    await (await this.dockerContainer()).stop({ t: stopSecondsMax })
  }

  /** Starts a stopped component again and waits until it is ready. The lab's owner writes its log on (NodeLog). */
  async startAgain(startupMsMax = 60_000): Promise<void> {
    const container = await this.dockerContainer()
    await container.start()
    const log = join(this.handle.resultsFolder, "logs", `${this.node.name}.log`)
    await new ReadyScript(["/ready.sh"], this.node.name, () => lastLines(readFileSync(log, "utf8"))).withStartupTimeout(startupMsMax)
      .waitUntilReady(container)
  }

  /** Where a service of this node is reached from the test process: through the gateway, on loopback. */
  endpointFor(service: string): { host: string; port: number } {
    const port = this.handle.gateway.ports[`${this.node.name}.${service}`]
    if (port === undefined) {
      throw new LabFailure(`The gateway publishes no service ${service} of node ${this.node.name}`, {
        where: "lab.json, gateway.ports", remedy: `use one of ${Object.keys(this.handle.gateway.ports).join(", ")}`,
      })
    }
    return { host: "127.0.0.1", port }
  }

  protected async container(): Promise<Container> {
    return (await engine()).container.getById(this.node.containerId)
  }

  private async dockerContainer(): Promise<Container> {
    return (await engine()).container.dockerode.getContainer(this.node.containerId)
  }
}
