import { join } from "node:path"
import { StartedDnsContainer } from "./dns.ts"
import { reverseName } from "./dns-data.ts"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { GeneratorContainer, StartedGeneratorContainer } from "./generator.ts"
import type { LabHandle, NodeHandle } from "./handle.ts"
import { HolderContainer, type LabPlace } from "./inside-container.ts"
import { inspectIsolation } from "./isolation-inspection.ts"
import type { NodeDefinition } from "./platform.ts"

const own = "generator"
const ttl = 300

/**
 * The lab's own generator, and others of its kind beside it for the time of one load: each in a namespace of its own on the
 * lab's network and on no other, named by the lab's DNS, with the lab's labels, so that whoever removes the lab removes them.
 */
export class GeneratorCrew implements AsyncDisposable {
  /** The lab with all of them. */
  readonly handle: LabHandle
  private readonly added: readonly NodeHandle[]
  private constructor(handle: LabHandle, added: readonly NodeHandle[]) {
    this.added = added
    this.handle = { ...handle, nodes: { ...handle.nodes, ...Object.fromEntries(added.map((node) => [node.name, node])) } }
  }

  /** The lab's own first. */
  get generators(): StartedGeneratorContainer[] {
    return [own, ...this.added.map(({ name }) => name)].map((name) => new StartedGeneratorContainer(this.handle, name))
  }

  /** Starts `count` - 1 more. Throws a LabFailure where one does not start, or has a way out of the lab. */
  static async start(handle: LabHandle, count: number, signal?: AbortSignal): Promise<GeneratorCrew> {
    const added: NodeHandle[] = []
    try {
      for (let number = 2; number <= count; number += 1) added.push(await addGenerator(handle, number, signal))
      const crew = new GeneratorCrew(handle, added)
      await crew.join()
      return crew
    } catch (error) {
      await removeAll(added)
      throw error
    }
  }

  private async join(): Promise<void> {
    if (this.added.length === 0) return
    const { failures } = await inspectIsolation(this.handle)
    if (failures.length > 0) {
      const [{ node, wayOut, remedy }] = failures as [typeof failures[number]]
      throw new LabFailure(`With further generators, something could leave the lab: ${node}: ${wayOut}`, { where: `lab ${this.handle.run}`, remedy })
    }
    await this.name(({ address, hostname }) => [[hostname, { type: "A", data: address, ttl }], [reverseName(address), { type: "PTR", data: hostname, ttl }]])
  }

  /** Removes those that were added. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([
      removeAll(this.added), this.name(({ address, hostname }) => [[hostname, null], [reverseName(address), null]]),
    ])
  }

  private async name(records: (node: NodeHandle) => [name: string, record: { type: string; data: string; ttl: number } | null][]): Promise<void> {
    if (this.added.length === 0) return
    const dns = new StartedDnsContainer(this.handle)
    for (const [name, record] of this.added.flatMap(records)) await dns.setRecords(name, record === null ? [] : [record])
  }
}

/** Made as the lab made its own. */
async function addGenerator(handle: LabHandle, number: number, signal: AbortSignal | undefined): Promise<NodeHandle> {
  const { holderId, containerId } = new StartedGeneratorContainer(handle).node
  const node: NodeDefinition = { name: `${own}-${number}`, component: own, hostname: `${own}-${number}.lab.test` }
  const place: LabPlace = {
    run: handle.run, owner: handle.owner, network: handle.network, logsFolder: join(handle.resultsFolder, "logs"), ...(signal ? { signal } : {}),
  }
  const [holderImage, image] = await Promise.all([imageOf(holderId), imageOf(containerId)])
  const holder = await new HolderContainer(holderImage, place, node, handle.nodes["dns"]!.address).start()
  try {
    const container = new GeneratorContainer(image, place, node, holder.getId(), handle.certificateAuthority)
    const started = await container.start()
    container.log.started(started.getId())
    return { ...node, holderId: holder.getId(), containerId: started.getId(), address: holder.getIpAddress(handle.network.name) }
  } catch (error) {
    await remove(holder.getId())
    throw error
  }
}

async function imageOf(containerId: string): Promise<string> {
  return (await (await engine()).container.dockerode.getContainer(containerId).inspect()).Config.Image
}

async function removeAll(nodes: readonly NodeHandle[]): Promise<void> {
  await Promise.all(nodes.flatMap(({ containerId, holderId }) => [remove(containerId), remove(holderId)]))
}

/** One that is gone already, or is being removed, is no failure. */
async function remove(id: string): Promise<void> {
  await (await engine()).container.dockerode.getContainer(id).remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404 && error.statusCode !== 409) throw error
  })
}
