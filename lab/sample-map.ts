import type { LabHandle } from "./handle.ts"
import { publishedServices } from "./components.ts"
import type { MapSubject } from "./map-page.ts"
import { platformNamed, type PlatformDefinition } from "./platform.ts"

const run = "20261129-090000-k3f9"
const firstPort = 49_153

/** The handle of a lab that does not run, for tests of what is shown of one: addresses and ports, and `folder` for its logs. */
export function sampleLab(name: string, folder: string): { handle: LabHandle; platform: PlatformDefinition } {
  const platform = platformNamed(name)
  const addresses = Object.fromEntries(platform.nodes.map((node, index) => [node.name, `172.18.0.${index + 2}`]))
  const nodes = Object.fromEntries(platform.nodes.map((node) => [node.name, { ...node, holderId: `h-${node.name}`, containerId: `c-${node.name}`, address: addresses[node.name]! }]))
  const owner = { pid: 1, startTicks: "1", bootId: "boot", pidNamespace: "1", machine: "machine" }
  const network = { id: "n", name: "n", bridge: "br-n", subnet: "172.18.0.0/16", hostAddress: "172.18.0.1" }
  const ports = Object.fromEntries(publishedServices(platform, addresses).map((service, index) => [service.name, firstPort + index]))
  return {
    platform,
    handle: {
      schema: "recette.lab/v1", run, seed: 1, owner, platform: name, release: { version: "2026.1", digest: "sha256:00", folder }, network, outerNetwork: network, nodes,
      gateway: { containerId: "gateway", ports }, resultsFolder: folder, secretsFile: `${folder}/secrets.json`, certificateAuthority: "PEM",
    },
  }
}

export function sampleMap({ handle, platform }: { handle: LabHandle; platform: PlatformDefinition }): MapSubject {
  const note = { schema: "recette.kept-lab/v1", name: `${platform.name}-k3f9`, run, owner: handle.owner, release: `${platform.name}/2026.1`, startedAt: "2026-11-29T09:00:00.000Z" } as const
  return { handle, platform, note }
}
