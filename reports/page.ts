import { html, type Fragment, type Markup } from "./markup.ts"
import { changesSection } from "./page-changes.ts"
import { pageDocument } from "./page-document.ts"
import type { Section } from "./page-parts.ts"
import {
  isolationSection, leftOutSection, overridesSection, replaySection, substitutionsSection, timingsSection,
  versionsSection,
} from "./page-sections.ts"
import { statusLabel } from "./page-evidence.ts"
import { killsSection } from "./page-kills.ts"
import { loadSection } from "./page-load.ts"
import { requirementsSection } from "./page-requirements.ts"
import type { Results } from "./results.ts"
import type { Language } from "./result-shapes.ts"
import type { Decision, Effect } from "./rules.ts"
import { countWords, headline } from "./terminal.ts"
import type { Outcome, Verdict } from "./verdict.ts"
import { effectWords, instantWords, levelWords, objectWords } from "./words.ts"

/**
 * `report/index.html`: one file without scripts or outside parts. The verdict and its reasons come first, then what
 * changed, the requirements with their evidence, and what the run does not say.
 */
export function pageReport(results: Results, verdict: Verdict, lang: Language): string {
  const french = lang === "fr"
  const release = verdict.release?.name ?? (verdict.platform || verdict.run)
  const word = headline(verdict, lang)
  const sections = [
    changesSection(results, lang), requirementsSection(results, verdict, lang), loadSection(results, lang), leftOutSection(verdict, lang),
    killsSection(results, lang), timingsSection(results, lang), versionsSection(results, lang), substitutionsSection(results, lang),
    overridesSection(results, lang), isolationSection(results, lang), replaySection(results, lang),
  ]
  return pageDocument({ lang, title: `${word} – ${release}`, body: html`<a class="skip" href="#reasons">${french ? "Aller aux raisons du verdict" : "Skip to the reasons"}</a>
<header>
<p class="kind">recette – ${french ? "compte rendu de qualification" : "qualification report"}</p>
<h1>${release}</h1>
<div class="verdict tone-${tones[verdict.verdict]}">
<p class="word">${word}</p>
<p class="sense">${sense(verdict, lang)}</p>
</div>
${facts(results, verdict, lang)}
</header>
<main>
${sectionElement(reasonsSection(verdict, lang))}
<nav aria-label="${french ? "Sommaire" : "Contents"}"><ul>
${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)}</ul></nav>
${sections.map(sectionElement)}</main>
<footer>
<p>${french ? "Essai" : "Run"} <code>${verdict.run}</code>${verdict.release ? html`, <code>${verdict.release.digest}</code>` : null}</p>
</footer>
` })
}

function sectionElement({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`
}

const tones: Record<Outcome, string> = {
  "go": "go", "go-with-reservations": "go", "no-go": "stop", "inconclusive": "doubt", "none": "still",
}

const effectStatus: Record<Effect, [tone: string, glyph: string]> = {
  "no-verdict": ["still", "–"], "no-go": ["stop", "✕"], "inconclusive": ["doubt", "?"], "reservation": ["doubt", "△"],
  "go": ["go", "✓"],
}

function sense({ verdict, level, object }: Verdict, lang: Language): string {
  const name = levelWords[level][lang]
  const on = object === "replica" ? { fr: "", en: "" }
    : { fr: ` Objet jugé : ${objectWords[object].fr}.`, en: ` Judged: ${objectWords[object].en}.` }
  const words = {
    "go": {
      fr: `Au niveau ${name}, rien ne s'oppose à la mise en production.`,
      en: `At level ${name}, nothing stands against putting this into production.`,
    },
    "go-with-reservations": {
      fr: `Au niveau ${name}, rien ne s'oppose à la mise en production, sous les réserves ci-dessous.`,
      en: `At level ${name}, nothing stands against putting this into production, with the reservations below.`,
    },
    "no-go": {
      fr: `Au niveau ${name}, une exigence bloquante ou majeure n'est pas satisfaite.`,
      en: `At level ${name}, a blocking or major requirement is not met.`,
    },
    "inconclusive": {
      fr: "L'essai ne permet pas de conclure : une partie n'a pas été jugée.",
      en: "The run does not allow a conclusion: a part was not judged.",
    },
    "none": {
      fr: "Le laboratoire a lâché avant tout jugement : rien n'est dit de la version.",
      en: "The laboratory failed before anything was judged: nothing is said about the release.",
    },
  }
  return (object === "stand-in" && verdict.startsWith("go") ? standInSense : words[verdict])[lang] + on[lang]
}

const standInSense = {
  fr: "La doublure satisfait les exigences ; rien n'est dit de l'original.",
  en: "The stand-in meets the requirements; nothing is said about the original.",
}

function facts({ run }: Results, verdict: Verdict, lang: Language): Markup {
  const french = lang === "fr"
  const rows: [string, Fragment][] = [
    [french ? "Niveau" : "Level", levelWords[verdict.level][lang]],
    [french ? "Début" : "Started", instantWords(run.times.startedAt, lang)],
    [french ? "Exigences" : "Requirements", countWords(verdict, lang).replace(/^.*?: /, "")],
  ]
  if (run.release?.summary) rows.push([french ? "Objet de la version" : "Purpose of the release", run.release.summary])
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

function reasonsSection({ decisions }: Verdict, lang: Language): Section {
  return {
    id: "reasons", title: lang === "fr" ? "Raisons" : "Reasons",
    body: html`<ul class="reasons">
${decisions.map((decision) => {
  const [tone, glyph] = effectStatus[decision.effect]
  return html`<li>${statusLabel(tone, glyph, effectWords[decision.effect][lang])}<span>${linked(decision, lang)}</span></li>\n`
})}</ul>`,
  }
}

/** A sentence that begins with its requirement's id leads to it. */
function linked({ requirements: [id, ...others], sentence }: Decision, lang: Language): Fragment {
  const text = sentence[lang]
  if (!id || others.length > 0 || !text.startsWith(id)) return text
  return html`<a href="#${encodeURIComponent(id)}">${id}</a>${text.slice(id.length)}`
}

