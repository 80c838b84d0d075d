import { StartedAcademiesContainer } from "../lab/academies.ts"
import { StartedDnsContainer } from "../lab/dns.ts"
import type { LabHandle } from "../lab/handle.ts"
import { StartedInternetContainer } from "../lab/internet.ts"

type SettablePart = StartedAcademiesContainer | StartedInternetContainer | StartedDnsContainer

/** The parts of the world that scenarios make misbehave, and that can be put back. A platform need not have all of them. */
export function settableWorld(handle: LabHandle): SettablePart[] {
  return Object.values(handle.nodes).flatMap(({ name, component }): SettablePart[] => {
    switch (component) {
      case "academies": return [new StartedAcademiesContainer(handle, name)]
      case "internet": return [new StartedInternetContainer(handle, name)]
      case "dns": return [new StartedDnsContainer(handle, name)]
      default: return []
    }
  })
}
