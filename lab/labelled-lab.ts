import { engine, execIn } from "./engine.ts"
import type { LabHandle, NodeHandle } from "./handle.ts"
import type { IsolationParts } from "./isolation-breaks.ts"
import { networkHandle } from "./network.ts"
import { firstBlock } from "./outside-double.ts"
import { LABELS } from "./ownership.ts"

const blocks = 64

/**
 * The lab of a run that another process is making, as far as its labels show it now: for tests that break it from
 * outside. Its ports and credentials are not known.
 */
export async function labelledLab(run: string): Promise<LabHandle> {
  const { container: { dockerode } } = await engine()
  const [network, outerNetwork, containers] = await Promise.all([
    dockerode.getNetwork(`recette-${run}`).inspect(), dockerode.getNetwork(`recette-${run}-outer`).inspect(),
    dockerode.listContainers({ all: true, filters: { label: [`${LABELS.run}=${run}`] } }),
  ])
  const idOf = (node: string, role: string): string =>
    containers.find(({ Labels }) => Labels[LABELS.node] === node && Labels[LABELS.role] === role)?.Id ?? ""
  const holders = containers.filter(({ Labels }) => Labels[LABELS.role] === "holder")
  const nodes = await Promise.all(holders.map(async ({ Id, Labels }): Promise<NodeHandle> => {
    const { Config, NetworkSettings } = await dockerode.getContainer(Id).inspect()
    const name = Labels[LABELS.node]!
    return {
      name, component: name, hostname: Config.Hostname, holderId: Id, containerId: idOf(name, "component"),
      address: NetworkSettings.Networks[`recette-${run}`]?.IPAddress ?? "",
    }
  }))
  return {
    run, network: networkHandle(network), outerNetwork: networkHandle(outerNetwork),
    nodes: Object.fromEntries(nodes.map((node) => [node.name, node])),
    gateway: { containerId: idOf("gateway", "gateway"), ports: {} },
  } as unknown as LabHandle
}

/** True once a container of the run is there: `proof-outside`, `gateway`, ... */
export async function hasContainer(run: string, name: string): Promise<boolean> {
  const { container: { dockerode } } = await engine()
  const containers = await dockerode.listContainers({ filters: { label: [`${LABELS.run}=${run}`] } })
  return containers.some(({ Names }) => Names.includes(`/recette-${run}-${name}`))
}

/**
 * The parts of the run's isolation. The double is not there before the proof, so that its address is foretold: that of
 * the first block which is free on the host, as lab/world/host-agent.ts takes it.
 */
export async function foretoldParts(run: string): Promise<IsolationParts> {
  const { container: { dockerode } } = await engine()
  const { Id: id } = await dockerode.getContainer(`recette-${run}-proof-host`).inspect()
  const { stdout } = await execIn(id, ["ip", "-json", "route", "show", "table", "all", "root", "198.51.100.0/24"])
  const taken = (JSON.parse(stdout || "[]") as { dst: string }[]).map(({ dst }) => dst)
  const order = Array.from({ length: blocks }, (_, tried) => ((firstBlock(run) + tried) % blocks) * 4)
  const first = order.find((net) => !taken.includes(`198.51.100.${net}/30`))!
  return {
    rules: { means: "rules", agent: { id } },
    double: { means: "rules", address: `198.51.100.${first + 2}` },
  }
}
