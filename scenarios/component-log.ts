import { worldComponents, type Component } from "../lab/platform.ts"
import { expectedLines, type ExpectedLine } from "./expected-log-lines.ts"

interface LogForm {
  /** A line that somebody should have read. */
  complaint: RegExp
  /** How the component begins its own lines; where it is given, a line of any other form is a complaint too. */
  own?: RegExp
}

const syslogTime = /^[A-Z][a-z]{2} +\d+ [\d:]{8} /
const postfixWord = /: (warning|error|fatal|panic): /

/** How each component writes that something is wrong. A component without a line here is read by `anyForm`. */
const forms: Partial<Record<Component, LogForm>> = {
  postfix: { complaint: postfixWord, own: syslogTime },
  // The list node's syslog: facility and severity before the program; its Postfix has words of its own.
  sympa: {
    complaint: new RegExp(`^\\S+ +\\S+ \\S+ \\S+ \\w+\\.(warn|warning|err|crit|alert|emerg) |${postfixWord.source}`), own: syslogTime,
  },
  dovecot: { complaint: /: (Warning|Error|Fatal|Panic): /, own: syslogTime },
  mariadb: { complaint: /\[(Warning|ERROR)\]/, own: /^\d{4}-\d\d-\d\d +[\d:]+ \d+ \[|^Version: '/ },
}

const anyForm: LogForm = { complaint: /\b(warn(ing)?|err(or)?|crit(ical)?|alert|emerg|fatal|panic)\b/i }

/** Those of the world around the platform say nothing about a release. */
export function isJudged(component: string): boolean {
  return !worldComponents.includes(component as Component)
}

/** The lines of a component's log that say that something is wrong and that nobody expects: line number and text. */
export function unexpectedLines(component: string, log: string, expected: readonly ExpectedLine[] = expectedLines): string[] {
  const { complaint, own } = forms[component as Component] ?? anyForm
  const accepted = expected.filter((one) => one.component === component)
  return log.split("\n").flatMap((line, index) => {
    const isComplaint = line.trim() !== "" && (complaint.test(line) || own?.test(line) === false)
    return isComplaint && !accepted.some((one) => one.line.test(line)) ? [`line ${index + 1}: ${line}`] : []
  })
}
