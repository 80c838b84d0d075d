import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { html, type Fragment } from "./markup.ts"
import { pageDocument } from "./page-document.ts"
import { factList, speak, table } from "./page-parts.ts"
import type { Language } from "./result-shapes.ts"
import { writeWhole } from "./whole-file.ts"
import { instantWords } from "./words.ts"

const Sentence = z.object({ fr: z.string(), en: z.string() })
const Spread = z.object({ median: z.number(), min: z.number(), max: z.number(), n: z.number() })

/** What the page needs of `load/matrix-<name>.json`. */
export const MatrixFile = z.object({
  schema: z.literal("recette.matrix-run/v1"), matrix: z.string(), summary: Sentence, platform: z.string(), profile: z.string(),
  parameters: z.record(z.string(), z.number()), seed: z.number(), complete: z.boolean(), startedAt: z.string(), endedAt: z.string(),
  bases: z.array(z.object({ name: z.string(), release: z.string(), digest: z.string(), at: z.record(z.string(), z.string()) })),
  order: z.array(z.array(z.string())), labs: z.array(z.object({ run: z.string() })), silenceSecondsMax: z.number(),
  measurements: z.array(z.object({
    cell: z.string(), repeat: z.number(), number: z.number(), status: z.string(), why: z.array(Sentence), perSecond: z.number().nullable(),
    cpuSecondsPer1000: z.number().nullable(), silenceSeconds: z.number().nullable(), silent: z.boolean(), machineLoad: z.number(), startedAt: z.string(),
  })),
  figures: z.array(z.object({ cell: z.string(), perSecond: Spread.nullable(), cpuSecondsPer1000: Spread.nullable(), rateRatio: Spread.nullable(), cpuRatio: Spread.nullable() })),
  levers: z.array(z.object({ base: z.string(), factor: z.string(), from: z.string(), to: z.string(), beside: z.record(z.string(), z.string()).default({}), rateRatio: Spread, cpuRatio: Spread.nullable(), told: z.boolean() })),
})
export type MatrixFile = z.infer<typeof MatrixFile>

/** The file of a matrix in a run's folder, where there is one that can be read. */
export async function readMatrixFile(folder: string): Promise<MatrixFile | undefined> {
  const names = await readdir(join(folder, "load")).catch(() => [])
  const name = names.find((one) => /^matrix-.+\.json$/.test(one))
  if (name === undefined) return undefined
  try {
    return MatrixFile.safeParse(JSON.parse(await readFile(join(folder, "load", name), "utf8"))).data
  } catch {
    return undefined
  }
}

/** Writes `report/index.html` of a matrix' folder; false, and nothing, where that folder has none. */
export async function writeMatrixPage(folder: string, lang: Language): Promise<boolean> {
  const file = await readMatrixFile(folder)
  if (file) await writeWhole(join(folder, "report", "index.html"), matrixPage(file, lang), { remedy: "make room there, then `recette report` on this folder", exitCode: 3 })
  return file !== undefined
}

/** A matrix as a page: the levers first, then every setting, then every load. */
export function matrixPage(file: MatrixFile, lang: Language): string {
  const say = speak(lang)
  const title = say(`Matrice ${file.matrix}`, `Matrix ${file.matrix}`)
  return pageDocument({
    lang, title: `recette – ${title}`, body: html`<header>
<p class="kind">recette</p>
<h1>${title}</h1>
<p>${file.summary[lang]}</p>
</header>
<main>
${factList(facts(file, lang))}
${file.bases.map(({ name }) => leverSection(file, name, lang))}
<section aria-labelledby="cells"><h2 id="cells">${say("Tous les réglages", "All settings")}</h2>
${table(say("médiane (plus petit à plus grand)", "median (smallest to largest)"),
    [say("Réglage", "Setting"), say("Destinataires par seconde", "Recipients a second"), say("Secondes de processeur pour 1 000", "Processor seconds for 1 000"),
      say("Débit, de la base", "Rate, of the base's"), say("Processeur, de la base", "Processor time, of the base's"), "n"],
    file.figures.map(({ cell, perSecond, cpuSecondsPer1000, rateRatio, cpuRatio }) =>
      [cell, ...[perSecond, cpuSecondsPer1000, rateRatio, cpuRatio].map((one) => one ? spreadText(one, lang) : "–"), perSecond?.n ?? 0]))}
</section>
<section aria-labelledby="loads"><h2 id="loads">${say("Toutes les charges", "All loads")}</h2>
${table(say("dans l'ordre où elles ont été jouées", "in the order in which they were run"),
    [say("Charge", "Load"), say("Réglage", "Setting"), say("Résultat", "Outcome"), say("Plus long silence, s", "Longest silence, s"), say("Charge de la machine", "Load of the machine")],
    file.measurements.map((one) => [one.number + 1, one.cell, outcome(one, lang), one.silenceSeconds === null ? "–" : shown(one.silenceSeconds), one.machineLoad]))}
</section>
</main>
`,
  })
}

