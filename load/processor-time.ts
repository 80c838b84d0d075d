import { engine } from "../lab/engine.ts"
import { LabFailure } from "../lab/failure.ts"
import type { LabHandle } from "../lab/handle.ts"
import { worldComponents } from "../lab/platform.ts"
import type { LoadCpu, NodeCpu } from "./load-file.ts"

/** Processor time that each node's container has used so far, in ms, by its cgroup; and when that was read. */
export interface CpuReading { atMs: number; byNode: ReadonlyMap<string, number> }

/** Reads the cgroups of all nodes through the engine. */
export async function readCpu(handle: LabHandle): Promise<CpuReading> {
  const { container: { dockerode } } = await engine()
  const times = await Promise.all(Object.values(handle.nodes).map(async ({ name, containerId }) => {
    const stats = await dockerode.getContainer(containerId).stats({ stream: false, "one-shot": true }).catch((cause: unknown) => {
      throw new LabFailure(`The processor time of node ${name} could not be read: ${(cause as Error).message}`, {
        where: `container ${containerId.slice(0, 12)}`, remedy: "see whether it still runs (docker ps -a)", cause,
      })
    })
    return [name, stats.cpu_stats.cpu_usage.total_usage / 1_000_000] as const
  }))
  return { atMs: performance.now(), byNode: new Map(times) }
}

/** What was used between two readings, and the harness's share of the platform's. */
export function cpuBetween(handle: LabHandle, before: CpuReading, after: CpuReading): LoadCpu {
  const nodes = Object.values(handle.nodes).map(({ name, component }): NodeCpu => ({
    node: name, role: roleOf(component),
    cpuMs: Math.max(0, Math.round((after.byNode.get(name) ?? 0) - (before.byNode.get(name) ?? 0))),
  }))
  const sum = (role: NodeCpu["role"]) => nodes.filter((node) => node.role === role).reduce((total, { cpuMs }) => total + cpuMs, 0)
  const platformMs = sum("platform")
  const percent = (part: number) => platformMs === 0 ? 0 : Math.round(part / platformMs * 1_000) / 10
  return {
    nodes, clockMs: Math.round(after.atMs - before.atMs), platformMs,
    generatorPercent: percent(sum("generator")), catchersPercent: percent(sum("catcher")),
  }
}

/** What a node is for in a load. */
export function roleOf(component: string): NodeCpu["role"] {
  if (component === "generator") return "generator"
  if (component === "academies" || component === "internet") return "catcher"
  return (worldComponents as readonly string[]).includes(component) ? "world" : "platform"
}
