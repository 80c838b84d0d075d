import { LabFailure } from "./failure.ts"

/** How one node could get out: what was found, and what to do about it. */
export interface IsolationFailure { node: string; wayOut: string; remedy: string }

export interface ProbeRecord {
  probe: string
  target: string
  expected: string
  answer: string
  ms: number
  /** Only where the answer is a refusal: the counter of the rule that refuses has met at least every probe sent. */
  counterMoved?: boolean
  passed: boolean
}

export interface NodeRecord {
  node: string
  networks: string[]
  /** `absent`: no IPv6 address but loopback and link-local, and no default route. */
  ipv6: "absent" | "present" | "not looked at"
  probes: ProbeRecord[]
}

export type ControlRecord = Omit<ProbeRecord, "expected" | "counterMoved">

/** Content of `isolation.json`. */
export interface IsolationRecord {
  schema: "recette.isolation/v1"
  means: "rules" | "inspection"
  /** Why it is by inspection only. */
  reason?: string
  passed: boolean
  failures: IsolationFailure[]
  nodes: NodeRecord[]
  /** The same probes from an ordinary network: where one does not get through, the proof says nothing. */
  controls: ControlRecord[]
}

const nodesShownMax = 3

/** The lab is refused; `record` is what `isolation.json` then holds. The message shows the first way out of each node. */
export class IsolationRefused extends LabFailure {
  readonly record: IsolationRecord
  constructor(record: IsolationRecord) {
    const nodes = [...new Set(record.failures.map(({ node }) => node))]
    const shown = nodes.slice(0, nodesShownMax).map((node) => record.failures.filter((failure) => failure.node === node))
    const ways = shown.map(([first, ...others]) =>
      `${first!.node}: ${first!.wayOut}${others.length > 0 ? ` (and ${others.length} more)` : ""}`)
    const rest = nodes.length > nodesShownMax ? `; and ${nodes.length - nodesShownMax} more nodes` : ""
    super(`This lab is not isolated, so no scenario runs in it: node ${ways.join("; node ")}${rest}`, {
      where: `node ${nodes.join(", ")}; isolation.json`,
      remedy: [...new Set(shown.map(([first]) => first!.remedy))].join("; "),
    })
    this.record = record
  }
}
