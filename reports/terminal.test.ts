import { expect, test } from "vitest"
import { hostileResults } from "./hostile-results.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictLines } from "./terminal.ts"
import { verdictOf } from "./verdict.ts"

test("a NO-GO in plain lines: verdict, reasons, evidence, counts, what is not said", () => {
  const results = sampleResults({ scenarios: [{ status: "failed", messages: ["1 of 12 copies is missing"] }] })
  expect(verdictLines(verdictOf(results, "en"), { lang: "en" })).toEqual([
    `NO-GO  ariel-pr/2026.1 sha256:${"5c".repeat(32)}, level quick`,
    "  - decides NO-GO: LST-01 (major) failed: Every member receives one copy.",
    "    LST-01, failed: every member of a list receives one copy",
    "      1 of 12 copies is missing",
    "      logs/",
    "  1 requirement: 1 failed",
    "  Left out at this level: Antispam and antivirus",
    "  What no run can cover: The kernel of the production servers; Their storage: throughput, latency, disk failures; "
      + "The real network: carriers, firewalls, reputation of addresses",
  ])
})

test("in French", () => {
  expect(verdictLines(verdictOf(sampleResults(), "fr"), { lang: "fr" }).slice(1, 3)).toEqual([
    "  - favorable : Toutes les exigences jugées au niveau rapide sont satisfaites (1).",
    "  1 exigence : 1 satisfaite",
  ])
})

test("colour only where it is asked for, and never from a message", () => {
  const verdict = verdictOf(hostileResults(), "en")
  expect(verdictLines(verdict, { lang: "en" }).join("\n")).not.toContain("\u001b")
  expect(verdictLines(verdict, { lang: "en", colour: true })[0]).toMatch(/^\u001b\[1;31mNO-GO\u001b\[0m/)
})
