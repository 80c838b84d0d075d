// The way in: makes sure of Node.js, dependencies and a container engine, then runs recette.ts.
// Plain JavaScript without dependencies, for Node.js 18 and later: it runs before anything is installed.
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs"
import { constants } from "node:os"
import { dirname, join } from "node:path"
import { performance } from "node:perf_hooks"
import { createInterface } from "node:readline/promises"
import { fileURLToPath } from "node:url"
import { ensureEngine } from "./lab/set-up/engine.mjs"
import { ownFields, processFields, SetUpFailure, tail, withLock } from "./lab/set-up/process.mjs"

const project = dirname(fileURLToPath(import.meta.url))
const state = join(project, ".recette")
const modules = join(project, "node_modules")
const marker = join(modules, ".recette-lock")
const settingsFiles = ["recette.env", ".recette.env"]
const settingLine = /^(RECETTE_[A-Z_]+|DOCKER_HOST|DOCKER_TLS_VERIFY|DOCKER_CERT_PATH)\s*=(.*)$/
const nodeMajorMin = 24
const benchesWithoutEngine = ["academies", "ledger"]
const withoutEngine = ["doctor", "help", "platforms", "report", "verdict", "verify"]

async function main(args) {
  const env = settingsEnvironment()
  await ensureDependencies(env)
  const engine = needsEngine(args) ? await ensureEngine({ env, state, step, say, ask }) : {}
  process.exitCode = await handOver(args, { ...env, ...engine.env }, engine.group)
}

function needsEngine(args) {
  const [command, name] = args
  if (command === "bench" && benchesWithoutEngine.includes(name)) return false
  if (command === undefined || command.startsWith("-") || withoutEngine.includes(command)) return false
  return !args.includes("--help") && !args.includes("-h")
}

/** The environment of everything that follows: the settings file, and what is set outside of it, which wins. */
function settingsEnvironment() {
  const name = settingsFiles.find((file) => existsSync(join(project, file)))
  const fromFile = name === undefined ? {} : parseSettings(readFileSync(join(project, name), "utf8"), name)
  const env = { ...fromFile, ...process.env }
  const { RECETTE_HTTP_PROXY: http, RECETTE_HTTPS_PROXY: https, RECETTE_NO_PROXY: none } = env
  for (const [key, value] of Object.entries({ http_proxy: http, https_proxy: https ?? http, no_proxy: none })) {
    if (value) env[key] = env[key.toUpperCase()] = value
  }
  if (env.RECETTE_CA_FILE) {
    if (!existsSync(env.RECETTE_CA_FILE)) {
      throw new SetUpFailure(`RECETTE_CA_FILE names a file that is not there: ${env.RECETTE_CA_FILE}`, {
        where: name ?? "environment", remedy: "give the full path of a PEM file", exitCode: 2,
      })
    }
    env.NODE_EXTRA_CA_CERTS = env.RECETTE_CA_FILE
  }
  if (env.RECETTE_NPM_REGISTRY) env.npm_config_registry = env.RECETTE_NPM_REGISTRY
  return env
}

