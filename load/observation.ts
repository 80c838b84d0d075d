import { createWriteStream, type WriteStream } from "node:fs"
import { mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { finished } from "node:stream/promises"
import type { LabHandle } from "../lab/handle.ts"
import { NodeSampler, type NodeSample } from "../lab/node-sampler.ts"
import type { NodeGap, SamplingCost } from "./load-file.ts"

/** What all looks of a lab together may take of a core, in percent. To bring them here costs about as much again (README). */
export const samplingPercentMax = 0.9
const everyMs = 1_000
/** A node with queues has more to count. */
const partsOfQueues = 4
const hasQueues = (component: string) => component === "postfix" || component === "sympa"

/** What a look found, as it stands in `load/<profile>/observation.ndjson`. */
export interface ObservedLine extends NodeSample { node: string }

/**
 * Looks at every node of a lab each second while a load runs: one sampler in each container, one line of the file for each
 * look. Only the latest look of each node is kept in memory. A node that cannot be seen is a gap of the record, no failure.
 */
export class Observation implements AsyncDisposable {
  private readonly samplers: NodeSampler[] = []
  private readonly gaps: NodeGap[] = []
  private readonly latest = new Map<string, NodeSample>()
  private readonly firstSelfNs = new Map<string, number>()
  private readonly file: WriteStream
  private ending: Promise<SamplingCost> | undefined
  private looks = 0
  private collectorUs = 0
  private readonly startedMs = performance.now()
  private constructor(path: string) {
    this.file = createWriteStream(path)
    this.file.on("error", (error) => this.gaps.push({ node: "–", why: error.message }))
  }

  static async start(handle: LabHandle, path: string): Promise<Observation> {
    await mkdir(dirname(path), { recursive: true })
    const observation = new Observation(path)
    const nodes = Object.values(handle.nodes)
    const parts = nodes.reduce((sum, { component }) => sum + partsOf(component), 0)
    const ofMachine = nodes.find(({ component }) => hasQueues(component)) ?? nodes[0]
    await Promise.all(nodes.map(async (node) => {
      const order = { everyMs, percentMax: samplingPercentMax * partsOf(node.component) / parts, ofMachine: node === ofMachine }
      await NodeSampler.start(node, order, (sample) => observation.take(node.name, sample))
        .then((sampler) => observation.samplers.push(sampler), (error: unknown) => observation.gaps.push({ node: node.name, why: (error as Error).message }))
    }))
    return observation
  }

  private take(node: string, sample: NodeSample): void {
    const before = process.threadCpuUsage()
    this.looks += 1
    this.latest.set(node, sample)
    // Its start, perl's own and the first look at everything, comes before the load.
    if (!this.firstSelfNs.has(node)) this.firstSelfNs.set(node, sample.selfNs)
    this.file.write(`${JSON.stringify({ node, ...sample })}\n`)
    const { user, system } = process.threadCpuUsage(before)
    this.collectorUs += user + system
  }

  /** Messages that wait in each node now, by queue or spool; only what is not empty. */
  waiting(): { node: string; queue: string; messages: number }[] {
    return [...this.latest].flatMap(([node, { queues = {} }]) =>
      Object.entries(queues).filter(([, messages]) => messages > 0).map(([queue, messages]) => ({ node, queue, messages })))
      .sort((one, other) => other.messages - one.messages)
  }

  /** For a load that fails meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }

  /** Ends all looks and says what they cost and which nodes were not seen to the end. */
  async end(): Promise<SamplingCost> {
    return this.ending ??= this.endAll()
  }

  private async endAll(): Promise<SamplingCost> {
    const clockMs = performance.now() - this.startedMs
    for (const { node, ended } of this.samplers) if (ended !== undefined) this.gaps.push({ node: node.name, why: ended })
    await Promise.all(this.samplers.map((sampler) => sampler.end()))
    this.file.end()
    await finished(this.file).catch(() => undefined)
    const samplersMs = [...this.latest].reduce((sum, [node, { selfNs }]) => sum + selfNs - this.firstSelfNs.get(node)!, 0) / 1e6
    const collectorMs = this.collectorUs / 1e3
    return {
      looks: this.looks, clockMs: Math.round(clockMs), samplersMs: Math.round(samplersMs), collectorMs: Math.round(collectorMs),
      percentOfCore: Math.round((samplersMs + collectorMs) / clockMs * 10_000) / 100, gaps: this.gaps,
    }
  }
}

function partsOf(component: string): number {
  return hasQueues(component) ? partsOfQueues : 1
}
