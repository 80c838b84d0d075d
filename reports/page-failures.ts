import { html, type Fragment, type Markup } from "./markup.ts"
import { settingChanges } from "./page-changes.ts"
import { speak } from "./page-parts.ts"
import { aboutLine, boundsWords, logLink, messageText, statusLabel, toneOf } from "./page-evidence.ts"
import { killsLine } from "./page-kills.ts"
import type { Results } from "./results.ts"
import type { Language } from "./result-shapes.ts"
import type { Evidence, JudgedRequirement } from "./statuses.ts"
import { replayCommand } from "./summary.ts"
import { scenarioWords, severityWords, statusWords } from "./words.ts"

/** What failed, one card each, behind what to do about any of them. `shown` says where a scenario's failure stands already. */
export function failureCards(failed: JudgedRequirement[], results: Results, lang: Language): Markup {
  const shown = new Map<string, string>()
  return html`${whatToDo(results, lang)}
${failed.map((requirement) => failureCard(requirement, results, shown, lang))}`
}

function whatToDo(results: Results, lang: Language): Markup {
  const say = speak(lang)
  const changes = settingChanges(results)
  const steps: Fragment[] = [
    ...(changes ? [html`${say("Regardez d'abord ", "Look first at ")}<a href="#changes">${say(
      `ce qui change (${changes} réglage${changes > 1 ? "s" : ""})`, `what changes (${changes} setting${changes > 1 ? "s" : ""})`)}</a>.`] : []),
    say("Lisez ce que le scénario a vu, puis cherchez ses messages dans les journaux, depuis le dossier de l'essai.",
      "Read what the scenario saw, then look for its messages in the logs, from the run's folder."),
    say("Corrigez la version et rejouez l'exigence seule ; le verdict demande ensuite un essai entier.",
      "Correct the release and replay the requirement alone; a verdict then takes a whole run."),
    say("Un écart que l'équipe accepte s'écrit comme dérogation datée dans son fichier d'exigences (--requirements).",
      "A failure that the team accepts is written as a dated waiver in its overlay of requirements (--requirements)."),
  ]
  return html`<div class="todo"><p><strong>${say("Que faire", "What to do")}</strong></p>
<ol>${steps.map((step) => html`<li>${step}</li>`)}</ol></div>`
}

function failureCard(requirement: JudgedRequirement, results: Results, shown: Map<string, string>, lang: Language): Markup {
  const say = speak(lang)
  const { id, text, severity, status, evidence, note } = requirement
  const [tone, glyph] = toneOf[status]
  const failures = evidence.filter((each) => each.status !== "passed")
  const passed = evidence.filter((each) => each.status === "passed")
  const tokens = [...new Set(failures.flatMap(({ ids }) => ids.map(tokenOf)))].filter((token) => /^[\w.@-]+$/.test(token))
  return html`<article class="card tone-${tone}" id="${id}" aria-labelledby="${id}-title">
<h4 id="${id}-title">${id} – ${text[lang]}</h4>
<p>${statusLabel(tone, glyph, statusWords[status][lang])} <strong>${severityWords[severity][lang]}</strong></p>
${aboutLine(requirement, lang)}${boundsWords(requirement, lang)}${killsLine(requirement, results.kills, lang)}
${note ? html`<p>${note[lang]}</p>` : null}
<ul class="evidence">${failures.map((each) => html`<li>${failedEvidence(each, id, shown, lang)}</li>`)}</ul>
${passed.length > 0 ? html`<details><summary>${say("Scénarios réussis", "Scenarios that passed")} <span class="quiet">– ${passed.length}</span></summary>
<ul class="plain">${passed.map(({ scenario }) => html`<li>${scenario}</li>`)}</ul></details>` : null}
<dl class="commands">${tokens.length > 0 ? html`<div><dt>${say("Chercher ses messages (dans le dossier de l'essai)", "Find its messages (in the run's folder)")}</dt>
<dd><code>grep -nE '${tokens.join("|")}' logs/*.log</code></dd></div>` : null}
<div><dt>${say("Rejouer cette exigence seule", "Replay this requirement alone")}</dt><dd><code>${aloneCommand(results.run, id)}</code></dd></div></dl>
</article>
`
}

function failedEvidence(each: Evidence, requirement: string, shown: Map<string, string>, lang: Language): Markup {
  const say = speak(lang)
  const name = html`<strong>${scenarioWords[each.status][lang]}</strong>${say(" : ", ": ")}${each.scenario}`
  const elsewhere = shown.get(each.scenario)
  if (elsewhere) return html`${name} <a href="#${elsewhere}">${say("voir", "see")} ${elsewhere}</a>`
  shown.set(each.scenario, requirement)
  return html`${name}${messageText(each)}
<span class="small">${each.ids.length > 0 ? html`Messages${say(" : ", ": ")}<code>${each.ids.join(" ")}</code>. ` : null}${
  say("Journal", "Log")}${say(" : ", ": ")}${logLink(each.log)}</span>`
}

/** A scenario's own token: it is in its message ids, addresses and list names, and so in every log. */
function tokenOf(id: string): string {
  return id.replace(/-\d+$/, "")
}

function aloneCommand(run: Results["run"], id: string): string {
  const command = replayCommand(run).replace(/ --only[ =]\S+/, "")
  return command ? `${command} --only ${id}` : "–"
}
