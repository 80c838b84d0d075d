import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { FrontDoorProcess, runIn } from "../lab/front-door-process.ts"
import { temporaryFolder } from "../lab/temporary-release.ts"
import type { ChallengeFile } from "./challenge-record.ts"

const mutant = (expects: string, components: string): string =>
  `schema: recette.release/v1\nextends: ariel-pr/2026.1\nsummary: made up for this test\nexpects: ${expects}\ncomponents: ${components}\n`

/** A suite of a few seconds stands for the whole one: what is proved here is the challenge, not the suite. */
const suites = "submission"

const withoutTls = '{ postfix: { services: { submission/inet: { smtpd_tls_security_level: may, smtpd_tls_auth_only: "no" } } } }'

test("a challenge tells a mutant that is detected, a harmless change and a survivor apart", async () => {
  const folder = temporaryFolder({
    "mutants/no-tls-on-submission/release.yaml": mutant("[ROU-05]", withoutTls),
    "mutants/no-tls-on-submission-again/release.yaml": mutant("[ROU-05]", withoutTls),
    "mutants/harmless-banner/release.yaml": mutant("[]", '{ postfix: { set: { smtpd_banner: "$myhostname ESMTP other" } } }'),
    "mutants/other-greeting/release.yaml": mutant("[ROU-08]", "{ dovecot: { set: { login_greeting: other } } }"),
  })
  const out = join(folder, "results")

  const command = FrontDoorProcess.recette(["challenge", "--mutants", join(folder, "mutants"), "--suites", suites, "--out", out, "--json"])
  const exit = await command.ended

  expect(exit, exit.stderr).toMatchObject({ code: 1 })
  const file = JSON.parse(readFileSync(join(out, runIn(out)!, "challenge.json"), "utf8")) as ChallengeFile
  console.log(file.mutants.map(({ name, status, replaced, ms }) => `${name}: ${status}, replaced ${replaced.join(", ")}, ${ms} ms`).join("\n"))
  const outcomes = Object.fromEntries(file.mutants.map(({ name, status, replaced }) => [name, [status, ...replaced]]))
  expect(outcomes).toEqual({
    "other-greeting": ["survived", "dovecot", "postfix"], "harmless-banner": ["kept", "dovecot", "postfix"], "no-tls-on-submission": ["detected", "postfix"],
    "no-tls-on-submission-again": ["detected"],
  })
  expect(file).toMatchObject({ complete: true, score: { detected: 2, defects: 3, kept: 1, harmless: 1 } })
  expect(file.mutants.find(({ status }) => status === "detected")!.detectedBy).toMatchObject({ requirement: "ROU-05", suite: "submission" })
  expect(file.mutants.flatMap(({ others }) => others)).toEqual([])
  expect(JSON.parse(exit.stdout.slice(exit.stdout.indexOf("{")))).toEqual(file)
})
