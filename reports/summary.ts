import { plainLine } from "./plain-text.ts"
import type { Results } from "./results.ts"
import type { Language, Sentence } from "./result-shapes.ts"
import type { JudgedRequirement } from "./statuses.ts"
import { countWords, headline } from "./terminal.ts"
import type { Verdict } from "./verdict.ts"
import { effectWords, levelWords, scenarioWords, severityWords, statusWords } from "./words.ts"

/** `summary.md`, short enough for a merge request. Whatever a message says, it shows as text. */
export function summaryReport({ run }: Results, verdict: Verdict, lang: Language): string {
  const french = lang === "fr"
  const release = verdict.release?.name ?? verdict.platform
  const remarkable = verdict.requirements.filter(({ status }) => status === "failed" || status === "waived" || status === "lab-error")
  return [
    `# ${headline(verdict, lang)} – ${escapeMarkdown(release)}`, "",
    `${french ? "Niveau" : "Level"} ${levelWords[verdict.level][lang]}. ${countWords(verdict, lang)}.`, "",
    `## ${french ? "Raisons" : "Reasons"}`, "",
    ...verdict.decisions.map(({ effect, sentence }) => `- **${effectWords[effect][lang]}** – ${escapeMarkdown(sentence[lang])}`), "",
    ...remarkable.flatMap((requirement) => requirementLines(requirement, lang)),
    ...list(french ? "Ce que ce niveau laisse de côté" : "What this level leaves out", verdict.leavesOut, lang),
    ...list(french ? "Ce qu'aucun essai ne couvre" : "What no run can cover", verdict.notCovered, lang),
    `## ${french ? "Rejouer" : "Replay"}`, "", codeSpan(replayCommand(run)), "",
    `${french ? "Essai" : "Run"} ${codeSpan(verdict.run)}, ${codeSpan(verdict.release?.digest ?? "")}`, "",
  ].join("\n")
}

/** The command that makes the same run again, with its seed. */
export function replayCommand({ command, seed }: Results["run"]): string {
  if (!command || seed === undefined || /\s--seed[ =]/.test(command)) return command
  return /\s--(\s|$)/.test(command) || !command.startsWith("npm run") ? `${command} --seed ${seed}` : `${command} -- --seed ${seed}`
}

function requirementLines({ id, text, severity, status, evidence }: JudgedRequirement, lang: Language): string[] {
  return [
    `## ${escapeMarkdown(id)}, ${severityWords[severity][lang]}${lang === "fr" ? " : " : ": "}${statusWords[status][lang]}`, "",
    escapeMarkdown(text[lang]), "",
    ...evidence.flatMap((each) => [
      `- ${scenarioWords[each.status][lang]} – ${escapeMarkdown(each.scenario)}`,
      ...(each.message ? [`  ${codeSpan(each.message)}`] : []),
      `  ${codeSpan(each.log)}`,
    ]), "",
  ]
}

function list(name: string, sentences: readonly Sentence[], lang: Language): string[] {
  if (sentences.length === 0) return []
  return [`## ${name}`, "", ...sentences.map((sentence) => `- ${escapeMarkdown(sentence[lang])}`), ""]
}

/** Every character that Markdown or HTML could read as more than itself gets a backslash or an entity. */
function escapeMarkdown(text: string): string {
  return plainLine(text)
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_{}[\]()#+!|~@:$]|(?<=www)\./g, "\\$&")
}

/** A code span on one line, fenced by more backticks than the text holds. */
function codeSpan(text: string): string {
  const line = plainLine(text)
  if (!line) return ""
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = "`".repeat(longest + 1)
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`
}
