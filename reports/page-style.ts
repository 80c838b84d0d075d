/** Colours of the page, by role. `paper`, `card` and the washes are grounds; the others are written on them. */
export const light = {
  paper: "#faf9f6", card: "#ffffff", ink: "#1c2430", quiet: "#535d6c", line: "#dedbd3", link: "#1f4f8f",
  go: "#14613a", goWash: "#e7f3eb", stop: "#a1182a", stopWash: "#fcebed", doubt: "#734500", doubtWash: "#fbf1dd",
  still: "#424a56", stillWash: "#eef0f2",
}

export const dark: typeof light = {
  paper: "#14171c", card: "#1b1f26", ink: "#e5e8ec", quiet: "#a6afbc", line: "#333a45", link: "#9cc3ff",
  go: "#83d5a3", goWash: "#16301f", stop: "#ff9ea8", stopWash: "#3a181d", doubt: "#f0c374", doubtWash: "#352810",
  still: "#c4cbd5", stillWash: "#262c34",
}

/** The page's style sheet: no outside file, readable on a phone, on paper, and in the dark. */
export const pageStyle = `
:root { color-scheme: light; ${variables(light)} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${variables(dark)} } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.55;
  font: 1rem/1.55 Marianne, Inter, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif }
.skip { position: absolute; left: 1rem; top: -4rem; padding: .5rem 1rem; background: var(--card); border: 1px solid var(--line) }
.skip:focus { top: .5rem }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 2rem }
header { padding-top: 3rem }
.kind { margin: 0 0 .35rem; color: var(--quiet); font-size: .875rem; letter-spacing: .02em }
h1 { margin: 0; font-size: 2rem; font-weight: 650; letter-spacing: -.015em; line-height: 1.2; overflow-wrap: anywhere }
h2 { margin: 0 0 1rem; font-size: 1.25rem; font-weight: 650; letter-spacing: -.005em }
h3 { margin: 1.5rem 0 .5rem; font-size: 1rem; font-weight: 650 }
p { margin: 0 0 .75rem; max-width: 46rem }
a { color: var(--link); text-underline-offset: .18em }
code { font: .875em/1.5 ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere }
h4 { margin: 0 0 .5rem; font-size: 1rem; font-weight: 650; overflow-wrap: anywhere }
section { margin-top: 3.25rem; scroll-margin-top: 1rem }
:target { scroll-margin-top: 1rem }
th:target, h3:target, .card:target { outline: .15rem solid var(--link); outline-offset: .3rem }
.filter { margin: 0 0 1.5rem }
.todo { margin: 0 0 1.25rem; max-width: 60rem }
.todo p { margin: 0 }
.todo ol { margin: .25rem 0 0; padding-left: 1.5rem }
.card { margin: 0 0 1.25rem; padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-left: .3rem solid var(--tone);
  border-radius: .4rem; background: var(--card) }
.card p { margin: 0 0 .35rem }
.card > .evidence, .card > details { margin-top: .9rem }
.commands { margin: .9rem 0 0; font-size: .875rem }
.commands dt { color: var(--quiet) }
.commands dd { margin: 0 0 .5rem }
.quiet { color: var(--quiet) }
.verdict { margin: 1.75rem 0 0; padding: 1.75rem 2rem; border: 1px solid var(--line); border-left: .4rem solid;
  border-radius: .5rem; background: var(--wash) }
.verdict .word { margin: 0; color: var(--tone); font-size: 2.5rem; font-weight: 700; letter-spacing: -.02em; line-height: 1.15 }
.verdict { border-left-color: var(--tone) }
.verdict .sense { margin: .5rem 0 0; max-width: 46rem }
.tone-go { --tone: var(--go); --wash: var(--goWash) }
.tone-stop { --tone: var(--stop); --wash: var(--stopWash) }
.tone-doubt { --tone: var(--doubt); --wash: var(--doubtWash) }
.tone-still { --tone: var(--still); --wash: var(--stillWash) }
.status { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; background: var(--wash); color: var(--tone);
  font-size: .875rem; font-weight: 600; white-space: nowrap }
.status i { font-style: normal; margin-right: .35em }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem 2rem; margin: 1.5rem 0 0 }
.facts div { min-width: 0 }
.facts dt { color: var(--quiet); font-size: .875rem }
.facts dd { margin: 0; overflow-wrap: anywhere }
main > nav { margin-top: 2rem }
nav ul { display: flex; flex-wrap: wrap; gap: .35rem 1.5rem; margin: 0; padding: 0; list-style: none; font-size: .9375rem }
.reasons { margin: 0; padding: 0; list-style: none; max-width: 60rem }
.reasons li { display: grid; grid-template-columns: 10rem 1fr; gap: .25rem 1rem; padding: .7rem 0; border-top: 1px solid var(--line) }
.reasons li:last-child { border-bottom: 1px solid var(--line) }
.reasons .status { justify-self: start; align-self: start }
.plain { margin: 0; padding-left: 1.25rem; max-width: 60rem }
.plain + p, .facts + p { margin-top: .9rem }
.plain li { margin: .25rem 0 }
table { width: 100%; border-collapse: collapse; font-size: .9375rem }
caption { text-align: left; color: var(--quiet); font-size: .875rem; padding-bottom: .5rem }
th, td { padding: .7rem .9rem .7rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere }
th:last-child, td:last-child { padding-right: 0 }
thead th { border-top: 0; color: var(--quiet); font-size: .875rem; font-weight: 500; padding-bottom: .4rem; overflow-wrap: normal }
tbody th { font-weight: 600; white-space: nowrap }
tbody tr:last-child > * { border-bottom: 1px solid var(--line) }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.requirements .text { width: 36% }
.requirements td[data-name] { white-space: nowrap }
.requirements .proof { width: 36% }
.small { display: block; margin-top: .2rem; color: var(--quiet); font-size: .875rem }
.evidence { margin: 0; padding: 0; list-style: none }
.evidence li + li { margin-top: .6rem }
.message { display: block; margin: .25rem 0; padding: .45rem .7rem; border-left: .2rem solid var(--stop); background: var(--stopWash);
  font-size: .875rem; white-space: pre-wrap; unicode-bidi: isolate }
details { border-top: 1px solid var(--line); padding: .55rem 0 }
details:last-of-type { border-bottom: 1px solid var(--line) }
details > table { margin-top: .75rem }
summary { cursor: pointer }
.changes th, .changes td { width: 34% }
@media (min-width: 60rem) { .runs td:nth-last-child(-n + 2) { white-space: nowrap } }
.changes tbody th { white-space: normal }
.chart { margin: 1.5rem 0; max-width: 56rem }
.chart figcaption { font-weight: 600 }
.chart .plot { display: block; width: 100%; height: auto; margin: .5rem 0 }
.chart text { fill: var(--quiet); font-size: 13px; font-variant-numeric: tabular-nums }
.chart .grid { stroke: var(--line); fill: none }
.chart .line { fill: none; stroke: var(--tone); stroke-width: 2; stroke-linejoin: round }
.chart .mark { fill: var(--tone); stroke: var(--paper) }
.line-1 { --tone: var(--link) } .line-2 { --tone: var(--go) } .line-3 { --tone: var(--stop) } .line-4 { --tone: var(--doubt) }
.line-2 .line { stroke-dasharray: 9 4 } .line-3 .line { stroke-dasharray: 2 3 } .line-4 .line { stroke-dasharray: 11 3 2 3 }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .4rem 0 0; padding: 0; list-style: none; font-size: .875rem }
.legend li { min-width: 0; overflow-wrap: anywhere }
.key { width: 2.5rem; height: .75rem; margin-right: .5rem }
.packages { columns: 20rem; margin: .5rem 0 0; padding: 0; list-style: none; font-size: .875rem }
.command { display: block; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: .4rem; background: var(--card) }
footer { margin-top: 4rem; padding-top: 1.25rem; padding-bottom: 3rem; color: var(--quiet); font-size: .875rem }
:focus-visible { outline: .15rem solid var(--link); outline-offset: .15rem }
@media screen and (max-width: 48rem) {
  header, main, footer { padding-left: 1.125rem; padding-right: 1.125rem }
  header { padding-top: 1.75rem }
  h1 { font-size: 1.5rem }
  .verdict { padding: 1.25rem }
  .verdict .word { font-size: 1.875rem }
  .reasons li { grid-template-columns: 1fr }
  section { margin-top: 2.5rem }
  table, caption, tbody, tr, th, td { display: block; width: 100% }
  .requirements .text, .requirements .proof, .changes th, .changes td { width: 100% }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  tr { padding: .8rem 0; border-top: 1px solid var(--line) }
  tbody tr:last-child { border-bottom: 1px solid var(--line) }
  tbody tr:last-child > * { border-bottom: 0 }
  th, td { padding: .15rem 0; border: 0; text-align: left }
  tbody th { white-space: normal }
  td[data-name]::before { content: attr(data-name); display: inline-block; min-width: 7.5rem; margin-right: .5rem;
    color: var(--quiet); font-size: .875rem }
  .runs td .small { margin-left: 8rem }
  .proof { margin-top: .5rem }
  .number { text-align: left }
  .chart text { font-size: 25px }
  .chart .spare { display: none }
  .chart .line { stroke-width: 3.5 }
}
@media print {
  body { background: #fff; font-size: 10pt }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0 }
  nav, .skip { display: none }
  section { margin-top: 1.75rem }
  h2, h3, h4 { break-after: avoid }
  tr, .chart .plot, .card, .verdict, .reasons li { break-inside: avoid }
  .verdict, .status, .message { -webkit-print-color-adjust: exact; print-color-adjust: exact }
  details::details-content { content-visibility: visible; block-size: auto }
  a { color: inherit; text-decoration: none }
}
`

function variables(colours: typeof light): string {
  return Object.entries(colours).map(([name, value]) => `--${name}: ${value}`).join("; ")
}
