import dagre from "@dagrejs/dagre"
import { outside } from "./platform-schema.ts"
import type { PlatformDefinition } from "./platform.ts"

export interface Point { x: number; y: number }
/** A box by its upper left corner. */
export interface Box extends Point { name: string; width: number; height: number }
/** All flows from one place to another, as one arrow; `label` is where its ports are written. */
export interface Arrow { from: string; to: string; ports: number[]; points: Point[]; label: Point }
export interface MapLayout { width: number; height: number; boxes: Box[]; arrows: Arrow[] }

/** `across`: layers from left to right, for a screen; `down`: from top to bottom in narrow boxes, for a phone. */
export type MapForm = "across" | "down"

/** In the SVG's own units; a phone shows 360 of them at full size. */
export const forms = {
  across: { rankdir: "LR", width: 168, height: 88, nodesep: 34, ranksep: 96, letter: 7.2 },
  down: { rankdir: "TB", width: 120, height: 104, nodesep: 8, ranksep: 48, letter: 7.6 },
} as const
const margin = 10

/**
 * Places a platform's servers in layers along its flows, `outside` among them, with a way around the boxes for each arrow.
 * The same platform gives the same picture.
 */
export function layoutOf({ nodes, flows }: Pick<PlatformDefinition, "nodes" | "flows">, form: MapForm): MapLayout {
  const { rankdir, width, height, nodesep, ranksep, letter } = forms[form]
  const graph = new dagre.graphlib.Graph({ multigraph: true })
  graph.setGraph({ rankdir, nodesep, ranksep, marginx: margin, marginy: margin })
  graph.setDefaultEdgeLabel(() => ({}))
  const named = new Set(flows.flatMap(({ from, to }) => [from, to]))
  const isDrawn = (name: string): boolean => named.has(name) || nodes.some((one) => one.name === name)
  for (const name of [outside, ...nodes.map((one) => one.name)]) if (isDrawn(name)) graph.setNode(name, { width, height })
  const arrows = arrowsOf(flows)
  for (const { from, to, ports } of arrows) {
    graph.setEdge(from, to, { width: ports.join(", ").length * letter + 8, height: 18, labelpos: "c" }, `${from} ${to}`)
  }
  dagre.layout(graph)
  const { width: wide = 0, height: high = 0 } = graph.graph()
  return {
    width: Math.ceil(wide), height: Math.ceil(high),
    boxes: graph.nodes().map((name: string) => {
      const { x, y } = graph.node(name)
      return { name, width, height, x: x - width / 2, y: y - height / 2 }
    }),
    arrows: arrows.map((arrow) => {
      const { points, x, y } = graph.edge(arrow.from, arrow.to, `${arrow.from} ${arrow.to}`) as { points: Point[]; x: number; y: number }
      return { ...arrow, points, label: { x, y } }
    }),
  }
}

function arrowsOf(flows: PlatformDefinition["flows"]): Pick<Arrow, "from" | "to" | "ports">[] {
  const arrows = new Map<string, Pick<Arrow, "from" | "to" | "ports">>()
  for (const { from, to, port } of flows) {
    const key = `${from} ${to}`
    const arrow = arrows.get(key) ?? { from, to, ports: [] }
    if (!arrow.ports.includes(port)) arrow.ports.push(port)
    arrows.set(key, arrow)
  }
  return [...arrows.values()]
}
