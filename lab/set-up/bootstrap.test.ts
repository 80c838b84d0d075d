import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import { inheritedEnvironment } from "../settings.ts"
import { projectFolder, temporaryFolder } from "../state-folder.ts"

// A clone whose dependencies are there, with a recette.ts that only prints what it was given.
const standIn = `console.log(JSON.stringify({ args: process.argv.slice(2), env: process.env }))
process.exitCode = 4`
const deadEngine = "tcp://127.0.0.1:9"
const files = ["bootstrap.mjs", "lab/set-up/engine.mjs", "lab/set-up/process.mjs", "package.json", "package-lock.json"]

let clone: string

beforeEach(async () => {
  clone = (await temporaryFolder("test-clone")).path
  await mkdir(join(clone, "node_modules"))
  await mkdir(join(clone, "lab", "set-up"), { recursive: true })
  await Promise.all(files.map((file) => copyFile(join(projectFolder, file), join(clone, file))))
  const hash = createHash("sha256").update(await readFile(join(clone, "package-lock.json"))).digest("hex")
  await writeFile(join(clone, "node_modules", ".recette-lock"), hash)
  await writeFile(join(clone, "recette.ts"), standIn)
  return () => rm(clone, { recursive: true })
})

interface Outcome { code: number; stdout: string; stderr: string; env: Record<string, string> }

async function bootstrap(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [join(clone, "bootstrap.mjs"), ...args], {
    env: { ...inheritedEnvironment(), ...env }, stdio: ["ignore", "pipe", "pipe"],
  })
  let stdout = ""
  let stderr = ""
  child.stdout.on("data", (chunk) => { stdout += chunk })
  child.stderr.on("data", (chunk) => { stderr += chunk })
  const [code] = await once(child, "close") as [number]
  const received = stdout === "" ? {} : (JSON.parse(stdout) as { env: Record<string, string> }).env
  return { code, stdout, stderr, env: received }
}

test("with all there, it says nothing and hands over arguments and exit code", async () => {
  const { code, stdout, stderr, env } = await bootstrap(["doctor", "--json", "it's"])
  expect(code).toBe(4)
  expect((JSON.parse(stdout) as { args: string[] }).args).toEqual(["doctor", "--json", "it's"])
  expect(stderr).toBe("")
  expect(env["RECETTE_ANCESTORS"]).toMatch(/^\d+:\d+$/)
})

test("settings come from recette.env, and the environment wins", async () => {
  await writeFile(join(clone, "recette.env"), "# network\n\nRECETTE_HTTP_PROXY = 'http://proxy.example:3128'\nRECETTE_LANG=fr\n")
  const { env } = await bootstrap(["doctor"], { RECETTE_LANG: "en" })
  expect(env).toMatchObject({
    RECETTE_LANG: "en", http_proxy: "http://proxy.example:3128", HTTPS_PROXY: "http://proxy.example:3128",
  })
})

test("a line that is no setting is wrong input, named by file and line", async () => {
  await writeFile(join(clone, "recette.env"), "RECETTE_LANG=fr\nPATH=/bin\n")
  const { code, stderr } = await bootstrap(["doctor"])
  expect(code).toBe(2)
  expect(stderr).toContain("This line is no setting: PATH=/bin\n  where: recette.env:2\n  what to do: ")
})

test("an engine that DOCKER_HOST names and that does not answer ends the set-up with 3", async () => {
  const { code, stdout, stderr } = await bootstrap(["qualify"], { DOCKER_HOST: deadEngine })
  expect(code).toBe(3)
  expect(stdout).toBe("")
  expect(stderr).toContain(`The engine that DOCKER_HOST names does not answer\n  where: ${deadEngine}`)
})

test.each([["doctor"], ["qualify", "--help"], ["verdict", "results/x"], ["report", "results/x"], []])(
  "no engine is needed for %s %s", async (...args) => {
    const { code } = await bootstrap(args.filter((word) => word !== undefined), { DOCKER_HOST: deadEngine })
    expect(code).toBe(4)
  })

test("npm's own list of what it installed counts as dependencies that are there", async () => {
  await rm(join(clone, "node_modules", ".recette-lock"))
  await copyFile(join(clone, "package-lock.json"), join(clone, "node_modules", ".package-lock.json"))
  const { code, stderr } = await bootstrap(["doctor"])
  expect({ code, stderr }).toEqual({ code: 4, stderr: "" })
})
