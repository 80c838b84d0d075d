import { html, type Fragment, type Markup } from "./markup.ts"
import { aboutLine, boundsWords, evidenceList, statusLabel, toneOf } from "./page-evidence.ts"
import { failureCards } from "./page-failures.ts"
import { killsLine } from "./page-kills.ts"
import { speak, type Section } from "./page-parts.ts"
import type { Results } from "./results.ts"
import type { Language, Sentence } from "./result-shapes.ts"
import type { JudgedRequirement, Status } from "./statuses.ts"
import type { Verdict } from "./verdict.ts"
import { familyWords, levelWords, severityWords, statusWords } from "./words.ts"

interface Group { id: string; title: Sentence; hint: Sentence | null; statuses: readonly Status[] }

/** In the order in which somebody who must act reads them. */
const groups: readonly Group[] = [
  { id: "failed", title: { fr: "Non satisfaites", en: "Failed" }, hint: null, statuses: ["failed"] },
  {
    id: "undecided", title: { fr: "Non jugées", en: "Not judged" }, statuses: ["lab-error", "not-run"],
    hint: {
      fr: "Rien n'est dit de la version. Après une erreur du labo, lisez le journal et rejouez ; une exigence qu'aucun scénario ne "
        + "prouve en demande un (scenarios/README.md) ; après --only, rejouez sans cette option.",
      en: "Nothing is said about the release. After a lab error read the log and replay; a requirement that no scenario proves needs "
        + "one (scenarios/README.md); after --only, replay without it.",
    },
  },
  {
    id: "reserved", title: { fr: "Sous réserve", en: "With a reservation" }, statuses: ["waived", "known-limit", "not-observable"],
    hint: {
      fr: "Une réserve n'empêche pas la mise en production ; qui en décide doit la connaître.",
      en: "A reservation does not keep a release from production; whoever decides must know it.",
    },
  },
  { id: "passed", title: { fr: "Satisfaites", en: "Passed" }, hint: null, statuses: ["passed"] },
  { id: "not-applicable", title: { fr: "Sans objet", en: "Not applicable" }, hint: null, statuses: ["not-applicable"] },
]

/** The requirements of the level, by what has to be done about them: what failed first, each with its evidence. */
export function requirementsSection(results: Results, { requirements, level }: Verdict, lang: Language): Section {
  const say = speak(lang)
  const title = say(`Exigences du niveau ${levelWords[level].fr}`, `Requirements of level ${levelWords[level].en}`)
  if (requirements.length === 0) {
    return { id: "requirements", title, body: html`<p>${say("Aucune exigence n'est connue.", "No requirement is known.")}</p>` }
  }
  const present = groups.map((group) => ({ ...group, members: requirements.filter(({ status }) => group.statuses.includes(status)) }))
    .filter(({ members }) => members.length > 0)
  return {
    id: "requirements", title,
    body: html`<nav class="filter" aria-label="${say("Exigences par état", "Requirements by status")}"><ul>
${present.map(({ id, title: name, members }) => html`<li><a href="#${id}">${name[lang]}</a> <span class="quiet">${members.length}</span></li>\n`)}</ul></nav>
${present.map((group) => html`<h3 id="${group.id}">${group.title[lang]} <span class="quiet">– ${group.members.length}</span></h3>
${group.hint ? html`<p>${group.hint[lang]}</p>` : null}${groupBody(group, group.members, results, lang)}`)}`,
  }
}

function groupBody({ id, title }: Group, members: JudgedRequirement[], results: Results, lang: Language): Fragment {
  if (id === "failed") return failureCards(members, results, lang)
  if (id !== "passed") return requirementTable(title[lang], members, results, lang)
  const families = [...new Set(members.map(familyOf))]
  return families.map((family) => {
    const own = members.filter((each) => familyOf(each) === family)
    const name = familyWords[family]?.[lang] ?? family
    return html`<details id="family-${family}"><summary><strong>${family}</strong> ${name === family ? "" : name} <span class="quiet">– ${own.length}</span></summary>
${requirementTable(`${name}${lang === "fr" ? " : exigences satisfaites et leurs preuves" : ": requirements that passed, and their evidence"}`, own, results, lang)}</details>
`
  })
}

function familyOf({ id }: JudgedRequirement): string {
  return id.replace(/-\d+$/, "")
}

function requirementTable(caption: string, requirements: JudgedRequirement[], { kills }: Results, lang: Language): Markup {
  const say = speak(lang)
  const names = [say("N°", "Id"), say("Exigence", "Requirement"), say("Gravité", "Severity"), say("État", "Status"), say("Preuve", "Evidence")]
  return html`<table class="requirements" role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${names.map((name) => html`<th scope="col" role="columnheader">${name}</th>`)}</tr></thead>
<tbody role="rowgroup">
${requirements.map((requirement) => {
  const { id, text, severity, status, note, evidence } = requirement
  const [tone, glyph] = toneOf[status]
  return html`<tr role="row"><th scope="row" role="rowheader" id="${id}">${id}</th>
<td role="cell" class="text">${text[lang]}${aboutLine(requirement, lang)}${boundsWords(requirement, lang)}${killsLine(requirement, kills, lang)}</td>
<td role="cell" data-name="${names[2]!}">${severityWords[severity][lang]}</td>
<td role="cell" data-name="${names[3]!}">${statusLabel(tone, glyph, statusWords[status][lang])}</td>
<td role="cell" class="proof">${note ? html`<span>${note[lang]}</span>` : null}${evidenceList(evidence, lang)}</td></tr>
`
})}</tbody>
</table>`
}
