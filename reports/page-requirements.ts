import { html, type Markup } from "./markup.ts"
import type { Section } from "./page-parts.ts"
import type { Language, Scenario } from "./result-shapes.ts"
import type { Evidence, JudgedRequirement, Status } from "./statuses.ts"
import type { Verdict } from "./verdict.ts"
import { classWords, levelWords, scenarioWords, severityWords, statusWords } from "./words.ts"

const messageLength = 1500

/** Tone and sign of each status; the word stands beside them always. */
export const toneOf: Record<Status, readonly [tone: string, glyph: string]> = {
  "passed": ["go", "✓"], "failed": ["stop", "✕"], "waived": ["doubt", "△"], "known-limit": ["doubt", "△"],
  "not-observable": ["doubt", "△"], "lab-error": ["doubt", "?"], "not-run": ["doubt", "?"], "not-applicable": ["still", "–"],
}

export function statusLabel(tone: string, glyph: string, word: string): Markup {
  return html`<span class="status tone-${tone}"><i aria-hidden="true">${glyph}</i>${word}</span>`
}

/** The requirements of the level, one row each, ordered by id. */
export function requirementsSection({ requirements, level }: Verdict, lang: Language): Section {
  const french = lang === "fr"
  const title = french ? "Exigences" : "Requirements"
  if (requirements.length === 0) {
    return { id: "requirements", title, body: html`<p>${french ? "Aucune exigence n'est connue." : "No requirement is known."}</p>` }
  }
  const name = levelWords[level][lang]
  return {
    id: "requirements", title,
    body: html`<table class="requirements" role="table">
<caption>${french ? `Les exigences du niveau ${name} et leurs preuves` : `The requirements of level ${name} and their evidence`}</caption>
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">${french ? "N°" : "Id"}</th>
<th scope="col" role="columnheader">${french ? "Exigence" : "Requirement"}</th>
<th scope="col" role="columnheader">${french ? "Gravité" : "Severity"}</th>
<th scope="col" role="columnheader">${french ? "État" : "Status"}</th>
<th scope="col" role="columnheader">${french ? "Preuve" : "Evidence"}</th></tr></thead>
<tbody role="rowgroup">
${requirements.map((requirement) => requirementRow(requirement, lang))}</tbody>
</table>`,
  }
}

function requirementRow(requirement: JudgedRequirement, lang: Language): Markup {
  const french = lang === "fr"
  const { id, text, source, severity, status, note, confirmed } = requirement
  const [tone, glyph] = toneOf[status]
  const unconfirmed = confirmed || (requirement.class !== "hypothesis" && requirement.class !== "analogy") ? ""
    : french ? ", non confirmée" : ", unconfirmed"
  const origin = `${classWords[requirement.class][lang]}${unconfirmed} – ${source}`
  return html`<tr role="row"><th scope="row" role="rowheader" id="${id}">${id}</th>
<td role="cell" class="text">${text[lang]}<span class="small">${origin}</span>${boundsWords(requirement, lang)}</td>
<td role="cell" data-name="${french ? "Gravité" : "Severity"}">${severityWords[severity][lang]}</td>
<td role="cell" data-name="${french ? "État" : "Status"}">${statusLabel(tone, glyph, statusWords[status][lang])}</td>
<td role="cell" class="proof">${note ? html`<span>${note[lang]}</span>` : null}${evidenceList(requirement.evidence, lang)}</td></tr>
`
}

function boundsWords({ bounds }: JudgedRequirement, lang: Language): Markup | null {
  const entries = Object.entries(bounds).sort(([one], [other]) => (one < other ? -1 : 1))
  if (entries.length === 0) return null
  const list = entries.map(([name, value]) => `${name} = ${value}`).join(", ")
  return html`<span class="small">${lang === "fr" ? "Bornes : " : "Bounds: "}${list}</span>`
}

function evidenceList(evidence: Evidence[], lang: Language): Markup | null {
  if (evidence.length === 0) return null
  return html`<ul class="evidence">${evidence.map((each) => html`<li>${evidenceItem(each, lang)}</li>`)}</ul>`
}

function evidenceItem({ scenario, status, message, log }: Evidence, lang: Language): Markup {
  const shown = message.length > messageLength ? `${message.slice(0, messageLength)} […]` : message
  if (status === "passed") {
    return html`${scenario}${shown ? html`<span class="small">${shown}</span>` : null}`
  }
  const word = scenarioWords[status satisfies Scenario["status"]][lang]
  const said = shown ? html`<code class="message">${shown}</code>` : null
  return html`<strong>${word}</strong>${lang === "fr" ? " : " : ": "}${scenario}${said}<code class="small">${log}</code>`
}
