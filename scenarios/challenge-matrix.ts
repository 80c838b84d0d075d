import type { ChallengeFile, MutantRecord, MutantStatus } from "./challenge-record.ts"

type Lang = "fr" | "en"

/** Status in words, never by colour alone. */
const statusWords: Record<MutantStatus, Record<Lang, string>> = {
  "detected": { fr: "détecté", en: "detected" },
  "survived": { fr: "NON DÉTECTÉ", en: "SURVIVED" },
  "kept": { fr: "verdict gardé", en: "verdict kept" },
  "not-kept": { fr: "VERDICT PERDU", en: "VERDICT NOT KEPT" },
  "lab-error": { fr: "NON JUGÉ", en: "NOT JUDGED" },
  "not-run": { fr: "non joué", en: "not run" },
}

/** What became of one mutant, in one line without its name. */
export function outcomeText(mutant: MutantRecord, lang: Lang): string {
  return [statusWords[mutant.status][lang], ...foundBy(mutant, lang), `${seconds(mutant)} s`].join(", ")
}

/** The matrix (mutant, expected, detected by, time) and the score, as lines of text. */
export function matrixLines({ mutants, score }: ChallengeFile, lang: Lang): string[] {
  const header = { fr: ["mutant", "attendu", "résultat", "durée"], en: ["mutant", "expected", "outcome", "time"] }[lang]
  const rows = mutants.map((mutant) => [
    mutant.name, mutant.expects.join(" ") || "-", [statusWords[mutant.status][lang], ...foundBy(mutant, lang)].join(", "), `${seconds(mutant)} s`,
  ])
  const widths = [0, 1].map((column) => Math.max(...[header, ...rows].map((row) => row[column]!.length)))
  const line = ([name, expected, outcome, time]: string[]): string =>
    [name!.padEnd(widths[0]!), expected!.padEnd(widths[1]!), time!.padStart(7), outcome!].join("  ")
  const { detected, defects, kept, harmless } = score
  const said = lang === "fr"
    ? `défauts détectés : ${detected}/${defects} ; changements sans effet gardés : ${kept}/${harmless}`
    : `defects detected: ${detected}/${defects}; harmless changes kept: ${kept}/${harmless}`
  return [line(header), ...rows.map(line), said]
}

function foundBy({ status, detectedBy, others, note }: MutantRecord, lang: Lang): string[] {
  const by = { fr: "par", en: "by" }[lang]
  const only = status === "survived" ? { fr: "vu seulement par", en: "seen only by" }[lang] : { fr: "échec de", en: "failed:" }[lang]
  return [
    ...detectedBy ? [`${by} ${detectedBy.requirement} "${detectedBy.scenario}"`] : [],
    ...others.length > 0 && status !== "kept" ? [`${only} ${others.map(({ requirement, scenario }) => `${requirement} "${scenario}"`).join(", ")}`] : [],
    ...note ? [note.replaceAll(/\s+/g, " ")] : [],
  ]
}

function seconds({ ms }: MutantRecord): string {
  return (ms / 1000).toFixed(1)
}
