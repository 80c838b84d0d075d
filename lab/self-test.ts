import { spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { shippedPlatforms } from "./platform.ts"
import { projectFolder, temporaryFolder } from "./state-folder.ts"

/** How many of something passed and failed. */
export interface Count { passed: number; failed: number }

/** The platform that is run in full; the others have `qualify` and `challenge` for that. */
const fullPlatform = "ariel-pr"
/** Exit codes of a qualification that is green: GO, and, with `--only`, INCONCLUSIVE. */
const greenCodes = { full: 0, part: 4 }

interface Part { title: string; count: () => Promise<Count> }

/**
 * The project's own tests: unit tests, then the first platform live in full and of each other one its first suite, then the
 * tests that need a container engine.
 * Everything is run, whatever fails; the last line is `N passed, N failed`. Returns the exit code, 0 or 1.
 */
export async function selfTest(say: (line: string) => void): Promise<number> {
  await using folder = await temporaryFolder("self-test")
  const parts: Part[] = [
    { title: "unit tests", count: () => vitest("unit", join(folder.path, "unit.json")) },
    { title: `${fullPlatform}, live`, count: () => qualification([fullPlatform], say) },
    ...shippedPlatforms().filter(({ name }) => name !== fullPlatform).map(({ name, suites }) => ({
      title: `${name}, live, suite ${suites[0]}`, count: () => qualification([name, "--only", suites[0]!], say),
    })),
    { title: "tests on live labs", count: () => vitest("live", join(folder.path, "live.json")) },
  ]
  const total: Count = { passed: 0, failed: 0 }
  for (const { title, count } of parts) {
    say(`\n# ${title}`)
    const { passed, failed } = await count()
    say(`${title}: ${passed} passed, ${failed} failed`)
    total.passed += passed
    total.failed += failed
  }
  say(`\n${total.passed} passed, ${total.failed} failed`)
  return total.failed === 0 ? 0 : 1
}

/** One project of vitest.config.ts. A run that breaks, or a file that does not load, counts as one failure at least. */
async function vitest(project: "unit" | "live", outcomeFile: string): Promise<Count> {
  const { code } = await run([
    join(projectFolder, "node_modules/vitest/vitest.mjs"), "run", "--project", project,
    "--reporter=dot", "--reporter=json", `--outputFile.json=${outcomeFile}`,
  ], "inherit")
  const text = await readFile(outcomeFile, "utf8").catch(() => "{}")
  const { numPassedTests: passed = 0, numFailedTests = 0 } = JSON.parse(text) as Record<string, number>
  return { passed, failed: Math.max(numFailedTests, code === 0 && passed > 0 ? 0 : 1) }
}

/**
 * A platform's newest release, qualified as a user does it, or a part of that. A verdict that is not GO (INCONCLUSIVE, of a
 * part) counts as a failure too. What is only a reservation (an unconfirmed hypothesis that a measured figure does not meet)
 * is said, and is no failure of this project.
 */
async function qualification(order: string[], say: (line: string) => void): Promise<Count> {
  const { code, output } = await run([join(projectFolder, "recette.ts"), "qualify", ...order, "--json"], "pipe")
  const { run: id, verdict, reasons = [] } = JSON.parse(output || "{}") as { run?: string; verdict?: string; reasons?: string[] }
  const isPart = order.includes("--only")
  say(`verdict: ${verdict ?? "none"}`)
  for (const reason of reasons) say(`  ${reason}`)
  const count = id === undefined ? { passed: 0, failed: 1 } : await scenarioCount(id)
  const isGreen = code === (isPart ? greenCodes.part : greenCodes.full) && count.passed > 0
  return { passed: count.passed, failed: isGreen && !isPart ? 0 : Math.max(count.failed, isGreen ? 0 : 1) }
}

async function scenarioCount(id: string): Promise<Count> {
  const text = await readFile(join(projectFolder, "results", id, "scenarios.json"), "utf8").catch(() => '{ "scenarios": [] }')
  const { scenarios } = JSON.parse(text) as { scenarios: { status: string }[] }
  const passed = scenarios.filter(({ status }) => status === "passed").length
  return { passed, failed: scenarios.length - passed }
}

/** Runs a program of this project with this Node.js and this terminal; `pipe` takes its standard output instead. */
async function run(args: string[], stdout: "inherit" | "pipe"): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], {
    cwd: projectFolder, stdio: ["inherit", stdout, "inherit"],
  })
  let output = ""
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => output += chunk)
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, output }))
  })
}
