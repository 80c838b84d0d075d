import { html, type Markup } from "./markup.ts"
import { factList, foldedList, sorted, speak, table, type Section } from "./page-parts.ts"
import type { Results } from "./results.ts"
import type { Isolation, Language, Sentence } from "./result-shapes.ts"
import { replayCommand } from "./summary.ts"
import type { Verdict } from "./verdict.ts"
import { durationWords, levelWords, statusWords, substitutionWords } from "./words.ts"

/** A longer table is folded on the screen; on paper it is whole. */
const longListRows = 20

export function substitutionsSection({ substitutions }: Results, lang: Language): Section {
  const say = speak(lang)
  const title = say("Substitutions", "Substitutions")
  if (!substitutions || substitutions.length === 0) {
    const sentence = substitutions ? say("Rien n'a été remplacé.", "Nothing was replaced.")
      : say("Le relevé des substitutions manque.", "The record of substitutions is missing.")
    return { id: "substitutions", title, body: html`<p>${sentence}</p>` }
  }
  const generated = html`<span class="quiet">${say("engendré pour ce laboratoire", "generated for this lab")}</span>`
  const caption = say("Ce qui, dans la version, a été remplacé pour le laboratoire", "What of the release was replaced for the lab")
  const names = [say("Fichier", "File"), say("Nature", "Kind"), say("Dans la version", "In the release"), say("Dans le labo", "In the lab")]
  const rows = table(caption, names, substitutions.map(({ file, line, from, to, kind }) => [
    line ? `${file}:${line}` : file, substitutionWords[kind][lang], html`<code>${from}</code>`,
    kind === "secret" ? generated : html`<code>${to}</code>`,
  ]))
  return {
    id: "substitutions", title,
    body: substitutions.length > longListRows ? html`<details><summary>${substitutions.length} substitutions</summary>${rows}</details>` : rows,
  }
}

export function overridesSection({ run: { overrides } }: Results, lang: Language): Section {
  const say = speak(lang)
  const title = say("Délais raccourcis par le laboratoire", "Timers shortened by the lab")
  if (overrides.length === 0) {
    return { id: "overrides", title, body: html`<p>${say("Aucun.", "None.")}</p>` }
  }
  return {
    id: "overrides", title,
    body: table(say("En vigueur pendant cet essai, et eux seuls", "In force during this run, and these alone"),
      [say("Composant", "Component"), say("Réglage", "Setting"), say("Valeur", "Value"), say("Pourquoi", "Why")],
      overrides.map(({ component, setting, value, why }) =>
        [component, html`<code>${setting}</code>`, html`<code>${value}</code>`, typeof why === "string" ? why : why[lang]])),
  }
}

/** What this level leaves out, and what no run can cover. */
export function leftOutSection({ leavesOut, higherLevels, notCovered }: Verdict, lang: Language): Section {
  const say = speak(lang)
  const higher = higherLevels.map(({ id, level, status }) => {
    const seen = status === "not-run" ? "" : `, ${statusWords[status][lang]}`
    return `${id} (${levelWords[level][lang]}${seen})`
  })
  const list = (sentences: readonly Sentence[]) =>
    html`<ul class="plain">${sentences.map((sentence) => html`<li>${sentence[lang]}</li>`)}</ul>`
  return {
    id: "left-out", title: say("Ce que cet essai ne dit pas", "What this run does not say"),
    body: html`<h3>${say("Ce que ce niveau laisse de côté", "What this level leaves out")}</h3>
${leavesOut.length > 0 ? list(leavesOut) : null}
${higher.length > 0 ? html`<p>${say("Exigences des niveaux supérieurs : ", "Requirements of higher levels: ")}
${higher.join(", ")}.</p>` : null}
${leavesOut.length + higher.length === 0 ? html`<p>${say("Rien.", "Nothing.")}</p>` : null}
<h3>${say("Ce qu'aucun essai ne couvre", "What no run can cover")}</h3>
${list(notCovered)}`,
  }
}

export function isolationSection({ isolation }: Results, lang: Language): Section {
  const say = speak(lang)
  const title = say("Isolement", "Isolation")
  if (!isolation) {
    const sentence = say("La preuve de l'isolement manque.", "The proof of isolation is missing.")
    return { id: "isolation", title, body: html`<p>${sentence}</p>` }
  }
  const controls = isolation.controls.filter(({ passed }) => passed).length
  return {
    id: "isolation", title,
    body: html`<p>${isolationSentence(isolation, lang)} ${isolation.controls.length > 0 ? say(
      `Témoins conformes : ${controls} sur ${isolation.controls.length}.`,
      `Controls as expected: ${controls} of ${isolation.controls.length}.`) : null}</p>
${isolation.failures.map(({ node, wayOut, remedy }) =>
    html`<p><strong>${node}</strong>${say(" : ", ": ")}${wayOut}. ${remedy}</p>`)}
${isolationTable(isolation, lang)}`,
  }
}

