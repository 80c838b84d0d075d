import { spawnSync } from "node:child_process"
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { parse } from "yaml"

interface GitLab { qualify: { script: string[]; allow_failure: { exit_codes: number }; artifacts: { when: string; paths: string[]; reports: { junit: string } } } }
interface Step { uses?: string; run?: string; if?: string; with?: Record<string, string> }
interface GitHub { jobs: { qualify: { steps: Step[] } } }

const template = async <Shape>(name: string) => parse(await readFile(join(import.meta.dirname, "ci", name), "utf8"), { strict: true }) as Shape
const gitlab = (await template<GitLab>("gitlab.yml")).qualify
const { steps } = (await template<GitHub>("github.yml")).jobs.qualify

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "recette-ci-")) })
afterEach(async () => { await rm(folder, { recursive: true }) })

/** Runs a template's own script where `npm` leaves a run with this verdict and ends with this code. */
async function exitCodeOf(script: string, verdict: string, code: number): Promise<{ code: number | null; output: string }> {
  const bin = join(folder, "bin")
  await mkdir(bin)
  const results = join(folder, "qualification/run")
  await writeFile(join(bin, "npm"), `#!/bin/sh
mkdir -p ${results}/report
printf '{\\n  "verdict": "%s"\\n}\\n' ${verdict} > ${results}/verdict.json
echo "# ${verdict}" > ${results}/report/summary.md
exit ${code}
`)
  await chmod(join(bin, "npm"), 0o755)
  const { status, stdout } = spawnSync("bash", ["-eo", "pipefail", "-c", script], {
    cwd: folder, encoding: "utf8",
    env: {
      PATH: `${bin}:${process.env["PATH"]}`, RELEASE: "release", LEVEL: "quick", CI_PROJECT_DIR: folder, GITHUB_WORKSPACE: folder,
      GITHUB_STEP_SUMMARY: join(folder, "summary.md"),
    },
  })
  return { code: status, output: stdout }
}

const outcomes = [["go", 0], ["go-with-reservations", 0], ["no-go", 1], ["none", 3], ["inconclusive", 4]] as const

describe("GitLab", () => {
  test.each(outcomes)("%s: the job fails but for a GO, and reservations are a warning", async (verdict, code) => {
    const script = gitlab.script.filter((line) => !line.startsWith("git ")).join("\n")
    const ended = await exitCodeOf(script, verdict, code)
    expect(ended.code).toBe(verdict === "go-with-reservations" ? gitlab.allow_failure.exit_codes : code)
  })

  test("keeps the results whatever the verdict, and JUnit among them", () => {
    expect(gitlab.artifacts).toMatchObject({ when: "always", paths: ["qualification"], reports: { junit: "qualification/*/report/junit.xml" } })
  })
})

describe("GitHub", () => {
  test.each(outcomes)("%s: the job fails but for a GO, and reservations are a warning", async (verdict, code) => {
    const ended = await exitCodeOf(steps.find(({ run }) => run)!.run!, verdict, code)
    expect(ended.code).toBe(code)
    expect(ended.output.includes("::warning ")).toBe(verdict === "go-with-reservations")
    expect(await readFile(join(folder, "summary.md"), "utf8")).toBe(`# ${verdict}\n`)
  })

  test("keeps the results whatever the verdict", () => {
    expect(steps.at(-1)).toMatchObject({ if: "always()", with: { path: "qualification" } })
  })

  test("takes every action by its commit", () => {
    const actions = steps.flatMap(({ uses }) => uses ?? [])
    expect(actions.length).toBeGreaterThan(2)
    expect(actions.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
  })
})

test("a template gives recette no variable that recette does not know", async () => {
  const known = await readFile(join(import.meta.dirname, "..", ".recette.env.example"), "utf8")
  for (const name of ["gitlab.yml", "github.yml"]) {
    const used = [...(await readFile(join(import.meta.dirname, "ci", name), "utf8")).matchAll(/\bRECETTE_[A-Z_]+/g)].map(([variable]) => variable)
    expect(used.filter((variable) => !known.includes(variable))).toEqual([])
  }
})
