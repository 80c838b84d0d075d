import { html, type Fragment, type Markup } from "./markup.ts"
import { speak, table, type Section } from "./page-parts.ts"
import type { Results } from "./results.ts"
import type { Kills, Language } from "./result-shapes.ts"
import type { JudgedRequirement } from "./statuses.ts"
import { instantWords } from "./words.ts"

type Mutant = Kills["mutants"][number]

/** The mutants that bear on one requirement, in words; null where none does or the run did not look. */
export function killsLine({ id, evidence }: JudgedRequirement, kills: Kills | null, lang: Language): Markup | null {
  const say = speak(lang)
  const own = (kills?.mutants ?? []).filter(({ expects }) => expects.includes(id))
  const byOwnScenario = ({ detectedBy }: Mutant) =>
    detectedBy?.requirement === id || evidence.some(({ scenario }) => scenario === detectedBy?.scenario)
  const detected = own.filter(({ status }) => status === "detected")
  const groups: [string, Mutant[]][] = [
    [say("Mutants détectés", "Mutants detected"), detected.filter(byOwnScenario)],
    [say("Mutants détectés par une autre exigence", "Mutants detected by another requirement"), detected.filter((one) => !byOwnScenario(one))],
    [say("Mutants non détectés", "Mutants that survive"), own.filter(({ status }) => status === "survived")],
    [say("Mutants déclarés, non mesurés ici", "Mutants declared, not measured here"), own.filter(({ status }) => status === "not-measured")],
  ]
  const lines = groups.filter(([, mutants]) => mutants.length > 0)
    .map(([words, mutants]) => html`<span class="small">${words}${say(" : ", ": ")}${mutants.map(({ name }) => name).join(", ")}</span>`)
  return lines.length > 0 ? html`${lines}` : null
}

/** How far the scenarios were challenged themselves: what mutants were detected, when, and what nobody has measured. */
export function killsSection({ kills }: Results, lang: Language): Section {
  const say = speak(lang)
  return { id: "mutants", title: say("Mutants : les scénarios mis à l'épreuve", "Mutants: the scenarios put to the test"), body: killsBody(kills, lang) }
}

function killsBody(kills: Kills | null, lang: Language): Fragment {
  const say = speak(lang)
  if (!kills) return html`<p>${say("L'essai n'a pas relevé ce qu'on sait des mutants.", "The run did not record what is known of mutants.")}</p>`
  const measured = kills.mutants.filter(({ status }) => status !== "not-measured")
  const defects = measured.filter(({ expects }) => expects.length > 0)
  const harmless = measured.filter(({ expects }) => expects.length === 0)
  const waiting = kills.mutants.length - measured.length
  const dates = measured.flatMap(({ startedAt }) => startedAt ?? []).sort()
  const count = (status: Mutant["status"]) => measured.filter((one) => one.status === status).length
  const found = say(`Défauts détectés : ${count("detected")} sur ${defects.length} ; changements sans effet qui gardent le verdict : `
    + `${count("kept")} sur ${harmless.length}.`, `Defects detected: ${count("detected")} of ${defects.length}; harmless changes that keep the `
    + `verdict: ${count("kept")} of ${harmless.length}.`)
  const when = dates.length === 0 ? "" : say(` Mesuré du ${instantWords(dates[0], lang)} au ${instantWords(dates.at(-1), lang)}.`,
    ` Measured from ${instantWords(dates[0], lang)} to ${instantWords(dates.at(-1), lang)}.`)
  const bad = measured.filter(({ status }) => status === "survived" || status === "not-kept")
  return html`<p>${say("Un mutant est une version qui porte un défaut connu : un scénario doit le voir.",
    "A mutant is a release with one known defect, which a scenario must see.")} ${measured.length > 0 ? found + when : null}</p>
${waiting > 0 ? html`<p>${waitingWords(waiting, lang)}</p><code class="command">${kills.command}</code>` : null}
${bad.length > 0 ? table(say("Mutants que rien n'a vus, et changements sans effet qui changent le verdict", "Mutants that nothing saw, and harmless changes that change the verdict"),
    ["Mutant", say("Défaut", "Defect"), say("Exigences attendues", "Expected requirements"), say("Mesuré sur", "Measured on")],
    bad.map(({ name, summary, expects, base, startedAt }) =>
      [name, summary, expects.join(", ") || "–", `${base}, ${instantWords(startedAt ?? undefined, lang)}`])) : null}`
}

function waitingWords(count: number, lang: Language): string {
  if (lang === "fr") return `${count > 1 ? `${count} mutants déclarés n'ont` : "1 mutant déclaré n'a"} pas été mesuré${count > 1 ? "s" : ""} dans ces résultats. Pour mesurer :`
  return `${count} declared mutant${count > 1 ? "s were" : " was"} not measured in these results. To measure:`
}
