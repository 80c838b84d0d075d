import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { restartsWith } from "./components.ts"
import { engine } from "./engine.ts"
import { nameGateway } from "./gateway.ts"
import { inspectComponents } from "./isolation-inspection.ts"
import { IsolationRefused } from "./isolation-record.ts"
import type { Lab } from "./lab.ts"
import { StartedMariaDbContainer } from "./mariadb.ts"
import { writeSubstitutions, type ConfiguredNode, type ConfiguredRelease } from "./node-starter.ts"
import { secretsFor } from "./release-secrets.ts"
import type { Release } from "./release.ts"
import { unlessStopped } from "./stop-signal.ts"
import { writeWhole } from "./whole-file.ts"

export interface LayOptions {
  /** Where `lab.json`, `substitutions.json` and, from now on, the logs of all nodes go. */
  folder: string
  signal: AbortSignal
  /** Replace every component, the world's too: something may have been left stopped or changed. */
  all?: boolean
}

/**
 * A lab that runs one release after another, of one generation and with the same images. A component whose node
 * configuration differs is replaced by a new container, started as at the lab's start, in the same holder: nothing is
 * reloaded in place, so that what runs is what a fresh start gives. All others keep running. The lab keeps its
 * networks, addresses, certificates' authority and secrets.
 */
export class LaidRelease {
  private lab: Lab
  private present: ConfiguredRelease
  /** Nodes whose last start failed: what runs there now is not known. */
  private unsure: readonly string[] = []
  constructor(lab: Lab, release: Release) {
    this.lab = lab
    this.present = lab.starter.configure(release, lab.secrets)
  }

  /**
   * Lays `release` into the lab and returns the lab as it then is, and the nodes that were replaced. Throws a LabFailure
   * where a component does not start; the next call replaces it again. Throws IsolationRefused where a component is not
   * exactly in its holder's namespace.
   */
  async lay(release: Release, { folder, signal, all = false }: LayOptions): Promise<{ lab: Lab; replaced: string[] }> {
    const { starter } = this.lab
    const secrets = secretsFor(release, { known: this.lab.secrets })
    const next = starter.configure(release, secrets)
    const nodes = all ? next.nodes : differingNodes(this.present, next, this.unsure)
    const replaced = nodes.map(({ node }) => node.name)
    const logs = join(folder, "logs")
    await mkdir(logs, { recursive: true })
    starter.frame.place.logsFolder = logs
    this.unsure = replaced
    await writeWhole(this.lab.handle.secretsFile, secrets, 0o600)
    await this.remove(nodes)
    const containers = await unlessStopped(signal, starter.start(next, nodes)).catch(async (error: unknown) => {
      await starter.settled()
      throw error
    })
    // Only now: what the others said of those that went away belongs to the release before.
    starter.moveLogs(logs)
    this.unsure = []
    this.present = next
    this.lab = { ...this.lab, secrets, nodes: next.nodes, handle: handleWith(containers, this.lab.handle, { release, folder }) }
    await this.checkPlaces(replaced)
    if (nodes.some(({ node }) => node.component === "dns")) await nameGateway(this.lab.handle)
    await Promise.all([writeWhole(join(folder, "lab.json"), this.lab.handle), writeSubstitutions(folder, next)])
    return { lab: this.lab, replaced }
  }

  /** By name: a container whose start failed is in no handle. Sympa's tables go with it, where MariaDB stays. */
  private async remove(nodes: readonly ConfiguredNode[]): Promise<void> {
    const { container: { dockerode } } = await engine()
    const { handle } = this.lab
    await Promise.all(nodes.map(async ({ node }) =>
      dockerode.getContainer(`recette-${handle.run}-${node.name}`).remove({ force: true, v: true })
        .catch((error: { statusCode?: number }) => { if (error.statusCode !== 404) throw error })))
    const components = nodes.map(({ node }) => node.component)
    if (components.includes("sympa") && !components.includes("mariadb")) await new StartedMariaDbContainer(handle).makeAnew("sympa")
  }

  private async checkPlaces(replaced: readonly string[]): Promise<void> {
    const { handle, isolation } = this.lab
    const nodes = Object.fromEntries(Object.entries(handle.nodes).filter(([name]) => replaced.includes(name)))
    const failures = await inspectComponents({ ...handle, nodes })
    if (failures.length === 0) return
    throw new IsolationRefused({ schema: "recette.isolation/v1", means: isolation, passed: false, failures, nodes: [], controls: [] })
  }
}

/**
 * The nodes to replace so that `next` runs as after a fresh start: those whose own configuration differs, those that
 * are `unsure`, and those that hold connections to or state of one of them (`restartsWith` in components.ts).
 */
export function differingNodes(
  present: ConfiguredRelease, next: ConfiguredRelease, unsure: readonly string[] = [],
): ConfiguredNode[] {
  const differs = ({ node, configuration, names }: ConfiguredNode): boolean => {
    if (unsure.includes(node.name)) return true
    if (node.component === "dns") return !isDeepStrictEqual(present.dns, next.dns)
    const before = present.nodes.find((one) => one.node.name === node.name)!
    return !isDeepStrictEqual([before.configuration, before.names], [configuration, names])
  }
  const components = new Set(next.nodes.filter(differs).map(({ node }) => node.component))
  for (let before = -1; before < components.size;) {
    before = components.size
    for (const { node: { component } } of next.nodes) {
      if (restartsWith(component).some((other) => components.has(other))) components.add(component)
    }
  }
  const also = ({ node }: ConfiguredNode): boolean => restartsWith(node.component).some((other) => components.has(other))
  return next.nodes.filter((one) => differs(one) || also(one))
}

function handleWith(
  containers: Readonly<Record<string, string>>, handle: Lab["handle"], { release, folder }: { release: Release; folder: string },
): Lab["handle"] {
  const nodes = Object.entries(handle.nodes).map(([name, node]) => [name, { ...node, containerId: containers[name] ?? node.containerId }])
  return {
    ...handle, nodes: Object.fromEntries(nodes), resultsFolder: folder,
    release: { version: release.version, digest: release.digest, folder: release.folder },
  }
}
