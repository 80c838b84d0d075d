import { spawn } from "node:child_process"
import { globSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { projectFolder, temporaryFolder } from "./state-folder.ts"

/** How many of something passed and failed. */
export interface Count { passed: number; failed: number }

interface Part { title: string; run: () => Promise<Count> }

/**
 * The project's own tests: unit tests, then every shipped platform live, then the tests that need a container engine.
 * Everything is run, whatever fails; the last line is `N passed, N failed`. Returns the exit code, 0 or 1.
 */
export async function selfTest(say: (line: string) => void): Promise<number> {
  await using folder = await temporaryFolder("self-test")
  const parts: Part[] = [
    { title: "unit tests", run: () => vitest("unit", join(folder.path, "unit.json")) },
    { title: "ariel-pr, live", run: () => qualification("ariel-pr", join(folder.path, "results")) },
    { title: "tests on live labs", run: () => vitest("live", join(folder.path, "live.json")) },
  ]
  const total: Count = { passed: 0, failed: 0 }
  for (const { title, run } of parts) {
    say(`\n# ${title}`)
    const { passed, failed } = await run()
    say(`${title}: ${passed} passed, ${failed} failed`)
    total.passed += passed
    total.failed += failed
  }
  say(`\n${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

/** One project of vitest.config.ts. A run that breaks, or a file that does not load, counts as one failure at least. */
async function vitest(project: "unit" | "live", outcomeFile: string): Promise<Count> {
  const code = await ended([
    join(projectFolder, "node_modules/vitest/vitest.mjs"), "run", "--project", project,
    "--reporter=dot", "--reporter=json", `--outputFile.json=${outcomeFile}`,
  ])
  const text = await readFile(outcomeFile, "utf8").catch(() => "{}")
  const { numPassedTests: passed = 0, numFailedTests = 0 } = JSON.parse(text) as Record<string, number>
  return { passed, failed: Math.max(numFailedTests, code === 0 && passed > 0 ? 0 : 1) }
}

/** A platform's newest release, qualified as a user does it. A verdict that is not GO counts as a failure too. */
async function qualification(name: string, out: string): Promise<Count> {
  const code = await ended([join(projectFolder, "recette.ts"), "qualify", name, "--out", out])
  const count = await scenarioCount(out)
  return { passed: count.passed, failed: Math.max(count.failed, code === 0 && count.passed > 0 ? 0 : 1) }
}

async function scenarioCount(out: string): Promise<Count> {
  const [file] = globSync(join(out, "*", "scenarios.json"))
  if (file === undefined) return { passed: 0, failed: 0 }
  const { scenarios } = JSON.parse(await readFile(file, "utf8")) as { scenarios: { status: string }[] }
  const passed = scenarios.filter(({ status }) => status === "passed").length
  return { passed, failed: scenarios.length - passed }
}

/** Runs a program of this project with this Node.js and this terminal; it ends when it is told to, or with its group. */
function ended(args: string[]): Promise<number | null> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    cwd: projectFolder, stdio: "inherit",
  })
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", resolve)
  })
}