function facts(file: MatrixFile, lang: Language): [string, string][] {
  const say = speak(lang)
  const asked = file.order.flat().length
  return [
    [say("Charge", "Load"), `${file.profile} (${Object.entries(file.parameters).map(([name, value]) => `${name} ${value}`).join(", ")})`],
    [say("Jouées", "Run"), `${file.measurements.length} / ${asked}${file.labs.length > 1 ? say(`, sur ${file.labs.length} laboratoires`, `, on ${file.labs.length} labs`) : ""}`],
    [say("Début", "Started"), instantWords(file.startedAt, lang)],
    [say("Graine", "Seed"), String(file.seed)],
    ...file.bases.map(({ name, release, digest, at }): [string, string] =>
      [name, `${release} (${digest.slice(0, 15)}): ${Object.entries(at).map(([factor, level]) => `${factor} ${level}`).join(", ")}`]),
    [say("Arrêts", "Stalls"), stalls(file, lang)],
  ]
}

function stalls({ measurements, silenceSecondsMax }: MatrixFile, lang: Language): string {
  const stalled = measurements.filter(({ status, silent }) => status === "stalled" || silent)
  const say = speak(lang)
  const bound = say(`silence de ${silenceSecondsMax} s ou plus, ou exemplaires manquants à la fin`, `silence of ${silenceSecondsMax} s or more, or copies missing at the end`)
  if (stalled.length === 0) return say(`aucun (${bound})`, `none (${bound})`)
  return say(`${stalled.length} : ${stalled.map(({ cell }) => cell).join(", ")} (${bound})`, `${stalled.length}: ${stalled.map(({ cell }) => cell).join(", ")} (${bound})`)
}

function leverSection({ levers }: MatrixFile, base: string, lang: Language): Fragment {
  const own = levers.filter((lever) => lever.base === base)
  if (own.length === 0) return null
  const say = speak(lang)
  const title = say(`Leviers autour de ${base}`, `Levers around ${base}`)
  return html`<section aria-labelledby="levers-${base}"><h2 id="levers-${base}">${title}</h2>
${table(say("le plus fort d'abord", "the strongest first"),
    [say("Levier", "Lever"), say("Débit", "Rate"), say("Temps processeur", "Processor time"), "n", say("Distingué du bruit", "Told apart from noise")],
    own.map(({ factor, from, to, beside, rateRatio, cpuRatio, told }) => [
      [`${factor} ${from} → ${to}`, ...Object.entries(beside).map(([name, level]) => `${name} ${level}`)].join(", "), `×${spreadText(rateRatio, lang)}`, cpuRatio ? `×${spreadText(cpuRatio, lang)}` : "–", rateRatio.n, told ? say("oui", "yes") : say("non", "no"),
    ]))}
</section>
`
}

function outcome({ status, why, perSecond }: MatrixFile["measurements"][number], lang: Language): string {
  if (status === "measured" && perSecond !== null) return `${shown(perSecond)} /s`
  const words: Record<string, [string, string]> = {
    "stalled": ["arrêtée", "stalled"], "wrong": ["exemplaires faux", "wrong copies"], "not-honest": ["malhonnête", "not honest"],
    "no-record": ["relevé incomplet", "record not whole"], "failed": ["le laboratoire a échoué", "the lab failed"],
  }
  return `${words[status]?.[lang === "fr" ? 0 : 1] ?? status}: ${why.map((one) => one[lang]).join("; ")}`
}

function spreadText({ median, min, max }: z.infer<typeof Spread>, lang: Language): string {
  return `${shown(median)} (${shown(min)} ${lang === "fr" ? "à" : "to"} ${shown(max)})`
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)))
}
