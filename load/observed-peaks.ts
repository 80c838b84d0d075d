import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import type { ObservedLine } from "./observation.ts"

/** A part of an observation; microseconds since the epoch. */
export interface Span { name: string; fromUs: number; untilUs: number }

/** The most that a node had in a span; `null`: not seen then. */
export interface Peak { span: string; node: string; memoryBytes: number | null; diskBytes: number | null }

/** High-water marks of nodes in parts of an observation (`observation.ndjson`); what was seen last before a part counts for it as well. */
export async function peaksIn(path: string, spans: readonly Span[], nodes: readonly string[]): Promise<Peak[]> {
  const looks = new Map<string, ObservedLine[]>(nodes.map((node) => [node, []]))
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const look = JSON.parse(line) as ObservedLine
    looks.get(look.node)?.push(look)
  }
  const peak = (own: readonly ObservedLine[], key: "memoryBytes" | "diskBytes", { fromUs, untilUs }: Span) => {
    const seen = own.flatMap(({ atUs, [key]: value }) => value === undefined ? [] : [{ atUs, value }])
    const before = seen.findLast(({ atUs }) => atUs < fromUs)
    return [...before ? [before] : [], ...seen.filter(({ atUs }) => atUs >= fromUs && atUs <= untilUs)]
      .reduce<number | null>((most, { value }) => Math.max(most ?? 0, value), null)
  }
  return spans.flatMap((span) => nodes.map((node): Peak => {
    const own = looks.get(node)!
    return { span: span.name, node, memoryBytes: peak(own, "memoryBytes", span), diskBytes: peak(own, "diskBytes", span) }
  }))
}
