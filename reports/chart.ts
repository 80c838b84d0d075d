import { scaleLinear } from "d3-scale"
import { line, symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from "d3-shape"
import { html, Markup } from "./markup.ts"
import { table } from "./page-parts.ts"
import type { Language } from "./result-shapes.ts"

export type Values = readonly (number | null)[]
export interface ChartLine { name: string; values: Values }

export interface ChartOrder {
  /** For anchors: unlike any other of the page. */
  id: string
  title: string
  /** At most four: each has a colour, a dash and a mark of its own. */
  lines: readonly ChartLine[]
  stepSeconds: number
  /** A value in words, for description and table; and beside the axis, where there is little room. */
  words: (value: number) => string
  axisWords?: (value: number) => string
  lang: Language
}

/** Units of the drawing, which fills whatever width there is. */
const [width, height] = [720, 270]
const edge = { left: 104, right: 14, top: 12, bottom: 44 }
const marks = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond]
const marksOfLine = 7, markSize = 52
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200]
const timeTicksMax = 7, rowsMax = 20
/** Room that half of a time beside the axis takes on a phone. */
const halfClock = 34

/**
 * Lines over time, drawn without a browser: the same values give the same bytes. Lines differ by dash and mark as well as by
 * colour; a description and a table say the same in words.
 */
export function chart({ id, title, lines, stepSeconds, words, axisWords = words, lang }: ChartOrder): Markup {
  const steps = Math.max(1, ...lines.map(({ values }) => values.length))
  const across = scaleLinear([0, steps * stepSeconds], [edge.left, width - edge.right])
  const upwards = scaleLinear([0, Math.max(1, ...lines.flatMap(({ values }) => values.filter((value) => value !== null)))], [height - edge.bottom, edge.top]).nice(4)
  const place = { x: (step: number) => across((step + 0.5) * stepSeconds), y: (value: number) => upwards(value) }
  return html`<figure class="chart" id="${id}">
<figcaption>${title}</figcaption>
<ul class="legend">${lines.map(({ name }, index) => html`<li><svg class="key line-${index + 1}" viewBox="0 0 40 12" aria-hidden="true"><path class="line" d="M0,6H40"/>${mark(index, 20, 6)}</svg>${name}</li>`)}</ul>
<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-title ${id}-words">
<title id="${id}-title">${title}</title>
<desc id="${id}-words">${lines.map((one) => described(one, { stepSeconds, words, lang })).join(" ")}</desc>
${upwards.ticks(4).map((value, index) => html`<path class="grid" d="M${edge.left},${rounded(upwards(value))}H${width - edge.right}"/><text class="${index % 2 === 1 ? "spare" : ""}" x="${edge.left - 8}" y="${rounded(upwards(value))}" dy=".35em" text-anchor="end">${axisWords(value)}</text>
`)}${timeTicks(steps * stepSeconds).map((seconds, index) => html`<path class="grid" d="M${rounded(across(seconds))},${height - edge.bottom}v6"/><text class="${index % 2 === 1 ? "spare" : ""}" x="${rounded(across(seconds))}" y="${height - 8}" text-anchor="${across(seconds) > width - edge.right - halfClock ? "end" : "middle"}">${clock(seconds)}</text>
`)}${lines.map(({ values }, index) => html`<g class="line-${index + 1}"><path class="line" d="${pathOf(values, place)}"/>${marksOf(values, index, lines.length, place)}</g>
`)}</svg>
<details><summary>${lang === "fr" ? "Les valeurs" : "The values"}</summary>
${valuesTable({ title, lines, stepSeconds, words, lang })}</details>
</figure>
`
}

interface Place { x: (step: number) => number; y: (value: number) => number }

function pathOf(values: Values, { x, y }: Place): string {
  const draw = line<number | null>().defined((value) => value !== null).x((_, step) => x(step)).y((value) => y(value ?? 0)).digits(1)
  return draw([...values]) ?? ""
}

/** A few marks along a line, each line's elsewhere, so that two that lie on each other are both seen. */
function marksOf(values: Values, index: number, of: number, { x, y }: Place): Markup[] {
  const distance = values.length / marksOfLine
  const steps = new Set(Array.from({ length: marksOfLine }, (_, place) => Math.floor((place + (index + 0.5) / of) * distance)))
  return [...steps].flatMap((step) => values[step] == null ? [] : [mark(index, x(step), y(values[step]))])
}

function mark(index: number, x: number, y: number): Markup {
  const outline = symbol(marks[index % marks.length], markSize).digits(1)() ?? ""
  return html`<path class="mark" transform="translate(${rounded(x)},${rounded(y)})" d="${outline}"/>`
}

function timeTicks(seconds: number): number[] {
  const step = timeSteps.find((one) => seconds / one <= timeTicksMax) ?? Math.ceil(seconds / timeTicksMax / 3_600) * 3_600
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step)
}

function described({ name, values }: ChartLine, { stepSeconds, words, lang }: Pick<ChartOrder, "stepSeconds" | "words" | "lang">): string {
  const most = values.reduce<number | null>((found, value) => value === null ? found : Math.max(found ?? value, value), null)
  if (most === null) return lang === "fr" ? `${name} : rien n'a été vu.` : `${name}: nothing was seen.`
  const at = clock(values.indexOf(most) * stepSeconds)
  return lang === "fr" ? `${name} : au plus ${words(most)}, à ${at}.` : `${name}: at most ${words(most)}, at ${at}.`
}

/** So many rows that one can read them: each has the most of its steps. */
function valuesTable({ title, lines, stepSeconds, words, lang }: Omit<ChartOrder, "id" | "axisWords">): Markup {
  const steps = Math.max(0, ...lines.map(({ values }) => values.length))
  const each = Math.max(1, Math.ceil(steps / rowsMax))
  return table(each === 1 ? title : lang === "fr" ? `${title} : le plus de chaque tranche` : `${title}: the most of each row's time`,
    [lang === "fr" ? "Depuis" : "From", ...lines.map(({ name }) => name)],
    Array.from({ length: Math.ceil(steps / each) }, (_, row) => [clock(row * each * stepSeconds), ...lines.map(({ values }) => {
      const seen = values.slice(row * each, (row + 1) * each).filter((value) => value !== null)
      return seen.length === 0 ? "–" : words(Math.max(...seen))
    })]))
}

/** Time since the first message. */
function clock(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0")
  return seconds >= 3_600 ? `${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)}:${two(Math.floor(seconds % 60))}` : `${Math.floor(seconds / 60)}:${two(Math.floor(seconds % 60))}`
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10)
}
