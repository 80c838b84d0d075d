import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { LabHandle } from "./handle.ts"
import type { NodeDefinition } from "./platform.ts"
import type { NameFault } from "./world/name-faults.ts"
import type { AskedQuestion } from "./world/questions-asked.ts"
import type { ZoneData, ZoneRecord } from "./world/zone-data.ts"
import { queryOf, WorldControl } from "./world-control.ts"

/** Ports that the gateway publishes. */
export const dnsServices = { control: 8080 } as const

const startupMsMax = 15_000

/** The lab's name server: authoritative for the root, it asks nobody. `image` is the world's. */
export class DnsContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, data: ZoneData) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCommand(["/start.sh"])
    this.withEnvironment({ RECETTE_PART: "dns" })
    this.withCopyContentToContainer([{ content: JSON.stringify(data), target: "/recette/dns.json", mode: 0o644 }])
  }
}

export class StartedDnsContainer extends StartedInsideContainer {
  private readonly control: WorldControl
  constructor(handle: LabHandle, name = "dns") {
    super(handle, name)
    this.control = new WorldControl(this.endpointFor("control"), name)
  }

  /**
   * Makes the DNS misbehave for a name, or with `scope: "zone"` for all below it too, until `reset`.
   * `silent` never answers (the client times out); `delay` takes `delayMs`, 1 to 60 000.
   */
  async fail(
    name: string, kind: NameFault["kind"], options: Partial<Omit<NameFault, "kind">> = {},
  ): Promise<void> {
    await this.control.json("PUT", `/faults/${name}`, { kind, ...options })
  }

  /** Ends the fault of one name, or all of them. */
  async reset(name?: string): Promise<void> {
    await this.control.json("DELETE", `/faults/${name ?? ""}`)
  }

  /** The faults in force: empty in the lab's starting state. */
  async faults(): Promise<Record<string, NameFault>> {
    return this.control.json("GET", "/faults")
  }

  /** Every question for exactly this name since `sinceUs` (microseconds since the epoch), oldest first. */
  async asked(name: string, { sinceUs }: { sinceUs?: number } = {}): Promise<AskedQuestion[]> {
    const answer = await this.control.json<{ questions: AskedQuestion[] }>("GET", `/asked${queryOf({ name, sinceUs })}`)
    return answer.questions
  }

  /** The records of a name. */
  async records(name: string): Promise<ZoneRecord[]> {
    return (await this.control.json<{ records: ZoneRecord[] }>("GET", `/records/${name}`)).records
  }

  /** Replaces the records of a name (of one type only, if given); an empty list removes them. */
  async setRecords(name: string, records: readonly Omit<ZoneRecord, "name">[], type?: string): Promise<void> {
    await this.control.json("PUT", `/records/${name}${queryOf({ type })}`, { records })
  }
}
