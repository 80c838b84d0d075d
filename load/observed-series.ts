import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import type { LabHandle } from "../lab/handle.ts"
import type { NodeSample } from "../lab/node-sampler.ts"
import type { ObservedLine } from "./observation.ts"
import { roleOf } from "./processor-time.ts"
import { stepOf, type Series, type Steps } from "./series.ts"

type ObservedParts = Pick<Series, "queues" | "nodes" | "machine">
type NodeSeries = Series["nodes"][number]

/** A program whose busiest process never took so much of a core, in percent, is not named. */
const worthNaming = 10

/** What the looks of `observation.ndjson` give for each step; of a file that breaks off, what is whole. */
export async function observedSeries(path: string, { nodes }: Pick<LabHandle, "nodes">, steps: Steps): Promise<ObservedParts> {
  const series = new Map(Object.values(nodes).map(({ name, component }) => [name, new NodeSteps(name, roleOf(component), steps)]))
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const look = lookIn(line)
    if (look) series.get(look.node)?.add(look)
  }
  const all = [...series.values()]
  return {
    queues: all.flatMap((one) => one.queues()), nodes: all.map((one) => one.toSeries()),
    machine: all.map((one) => one.machine()).find((one) => one !== null) ?? null,
  }
}

function lookIn(line: string): ObservedLine | undefined {
  try {
    return JSON.parse(line) as ObservedLine
  } catch {
    return undefined
  }
}

/** The looks at one node, brought into steps as they come. */
class NodeSteps {
  private readonly node: string
  private readonly role: string
  private readonly steps: Steps
  private before: NodeSample | undefined
  private readonly cpu: Spread
  private readonly throttled: Spread
  private readonly gauges = new Map<string, Gauge>()
  private readonly ticks: Record<"busy" | "idle" | "disk" | "all", Spread>
  private readonly waits: Record<"cpu" | "io" | "memory", Spread>
  private cores: number | undefined
  constructor(node: string, role: string, steps: Steps) {
    this.node = node
    this.role = role
    this.steps = steps
    const spread = () => new Spread(steps)
    this.cpu = spread()
    this.throttled = spread()
    this.ticks = { busy: spread(), idle: spread(), disk: spread(), all: spread() }
    this.waits = { cpu: spread(), io: spread(), memory: spread() }
  }

  add(look: NodeSample): void {
    const { atUs, queues = {}, programs = {} } = look
    if (this.before) this.addSince(this.before, look)
    this.before = look
    this.gauge("memory").add(atUs, look.memoryBytes)
    if (look.descriptors !== undefined) this.gauge("descriptors").add(atUs, look.descriptors)
    if (look.diskBytes !== undefined) this.gauge("disk").add(atUs, look.diskBytes)
    for (const [name, messages] of Object.entries(queues)) this.gauge(`queue ${name}`).add(atUs, messages)
    for (const [name, [, , , busiest]] of Object.entries(programs)) this.gauge(`program ${name}`).add(atUs, busiest)
  }

  private addSince(before: NodeSample, look: NodeSample): void {
    const span = [before.atUs, look.atUs] as const
    // A container that was started again counts from zero.
    if (look.cpuNs >= before.cpuNs) this.cpu.add(span, (look.cpuNs - before.cpuNs) / 1e3)
    if (look.throttledNs >= before.throttledNs) this.throttled.add(span, (look.throttledNs - before.throttledNs) / 1e3)
    if (!look.machine || !before.machine) return
    this.cores = look.machine.cores
    const [now, then] = [look.machine, before.machine]
    const [busy, idle, disk] = [now.busyTicks - then.busyTicks, now.idleTicks - then.idleTicks, now.diskTicks - then.diskTicks]
    const all = busy + idle + disk + now.stolenTicks - then.stolenTicks
    for (const [name, ticks] of Object.entries({ busy, idle, disk, all })) this.ticks[name as keyof typeof this.ticks].add(span, ticks)
    for (const name of ["cpu", "io", "memory"] as const) {
      const [waited, earlier] = [now.waitsUs[name], then.waitsUs[name]]
      if (waited !== undefined && earlier !== undefined) this.waits[name].add(span, waited - earlier)
    }
  }

