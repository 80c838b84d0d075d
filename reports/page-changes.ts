import { html, type Fragment, type Markup } from "./markup.ts"
import { speak, table, type Section } from "./page-parts.ts"
import type { Results } from "./results.ts"
import type { Comparison, Language } from "./result-shapes.ts"
import { instantWords } from "./words.ts"

type Node = Comparison["nodes"][number]

/** A longer table is folded on the screen; on paper it is whole. */
const openRowsMax = 12

/** What changed in the settings that the components really run with, and in their packages, against the baseline. */
export function changesSection(results: Results, lang: Language): Section {
  const name = results.run.baseline?.applicable ? results.comparison?.baseline.name ?? results.run.baseline.name : undefined
  const title = name ? speak(lang)(`Ce qui change par rapport à ${name}`, `What changes against ${name}`)
    : speak(lang)("Ce qui change", "What changes")
  return { id: "changes", title, body: changesBody(results, lang) }
}

/** How many settings in force differ from the baseline's; null where nothing was compared. */
export function settingChanges({ comparison }: Results): number | null {
  return comparison?.state === "compared" ? comparison.nodes.reduce((sum, { settings }) => sum + settings.length, 0) : null
}

function changesBody({ run: { baseline, level }, comparison }: Results, lang: Language): Markup {
  const say = speak(lang)
  if (!baseline?.applicable) {
    const reason = typeof baseline?.reason === "object" ? baseline.reason[lang] : baseline?.reason
    return html`<p>${say("Pas de version de référence", "No baseline")}${reason ? `${say(" : ", ": ")}${reason}` : ""}.</p>`
  }
  if (comparison?.state === "compared") return compared(comparison, lang)
  const name = comparison?.baseline.name ?? baseline.name ?? ""
  const harmless = level === "quick" ? say(" Au niveau rapide, ce n'est pas une réserve.", " At level quick this is no reservation.") : ""
  if (!comparison) {
    return html`<p>${say(`L'essai s'est arrêté avant d'être comparé à ${name}.`, `The run ended before it was compared with ${name}.`)}</p>`
  }
  if (comparison.state === "not-found") {
    return html`<p>${say(
      `La version de référence ${name} n'a pas été trouvée : rien n'a été comparé.${harmless} Indiquez son dossier avec --baseline.`,
      `The baseline ${name} was not found: nothing was compared.${harmless} Name its folder with --baseline.`)}</p>`
  }
  return html`<p>${say(
    `La version de référence ${name} n'a pas encore tourné sur cette machine : rien n'a été comparé.${harmless} `
      + "Pour comparer, qualifiez-la une fois, puis rejouez cet essai :",
    `The baseline ${name} has not been run on this machine yet: nothing was compared.${harmless} `
      + "To compare, qualify it once, then replay this run:")}</p>
<code class="command">${comparison.command}</code>`
}

function compared({ baseline, nodes }: Comparison, lang: Language): Markup {
  const say = speak(lang)
  const settings = nodes.reduce((sum, node) => sum + node.settings.length, 0)
  const packages = nodes.reduce((sum, node) => sum + node.packages.length, 0)
  const seen = say(
    `${baseline.name}, telle que relue pendant l'essai ${baseline.run} du ${instantWords(baseline.startedAt ?? undefined, lang)}`,
    `${baseline.name}, as read back during run ${baseline.run} of ${instantWords(baseline.startedAt ?? undefined, lang)}`)
  if (nodes.length === 0) {
    return html`<p>${say(`Aucun réglage effectif ni aucun paquet ne change. Référence : ${seen}.`,
      `No effective setting and no package changes. Baseline: ${seen}.`)}</p>`
  }
  return html`<p><strong>${settingWords(settings, lang)}</strong>${say(" et ", " and ")}<strong>${packageWords(packages, lang)}</strong>
${say("changent", settings + packages === 1 ? "changes" : "change")}. ${say("Référence", "Baseline")}${say(" : ", ": ")}${seen}.</p>
${nodes.map((node) => nodeChanges(node, lang))}`
}

function nodeChanges(node: Node, lang: Language): Markup {
  const say = speak(lang)
  const locked = node.packages.filter((each) => each.locked)
  const others = node.packages.filter((each) => !each.locked)
  const presence = { both: "", release: say("nouveau nœud", "new node"), baseline: say("nœud retiré", "node gone") }[node.presence]
  const rows = node.settings.length + locked.length
  const counts = [presence, node.settings.length > 0 ? settingWords(node.settings.length, lang) : "",
    node.packages.length > 0 ? packageWords(node.packages.length, lang) : ""].filter(Boolean).join(", ")
  return html`<details${rows > 0 && rows <= openRowsMax && node.presence === "both" ? openAttribute : null}>
<summary><strong>${node.node}</strong> <span class="quiet">– ${counts}</span></summary>
${node.settings.length > 0 ? changeTable(say(`Réglages effectifs de ${node.node}`, `Effective settings of ${node.node}`), say("Réglage", "Setting"),
    node.settings.map(({ setting, from, to }) => [setting, from, to]), lang) : null}
${packageTable(say(`Paquets verrouillés de ${node.node}`, `Locked packages of ${node.node}`), locked, lang)}
${others.length > openRowsMax ? html`<details><summary>${say("Autres paquets du système", "Other packages of the system")}
<span class="quiet">– ${others.length}</span></summary>${packageTable(say("Autres paquets", "Other packages"), others, lang)}</details>`
    : packageTable(say(`Autres paquets de ${node.node}`, `Other packages of ${node.node}`), others, lang)}
</details>
`
}

const openAttribute = html` open`

function packageTable(caption: string, packages: Node["packages"], lang: Language): Markup | null {
  if (packages.length === 0) return null
  return changeTable(caption, speak(lang)("Paquet", "Package"), packages.map((each) => [each.package, each.from, each.to]), lang)
}

function changeTable(
  caption: string, what: string, rows: [name: string, from: string | undefined, to: string | undefined][], lang: Language,
): Markup {
  const say = speak(lang)
  const value = (text: string | undefined): Fragment =>
    text === undefined ? html`<span class="quiet">${say("absent", "absent")}</span>`
      : text === "" ? html`<span class="quiet">${say("vide", "empty")}</span>` : html`<code>${text}</code>`
  return table(caption, [what, say("Référence", "Baseline"), say("Cette version", "This release")],
    rows.map(([name, from, to]) => [html`<code>${name}</code>`, value(from), value(to)]), "changes")
}

function settingWords(count: number, lang: Language): string {
  if (count === 0) return lang === "fr" ? "aucun réglage" : "no setting"
  return lang === "fr" ? `${count} réglage${count > 1 ? "s" : ""}` : `${count} setting${count === 1 ? "" : "s"}`
}

function packageWords(count: number, lang: Language): string {
  if (count === 0) return lang === "fr" ? "aucun paquet" : "no package"
  return lang === "fr" ? `${count} paquet${count > 1 ? "s" : ""}` : `${count} package${count === 1 ? "" : "s"}`
}