function isolationTable({ nodes }: Isolation, lang: Language): Markup {
  const say = speak(lang)
  const ipv6Words = { "present": say("présente", "present"), "absent": say("absente", "absent"), "not looked at": "–" }
  const names = [
    say("Nœud", "Node"), say("Réseaux", "Networks"), "IPv6", say("Sondes conformes", "Probes as expected"),
    say("La plus lente", "Slowest"),
  ]
  return table(say("Sondes par nœud (détail dans isolation.json)", "Probes per node (details in isolation.json)"), names,
    nodes.map(({ node, networks, ipv6, probes }) => {
      const held = probes.filter(({ passed }) => passed).length
      const slowestMs = Math.max(0, ...probes.map(({ ms }) => ms ?? 0))
      return [
        node, networks.join(", ") || "–", ipv6Words[ipv6],
        say(`${held} sur ${probes.length}`, `${held} of ${probes.length}`), probes.length > 0 ? durationWords(slowestMs, lang) : "–",
      ]
    }))
}

function isolationSentence({ passed, means, reason }: Isolation, lang: Language): string {
  const say = speak(lang)
  if (!passed) return say("L'isolement n'est pas prouvé.", "Isolation is not proved.")
  return means === "rules"
    ? say("Rien ne sort du laboratoire : prouvé par les règles de filtrage, avec témoin.",
      "Nothing leaves the lab: proved by filter rules, with a control.")
    : say(`Établi par inspection seulement${reason ? ` : ${reason}` : ""}.`,
      `Shown by inspection only${reason ? `: ${reason}` : ""}.`)
}

export function versionsSection({ run }: Results, lang: Language): Section {
  const say = speak(lang)
  const { engine, machine, images } = run
  const memory = machine?.memoryBytes ? `${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB` : ""
  const cores = machine?.cores ? `${machine.cores} ${say("cœurs", "cores")}` : ""
  const facts: [string, string][] = [
    [say("Génération", "Generation"), run.generation ?? "–"],
    [say("Moteur de conteneurs", "Container engine"), engine ? `${engine.name} ${engine.version} (API ${engine.api})` : "–"],
    ["Machine", [cores, memory, machine?.os, machine?.kernel].filter(Boolean).join(", ") || "–"],
    ["Node.js", machine?.node ?? "–"],
    [say("Version de recette", "Version of recette"), run.commit ?? "–"],
  ]
  return {
    id: "versions", title: say("Versions", "Versions"),
    body: html`${factList(facts)}
<h3>${say("Paquets en fonction, par nœud, et images", "Packages running, per node, and images")}</h3>
${sorted(run.packages).map(([node, packages]) => foldedList(node, sorted(packages)))}${
  foldedList("Images", sorted(images).map(([name, { tag, id }]) => [name, `${tag} ${id.slice(0, idLength)}`]))}`,
  }
}

/** `sha256:` and twelve digits. */
const idLength = 19

export function timingsSection({ run: { times }, scenarios }: Results, lang: Language): Section {
  const say = speak(lang)
  const slowest = (scenarios?.scenarios ?? []).filter(({ durationMs }) => durationMs)
    .sort((one, other) => (other.durationMs ?? 0) - (one.durationMs ?? 0) || (one.title < other.title ? -1 : 1)).slice(0, 5)
  const facts: [string, string][] = [
    [say("Laboratoire prêt en", "Lab ready in"), durationWords(times.labMs, lang)],
    [say("Scénarios", "Scenarios"), durationWords(times.scenariosMs, lang)],
    [say("Charge", "Load"), durationWords(times.loadMs, lang)],
    [say("Nombre de scénarios", "Number of scenarios"), String(scenarios?.scenarios.length ?? 0)],
  ]
  return {
    id: "timings", title: say("Durées", "Timings"),
    body: html`${factList(facts)}
${slowest.length > 0 ? html`<h3>${say("Les plus longs", "The longest")}</h3>
<ul class="plain">${slowest.map(({ title, durationMs }) =>
    html`<li>${title} <span class="quiet">– ${durationWords(durationMs, lang)}</span></li>`)}</ul>` : null}`,
  }
}

export function replaySection({ run, missing }: Results, lang: Language): Section {
  const say = speak(lang)
  const absent = say("Fichiers absents de cet essai : ", "Files that this run did not write: ") + missing.join(", ")
  return {
    id: "replay", title: say("Rejouer cet essai", "Replay this run"),
    body: html`<code class="command">${replayCommand(run) || "–"}</code>
${missing.length > 0 ? html`<p class="quiet">${absent}.</p>` : null}`,
  }
}