  private gauge(name: string): Gauge {
    const gauge = this.gauges.get(name) ?? new Gauge(this.steps)
    this.gauges.set(name, gauge)
    return gauge
  }

  private named(kind: string): [name: string, gauge: Gauge][] {
    return [...this.gauges].filter(([name]) => name.startsWith(`${kind} `)).map(([name, gauge]) => [name.slice(kind.length + 1), gauge])
  }

  queues(): Series["queues"] {
    return this.named("queue").filter(([, { most }]) => most > 0).map(([queue, gauge]) => ({ node: this.node, queue, depth: gauge.values() }))
  }

  toSeries(): NodeSeries {
    return {
      node: this.node, role: this.role, cpuPercent: this.cpu.percent(), throttledPercent: this.throttled.percent(),
      memoryBytes: this.gauge("memory").values(), descriptors: this.gauge("descriptors").values(), diskBytes: this.gauge("disk").values(),
      programs: this.named("program").filter(([, { most }]) => most >= worthNaming).map(([name, gauge]) => ({ name, busiestPercent: gauge.values() })),
    }
  }

  machine(): Series["machine"] {
    if (this.cores === undefined) return null
    const { busy, disk, all } = this.ticks
    return {
      cores: this.cores, busyPercent: busy.percentOf(all), diskIdlePercent: disk.percentOf(all),
      cpuWaitPercent: this.waits.cpu.percent(), diskWaitPercent: this.waits.io.percent(), memoryWaitPercent: this.waits.memory.percent(),
    }
  }
}

/** Amounts that came about between two looks, spread evenly over the time between them. */
class Spread {
  private readonly steps: Steps
  private readonly amounts: number[]
  private readonly coveredUs: number[]
  constructor(steps: Steps) {
    this.steps = steps
    this.amounts = Array.from({ length: steps.steps }, () => 0)
    this.coveredUs = [...this.amounts]
  }

  add([fromUs, untilUs]: readonly [number, number], amount: number): void {
    const { startUs, stepSeconds, steps } = this.steps
    const first = stepOf(Math.max(fromUs, startUs), this.steps)!
    for (let step = first; step < steps; step += 1) {
      const beginUs = startUs + step * stepSeconds * 1e6
      const sharedUs = Math.min(untilUs, beginUs + stepSeconds * 1e6) - Math.max(fromUs, beginUs)
      if (sharedUs <= 0) return
      this.amounts[step]! += amount * sharedUs / (untilUs - fromUs)
      this.coveredUs[step]! += sharedUs
    }
  }

  /** Of the time, where the amounts are microseconds. */
  percent(): (number | null)[] {
    return this.amounts.map((amount, step) => this.coveredUs[step] === 0 ? null : tenths(amount / this.coveredUs[step]! * 100))
  }

  percentOf(other: Spread): (number | null)[] {
    return this.amounts.map((amount, step) => other.amounts[step] === 0 ? null : tenths(amount / other.amounts[step]! * 100))
  }
}

/** What was there when it was looked at: the most in each step. Steps between two looks have what the earlier one saw. */
class Gauge {
  most = 0
  private readonly steps: Steps
  private readonly found: (number | null)[]
  private last: { step: number; value: number } | undefined
  constructor(steps: Steps) {
    this.steps = steps
    this.found = Array.from<number | null>({ length: steps.steps }).fill(null)
  }

  add(atUs: number, value: number): void {
    const step = stepOf(atUs, this.steps)
    if (step === undefined) {
      // The last thing seen before the first step is there in it.
      this.found[0] = value
      this.last = { step: 0, value }
      return
    }
    if (this.last) for (let between = this.last.step + 1; between < step; between += 1) this.found[between] = this.last.value
    this.found[step] = Math.max(this.found[step] ?? 0, value)
    this.last = { step, value }
    this.most = Math.max(this.most, value)
  }

  values(): (number | null)[] {
    return [...this.found]
  }
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
