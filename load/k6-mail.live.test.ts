import { spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { expect, test } from "vitest"
import { ensuredGenerator, ensuredGo } from "../lab/generator-binary.ts"
import { inheritedEnvironment } from "../lab/settings.ts"
import { projectFolder } from "../lab/state-folder.ts"

// The mail extension has its own tests, in Go: they run JavaScript against servers that misbehave. This runs them as
// part of the project's, with the toolchain of the set-up, and looks at the binary that the set-up builds.

const minutesMax = 20
const extension = join(projectFolder, "load", "k6-mail")

/** What a command said on both channels, with its exit code behind it. */
async function said(file: string, args: readonly string[]): Promise<string> {
  // The flags of the build: what it has compiled, k6 above all, is not compiled again.
  const env = { ...inheritedEnvironment(), GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly -trimpath", CGO_ENABLED: "0", GOWORK: "off" }
  const child = spawn(file, args, { cwd: extension, env, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  child.stdout.on("data", (chunk) => { output += chunk })
  child.stderr.on("data", (chunk) => { output += chunk })
  const [code] = await once(child, "close") as [number]
  return `${output}exit code ${code}`
}

test("the extension passes vet and its own tests", { timeout: minutesMax * 60_000 }, async () => {
  const go = await ensuredGo(console.error)

  const remarks = (await said(go, ["vet", "./..."])).split("\n").filter((line) => !line.startsWith("go: downloading "))
  expect(remarks).toEqual(["exit code 0"])
  const tests = await said(go, ["test", "-shuffle=on", "./..."])

  expect(tests).toMatch(/exit code 0$/)
  expect(tests.match(/^ok /gm)).toHaveLength(4)
})

test("the generator is the pinned k6 with k6/x/mail", { timeout: minutesMax * 60_000 }, async () => {
  const { k6 } = await ensuredGenerator(console.error)

  const version = await said(k6, ["version"])

  expect(version).toContain("k6 v2.2.0")
  expect(version).toContain("k6/x/mail")
})