function parseSettings(text, file) {
  const settings = {}
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue
    const [, key, value] = settingLine.exec(line.trim()) ?? []
    if (key === undefined) {
      throw new SetUpFailure(`This line is no setting: ${line.trim()}`, {
        where: `${file}:${index + 1}`, exitCode: 2,
        remedy: "write NAME=value with a name of .recette.env.example, or begin the line with #",
      })
    }
    settings[key] = value.trim().replace(/^(["'])(.*)\1$/, "$2")
  }
  return settings
}

async function ensureDependencies(env) {
  if (dependenciesAreThere()) return
  await withLock(join(state, "locks", "dependencies"), say, async () => {
    if (dependenciesAreThere()) return
    await step("dependencies", () => installDependencies(env))
    writeFileSync(marker, lockHash())
  })
}

function lockHash() {
  return createHash("sha256").update(readFileSync(join(project, "package-lock.json"))).digest("hex")
}

/** True when node_modules is what package-lock.json says: by our own marker, else by npm's list of what it installed. */
function dependenciesAreThere() {
  if (existsSync(marker) && readFileSync(marker, "utf8") === lockHash()) return true
  const installedFile = join(modules, ".package-lock.json")
  if (!existsSync(installedFile)) return false
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages
  const wanted = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")).packages
  const same = Object.entries(wanted).every(([path, { version, optional }]) =>
    path === "" || optional || installed[path]?.version === version)
  if (same) writeFileSync(marker, lockHash())
  return same
}

/** `npm ci`, which dies with this process: a killed one leaves no marker, and the next command starts it again. */
async function installDependencies(env) {
  const log = join(state, "log", "npm.log")
  mkdirSync(dirname(log), { recursive: true })
  const npm = env.npm_execpath ? [process.execPath, env.npm_execpath] : ["npm"]
  const install = [...npm, "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
  const command = process.platform === "linux" ? ["setpriv", "--pdeathsig", "KILL", ...install] : install
  const output = openSync(log, "w")
  const code = await ended(spawn(command[0], command.slice(1), { cwd: project, env, stdio: ["ignore", output, output] }))
  if (code === 0) return
  throw new SetUpFailure(`npm ci ended with ${code}:\n${tail(log)}`, {
    where: log, remedy: "see the reason there; proxy, certificate authority and mirror stand in .recette.env.example",
  })
}

/** The Node.js that runs recette.ts: the one pinned in package-lock.json, else the running one where it is new enough. */
function nodeBinary() {
  const pinned = join(modules, `node-${process.platform}-${process.arch}`, "bin", "node")
  if (existsSync(pinned)) return pinned
  if (Number(process.versions.node.split(".")[0]) >= nodeMajorMin) return process.execPath
  throw new SetUpFailure(`Node.js ${nodeMajorMin} or later is needed, and ${process.version} runs`, {
    where: `${process.platform}-${process.arch}, ${process.execPath}`,
    remedy: `remove node_modules and start again; on another system than Linux on x64 or arm64, `
      + `install Node.js ${nodeMajorMin} and put it first in PATH`,
  })
}

/** Runs recette.ts with this terminal and returns its exit code (128 + number for a signal). */
async function handOver(args, env, group) {
  const command = [nodeBinary(), "--disable-warning=ExperimentalWarning", join(project, "recette.ts"), ...args]
  const [file, ...rest] = group === undefined
    ? command
    : ["sg", group, "-c", `exec ${command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ")}`]
  const child = spawn(file, rest, { stdio: "inherit", env: { ...localHost(env), RECETTE_ANCESTORS: ancestors() } })
  forwardSignals(child, group !== undefined)
  try {
    return await ended(child)
  } catch (cause) {
    throw new SetUpFailure(`${file} does not run here: ${cause.message}`, {
      where: file, remedy: `install Node.js ${nodeMajorMin} or later and put it first in PATH`,
    })
  }
}

/** A local engine's ports are on 127.0.0.1: Testcontainers asks the resolver for localhost, which a bare system lacks. */
function localHost(env) {
  const isLocal = !env.DOCKER_HOST || env.DOCKER_HOST.startsWith("unix:")
  return isLocal ? { TESTCONTAINERS_HOST_OVERRIDE: "127.0.0.1", ...env } : env
}

/**
 * A terminal's Ctrl-C reaches the whole foreground group, so the child has it already; one sent to this process
 * alone (by npm, by a CI) is passed on, once. The child ends by itself, and this process waits for it.
 */
function forwardSignals(child, throughGroup) {
  let interrupted = false
  process.on("SIGINT", () => {
    if (interrupted) return
    interrupted = true
    const { group, foregroundGroup } = ownFields()
    if (group !== foregroundGroup) send("SIGINT")
  })
  for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT"]) process.on(signal, () => send(signal))

  function send(signal) {
    if (!throughGroup) return child.kill(signal)
    const [grandchild] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ")
    return process.kill(Number(grandchild) || child.pid, signal)
  }
}

/** `pid:startticks,...` of this process and, under npm, of those above it up to npm: when one dies, the owner ends. */
function ancestors() {
  const chain = []
  let pid = process.pid
  for (let height = 0; height < 4; height += 1) {
    const fields = processFields(pid)
    if (fields === undefined) break
    chain.push(`${pid}:${fields.startTicks}`)
    if (fields.name.startsWith("npm ")) return chain.join(",")
    pid = fields.parent
  }
  return chain.slice(0, 1).join(",")
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
}

function say(text) {
  process.stderr.write(`set-up: ${text}\n`)
}

/** Shows a step with its time: `set-up: dependencies … 10.3 s`. */
async function step(name, work) {
  process.stderr.write(`set-up: ${name} … `)
  const startedMs = performance.now()
  try {
    const result = await work()
    process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(1)} s\n`)
    return result
  } catch (error) {
    process.stderr.write("failed\n")
    throw error
  }
}

/** Asks on a terminal; `undefined` where there is none. */
async function ask(question) {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const reader = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await reader.question(`${question} [y/n] `)
  reader.close()
  return /^(y|yes|o|oui)$/i.test(answer.trim())
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof SetUpFailure)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
