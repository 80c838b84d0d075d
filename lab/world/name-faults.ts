import { WrongRequest } from "./control.ts"
import { ancestry, canonical } from "./zone-data.ts"

/** How the DNS misbehaves for a name: `silent` never answers, `delay` answers after `delayMs`, the others at once. */
export interface NameFault {
  kind: "servfail" | "silent" | "delay" | "refused" | "nxdomain"
  /** `zone`: the name and everything below it. */
  scope: "name" | "zone"
  /** Milliseconds, only with `delay`: 1 to 60 000. */
  delayMs?: number
  /** Record types it applies to, for example `["MX"]`; all without it. */
  types?: string[]
}

const kinds: readonly string[] = ["servfail", "silent", "delay", "refused", "nxdomain"]
const delayMsMax = 60_000

/** The faults in force, by name. */
export class NameFaults {
  private readonly faults = new Map<string, NameFault>()

  set(name: string, fault: NameFault): void {
    this.faults.set(canonical(name), fault)
  }
  clear(name?: string): void {
    if (name === undefined) this.faults.clear()
    else this.faults.delete(canonical(name))
  }
  list(): Record<string, NameFault> {
    return Object.fromEntries(this.faults)
  }

  /** The fault of the closest name at or above `name` that has one for this type. */
  for(name: string, type: string): NameFault | undefined {
    if (this.faults.size === 0) return undefined
    const asked = canonical(name)
    for (const above of [...ancestry(asked), ""]) {
      const fault = this.faults.get(above)
      if (!fault || (fault.scope === "name" && above !== asked)) continue
      if (!fault.types || fault.types.includes(type)) return fault
    }
    return undefined
  }
}

/** Checks what came over the control; throws WrongRequest with the cure. */
export function nameFault(value: unknown): NameFault {
  const { kind, scope = "name", delayMs, types, ...others } = value as Record<string, unknown>
  if (typeof kind !== "string" || !kinds.includes(kind)) {
    throw new WrongRequest(`no fault ${String(kind)}; use one of ${kinds.join(", ")}`)
  }
  if (scope !== "name" && scope !== "zone") throw new WrongRequest(`no scope ${String(scope)}; use name or zone`)
  const isDelay = typeof delayMs === "number" && delayMs >= 1 && delayMs <= delayMsMax
  if (kind === "delay" ? !isDelay : delayMs !== undefined) {
    throw new WrongRequest(`delayMs is 1 to ${delayMsMax}, with kind delay only`)
  }
  if (types !== undefined && !Array.isArray(types)) throw new WrongRequest("types is a list such as [\"MX\"]")
  if (Object.keys(others).length > 0) throw new WrongRequest(`unknown key ${Object.keys(others).join(", ")}`)
  return {
    kind: kind as NameFault["kind"], scope,
    ...(isDelay ? { delayMs } : {}), ...(types ? { types: types.map(String) } : {}),
  }
}
