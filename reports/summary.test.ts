import { expect, test } from "vitest"
import { hostileResults } from "./hostile-results.ts"
import type { Results } from "./results.ts"
import { sampleResults } from "./sample-results.ts"
import { replayCommand, summaryReport } from "./summary.ts"
import { verdictOf } from "./verdict.ts"

const render = (results: Results) => summaryReport(results, verdictOf(results, "en"), "en")

test("verdict, reasons, evidence, what is left out, and the command to replay", () => {
  const text = render(sampleResults({ scenarios: [{ status: "failed", messages: ["1 of 12 copies is missing, logs/sympa.log"] }] }))
  expect(text).toMatch(/^# NO-GO – ariel-pr\/2026.1\n/)
  expect(text).toContain("- **decides NO-GO** – LST-01 \\(major\\) failed\\: Every member receives one copy.")
  expect(text).toContain("- failed – every member of a list receives one copy\n  `1 of 12 copies is missing, logs/sympa.log`\n  `logs/sympa.log`")
  expect(text).toContain("- Antispam and antivirus")
  expect(text).toContain("`npm run qualify -- ariel-pr/2026.1 --seed 42`")
})

test("hostile subjects stay on their line and stay text", () => {
  const text = render(hostileResults())
  const outside = text.replaceAll(/(`+)[^]*?[^`]\1(?!`)/g, "")
  expect(outside).not.toMatch(/[<>]|(?<!\\)[[\]]|(?<!\\)!\[|(?<!\\)@|https:/)
  expect(text.split("\n").filter((line) => /^#/.test(line)).every((line) => /^##? (NO-GO|LST|Reasons|What|Replay)/.test(line))).toBe(true)
})

test("a code span is fenced by more backticks than its text holds, on one line", () => {
  const messages = ["a ``b``\n# c\u001b[0m"]
  expect(render(sampleResults({ scenarios: [{ status: "failed", messages }] }))).toContain("  ``` a ``b`` # c ```\n")
})

test("the command to replay carries the seed once", () => {
  const run = sampleResults().run
  expect(replayCommand({ ...run, command: "npm run qualify" })).toBe("npm run qualify -- --seed 42")
  expect(replayCommand({ ...run, command: "npm run qualify -- --seed 7" })).toBe("npm run qualify -- --seed 7")
  expect(replayCommand({ ...run, command: "" })).toBe("")
})
