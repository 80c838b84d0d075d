import { html, type Markup } from "./markup.ts"
import type { Language, Scenario } from "./result-shapes.ts"
import type { Evidence, JudgedRequirement, Status } from "./statuses.ts"
import { classWords, levelWords, scenarioWords } from "./words.ts"

const messageLength = 1500

/** Tone and sign of each status; the word stands beside them always. */
export const toneOf: Record<Status, readonly [tone: string, glyph: string]> = {
  "passed": ["go", "✓"], "failed": ["stop", "✕"], "waived": ["doubt", "△"], "known-limit": ["doubt", "△"],
  "not-observable": ["doubt", "△"], "lab-error": ["doubt", "?"], "not-run": ["doubt", "?"], "not-applicable": ["still", "–"],
}

export function statusLabel(tone: string, glyph: string, word: string): Markup {
  return html`<span class="status tone-${tone}"><i aria-hidden="true">${glyph}</i>${word}</span>`
}

/** Class, whether the team confirmed it, source and level of a requirement. */
export function aboutLine({ class: source, confirmed, source: text, level }: JudgedRequirement, lang: Language): Markup {
  const unconfirmed = confirmed || (source !== "hypothesis" && source !== "analogy") ? "" : lang === "fr" ? ", non confirmée" : ", unconfirmed"
  const name = lang === "fr" ? `niveau ${levelWords[level].fr}` : `level ${levelWords[level].en}`
  return html`<span class="small">${classWords[source][lang]}${unconfirmed} – ${text} – ${name}</span>`
}

export function boundsWords({ bounds }: JudgedRequirement, lang: Language): Markup | null {
  const entries = Object.entries(bounds).sort(([one], [other]) => (one < other ? -1 : 1))
  if (entries.length === 0) return null
  const list = entries.map(([name, value]) => `${name} = ${value}`).join(", ")
  return html`<span class="small">${lang === "fr" ? "Bornes : " : "Bounds: "}${list}</span>`
}

/** What a scenario said when it failed, with every line that it said. */
export function messageText({ message }: Evidence): Markup | null {
  if (!message) return null
  return html`<code class="message">${message.length > messageLength ? `${message.slice(0, messageLength)} […]` : message}</code>`
}

/** A log of the run, from the page's place in `report/`. */
export function logLink(log: string): Markup {
  return html`<a href="../${log}"><code>${log}</code></a>`
}

/** Scenarios that prove a requirement, short: what was seen, or why it was not. */
export function evidenceList(evidence: Evidence[], lang: Language): Markup | null {
  if (evidence.length === 0) return null
  return html`<ul class="evidence">${evidence.map((each) => html`<li>${evidenceItem(each, lang)}</li>`)}</ul>`
}

function evidenceItem(each: Evidence, lang: Language): Markup {
  const { scenario, status, message, ids, log } = each
  if (status === "passed") {
    return html`${scenario}${message ? html`<span class="small">${message}</span>` : null}${
      ids.length > 0 && !message ? html`<span class="small">${ids.join(" ")}</span>` : null}`
  }
  const word = scenarioWords[status satisfies Scenario["status"]][lang]
  return html`<strong>${word}</strong>${lang === "fr" ? " : " : ": "}${scenario}${messageText(each)}<span class="small">${logLink(log)}</span>`
}
