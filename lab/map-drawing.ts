import { layoutOf, type Arrow, type Box, type MapForm, type Point } from "./map-layout.ts"
import { markup, type Markup } from "./map-markup.ts"
import type { MapWords } from "./map-words.ts"
import { outside } from "./platform-schema.ts"
import type { PlatformDefinition } from "./platform.ts"

type Drawn = Pick<PlatformDefinition, "nodes" | "flows">

/** The map as SVG, without states: the page's script writes them into `[data-node]`. Each box is a link to its node's part of the page. */
export function drawingOf(platform: Drawn, form: MapForm, words: MapWords): Markup {
  const { width, height, boxes, arrows } = layoutOf(platform, form)
  const marker = `head-${form}`
  return markup`<svg class="map ${form}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="group" aria-label="${words.mapText}">
<defs><marker id="${marker}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z"/></marker></defs>
${arrows.map((arrow) => arrowOf(arrow, marker, platform))}
${boxes.map((box) => boxOf(box, platform, words))}
</svg>`
}

function arrowOf({ from, to, ports, points, label }: Arrow, marker: string, { flows }: Drawn): Markup {
  const what = flows.filter((flow) => flow.from === from && flow.to === to).map(({ port }) => port).join(", ")
  return markup`<g class="arrow" data-from="${from}" data-to="${to}" aria-hidden="true"><path d="${smooth(points)}" marker-end="url(#${marker})"/>
<text x="${round(label.x)}" y="${round(label.y + 4)}">${what || ports.join(", ")}</text></g>`
}

function boxOf({ name, x, y, width, height }: Box, { nodes }: Drawn, words: MapWords): Markup {
  const { component = "" } = nodes.find((node) => node.name === name) ?? {}
  const title = name === outside ? words.outside : name
  const centre = round(x + width / 2)
  const row = (line: number): number => round(y + 24 + line * (height - 38) / 3)
  return markup`<a href="#node-${name}" class="box" data-node="${name}"><rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" rx="6"/>
<text class="name" x="${centre}" y="${row(0)}">${title}</text>
${component === "" || component === name ? "" : markup`<text class="component" x="${centre}" y="${row(1)}">${component}</text>`}
<text class="state" x="${centre}" y="${row(2)}"> </text>
<text class="queue" x="${centre}" y="${row(3)}"> </text></a>`
}

/** A line through the points, rounded at the inner ones. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points
  const last = rest.at(-1)!
  const bends = rest.slice(0, -1).map((point, index) => {
    const next = rest[index + 1]!
    const end = index === rest.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 }
    return `Q${round(point.x)} ${round(point.y)} ${round(end.x)} ${round(end.y)}`
  })
  return `M${round(first!.x)} ${round(first!.y)} ${bends.length > 0 ? bends.join(" ") : `L${round(last.x)} ${round(last.y)}`}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
