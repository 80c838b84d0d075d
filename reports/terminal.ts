import { plainLine } from "./plain-text.ts"
import type { Language, Sentence } from "./result-shapes.ts"
import type { JudgedRequirement, Status } from "./statuses.ts"
import type { Outcome, Verdict } from "./verdict.ts"
import { effectWords, levelWords, pluralsFr, scenarioWords, statusWords, verdictWords } from "./words.ts"

const tints: Record<Outcome, string> = {
  "go": "32", "go-with-reservations": "33", "no-go": "31", "inconclusive": "33", "none": "31",
}

/**
 * The verdict as lines for a terminal or a CI log: the verdict, its reasons, the evidence of what failed, what the level
 * leaves out. Plain text unless `colour` is true; every status stands as a word in both cases.
 */
export function verdictLines(verdict: Verdict, { lang, colour = false }: { lang: Language; colour?: boolean }): string[] {
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text)
  const say = (sentence: Sentence) => plainLine(sentence[lang])
  const release = verdict.release ? `${verdict.release.name} ${verdict.release.digest}` : verdict.platform
  const level = `${lang === "fr" ? "niveau" : "level"} ${say(levelWords[verdict.level])}`
  return [
    paint(`1;${tints[verdict.verdict]}`, headline(verdict, lang)) + `  ${plainLine(release)}, ${level}`,
    ...verdict.decisions.map(({ effect, sentence }) => `  - ${say(effectWords[effect])}${lang === "fr" ? " : " : ": "}${say(sentence)}`),
    ...verdict.requirements.filter(isRemarkable).flatMap((requirement) => evidenceLines(requirement, lang)),
    `  ${countWords(verdict, lang)}`,
    ...listLine(lang === "fr" ? "Laissé de côté à ce niveau" : "Left out at this level", verdict.leavesOut, lang),
    ...listLine(lang === "fr" ? "Hors de portée de tout essai" : "What no run can cover", verdict.notCovered, lang),
  ]
}

/** The verdict in words; a stand-in never has the bare word GO. */
export function headline({ verdict, object }: Verdict, lang: Language): string {
  if (object !== "stand-in" || !verdict.startsWith("go")) return verdictWords[verdict][lang]
  return lang === "fr" ? "Doublure conforme" : "The stand-in conforms"
}

/** How many requirements have each status, in words, without the zeros. */
export function countWords({ counts, requirements }: Verdict, lang: Language): string {
  const parts = (Object.entries(counts) as [Status, number][]).filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${count > 1 && lang === "fr" ? pluralsFr[status] : statusWords[status][lang]}`)
  const name = `${lang === "fr" ? "exigence" : "requirement"}${requirements.length === 1 ? "" : "s"}`
  return parts.length > 0 ? `${requirements.length} ${name}${lang === "fr" ? " : " : ": "}${parts.join(", ")}` : `0 ${name}`
}

function isRemarkable({ status }: JudgedRequirement): boolean {
  return status === "failed" || status === "waived" || status === "lab-error"
}

function evidenceLines({ id, evidence }: JudgedRequirement, lang: Language): string[] {
  return evidence.filter(({ status }) => status === "failed" || status === "lab-error").flatMap((each) => [
    `    ${id}, ${scenarioWords[each.status][lang]}${lang === "fr" ? " : " : ": "}${plainLine(each.scenario)}`,
    ...(each.message ? [`      ${plainLine(each.message).slice(0, 400)}`] : []),
    `      ${each.log}`,
  ])
}

function listLine(name: string, sentences: readonly Sentence[], lang: Language): string[] {
  if (sentences.length === 0) return []
  return [`  ${name}${lang === "fr" ? " : " : ": "}${sentences.map((sentence) => plainLine(sentence[lang])).join("; ")}`]
}
