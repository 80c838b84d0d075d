import { html, type Fragment, type Markup } from "./markup.ts"
import type { Language } from "./result-shapes.ts"

/** One section of the page: the id of its anchor, its heading, its content. */
export interface Section { id: string; title: string; body: Fragment }

/** A table that stays one for a screen reader where a narrow screen shows its rows as blocks. The first cell names its row. */
export function table(caption: string, names: string[], rows: Fragment[][], kind = "plain-table"): Markup {
  return html`<table role="table" class="${kind}">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${names.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map(([first, ...cells]) => html`<tr role="row"><th scope="row" role="rowheader">${first ?? null}</th>${
  cells.map((cell, index) => html`<td role="cell" data-name="${names[index + 1] ?? ""}">${cell}</td>`)}</tr>
`)}</tbody>
</table>`
}

/** Name and value pairs. */
export function factList(facts: [string, string][]): Markup {
  return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** A list behind its name and its length; on paper it is whole. */
export function foldedList(name: string, items: [string, string][]): Markup {
  return html`<details><summary>${name} <span class="quiet">– ${items.length}</span></summary>
<ul class="packages">${items.map(([item, detail]) => html`<li>${item} <span class="quiet">${detail}</span></li>`)}</ul></details>
`
}

/** Picks the language of a section's sentences. */
export function speak(lang: Language): (fr: string, en: string) => string {
  return (fr, en) => (lang === "fr" ? fr : en)
}

/** Entries in order of names. */
export function sorted<Value>(record: Record<string, Value>): [string, Value][] {
  return Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1))
}
