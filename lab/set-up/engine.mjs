// The container engine: found where there is one, otherwise installed (Debian, Ubuntu) and started.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { request } from "node:http"
import { request as secureRequest } from "node:https"
import { homedir, userInfo } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { processFields, SetUpFailure, tail, withLock } from "./process.mjs"

const defaultSocket = "/var/run/docker.sock"
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
const pidFiles = [
  { file: "/var/run/docker.pid", name: "dockerd" },
  { file: "/var/run/docker/containerd/containerd.pid", name: "containerd" },
]
const pingMsMax = 3_000
const startMsMax = 60_000
const hopelessAfterMs = 8_000
const aptLockSecondsMax = 600
const startCommand = "sudo systemctl enable --now docker"
const instructions = {
  debian: `sudo apt-get install docker.io && ${startCommand} && sudo usermod --append --groups docker $USER, then log in again`,
  fedora: `sudo dnf install moby-engine && ${startCommand}`,
  rhel: `install docker-ce from its vendor's packages, then ${startCommand}`,
  arch: `sudo pacman --sync docker && ${startCommand}`,
  suse: `sudo zypper install docker && ${startCommand}`,
  alpine: "apk add docker && rc-service docker start",
  darwin: "install and start Docker Desktop or Colima (then DOCKER_HOST=unix://$HOME/.colima/default/docker.sock)",
  win32: "run recette in a Debian of WSL 2",
  other: `install Docker Engine 20.10 or later, then ${startCommand}`,
}

/**
 * Makes sure that a container engine answers. Returns the environment that leads to it (`env`) and, where this user
 * was put into the engine's group too late for this session, that group's name (`group`).
 */
export async function ensureEngine({ env, state, step, say, ask }) {
  const found = await findEngine(env)
  if (found) return found
  const system = systemKind()
  if (env.DOCKER_HOST) {
    throw new SetUpFailure("The engine that DOCKER_HOST names does not answer", {
      where: env.DOCKER_HOST, remedy: "start that engine, or unset DOCKER_HOST to use a local one",
    })
  }
  const refuse = (reason) => {
    throw new SetUpFailure(`No container engine answers, and ${reason}`, {
      where: defaultSocket, remedy: engineProgram() ? startCommand : instructions[system],
    })
  }
  if (system !== "debian") refuse("this system is not one on which recette installs it")
  if (env.RECETTE_INSTALL_ENGINE === "no") refuse("RECETTE_INSTALL_ENGINE=no forbids to install or start one")
  if (!isRoot() && !run(["sudo", "-n", "true"])) refuse("this user is neither root nor has password-less sudo")
  const missing = !engineProgram()
  const other = missing ? runningEngine() : undefined
  if (other) {
    throw new SetUpFailure(`A container engine runs on this network already (pid ${other}), and its socket is not here`, {
      where: defaultSocket, remedy: "give the address at which it listens as DOCKER_HOST; two engines spoil each other's rules",
    })
  }
  const what = missing ? "install Debian's container engine (docker.io) and start it" : "start the container engine"
  if (env.RECETTE_INSTALL_ENGINE !== "yes") {
    const answer = await ask(`No container engine answers. Shall recette ${what}?`)
    if (answer === false) refuse("you preferred to do it yourself")
    if (answer === undefined) say(`no container engine answers; recette will ${what} (RECETTE_INSTALL_ENGINE=no forbids it)`)
  }
  return withLock(join(state, "locks", "engine"), say, async () => {
    const already = await findEngine(env)
    if (already) return already
    if (missing) await step("container engine, installed", () => installEngine(env, state))
    await step("container engine, started", () => startEngine(env, state))
    if (!isRoot()) privileged(["usermod", "--append", "--groups", "docker", userInfo().username])
    return await findEngine(env) ?? refuse("the one just started is out of reach of this user")
  })
}

/** Where an engine answers, in the order in which Testcontainers looks; `undefined` where none does. */
async function findEngine(env) {
  if (env.DOCKER_HOST?.startsWith("ssh:")) return { env: {} } // not checked here: needs an SSH client
  if (env.DOCKER_HOST) return await ping(env.DOCKER_HOST, env) === "answers" ? { env: {} } : undefined
  const state = await ping(`unix://${defaultSocket}`, env)
  if (state === "answers") return { env: {} }
  const { uid, username } = userInfo()
  const folders = [env.XDG_RUNTIME_DIR, join(homedir(), ".docker/run"), join(homedir(), ".docker/desktop"), `/run/user/${uid}`]
  for (const folder of folders.filter(Boolean)) {
    const address = `unix://${join(folder, "docker.sock")}`
    if (await ping(address, env) === "answers") return { env: { DOCKER_HOST: address } }
  }
  return state === "EACCES" && groupMembers("docker").includes(username) ? { env: {}, group: "docker" } : undefined
}

/** `answers`, or the error's code (`ENOENT`, `ECONNREFUSED`, `EACCES`, ...). */
function ping(address, { DOCKER_TLS_VERIFY: tls, DOCKER_CERT_PATH: folder }) {
  const socketPath = /^unix:\/\/(.+)$/.exec(address)?.[1]
  const { hostname, port } = socketPath ? {} : new URL(address.replace(/^tcp:/, "http:"))
  const pem = (name) => readFileSync(join(folder, `${name}.pem`))
  const target = socketPath ? { socketPath } : { hostname, port: port || (tls ? 2376 : 2375) }
  const certificates = !socketPath && tls && folder ? { ca: pem("ca"), cert: pem("cert"), key: pem("key") } : {}
  return new Promise((resolve) => {
    const open = !socketPath && tls ? secureRequest : request
    const call = open({ ...target, ...certificates, path: "/_ping", timeout: pingMsMax, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200 ? "answers" : `HTTP ${response.statusCode}`)
    })
    call.once("timeout", () => call.destroy(new Error("timeout")))
    call.once("error", ({ code, message }) => resolve(code ?? message))
    call.end()
  })
}

/** `debian` (its descendants too), another key of `instructions`, or `other`. */
function systemKind() {
  if (process.platform !== "linux") return process.platform in instructions ? process.platform : "other"
  const release = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : ""
  const kinds = [...release.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, words]) => words.split(" "))
  const kind = Object.keys(instructions).find((name) => kinds.includes(name)) ?? "other"
  return kind === "debian" && !existsSync("/usr/bin/apt-get") ? "other" : kind
}

function isRoot() {
  return process.getuid() === 0
}

function groupMembers(group) {
  const line = readFileSync("/etc/group", "utf8").split("\n").find((text) => text.startsWith(`${group}:`))
  return line?.split(":")[3]?.split(",") ?? []
}

function engineProgram() {
  return systemPath.split(":").map((folder) => join(folder, "dockerd")).find((file) => existsSync(file))
}

function run(command) {
  return spawnSync(command[0], command.slice(1), { stdio: "ignore" }).status === 0
}

function privileged(command) {
  return run(isRoot() ? command : ["sudo", "-n", ...command])
}

/** apt runs to its end in a session of its own: neither Ctrl-C nor our death leaves packages half installed. */
async function installEngine(env, state) {
  const log = logFile(state, "apt.log")
  const output = openSync(log, "w")
  const packages = ["docker.io", "iptables", "ca-certificates"]
  if (!/ cgroup2? /.test(readFileSync("/proc/mounts", "utf8"))) packages.push("cgroupfs-mount")
  const options = ["--option", `DPkg::Lock::Timeout=${aptLockSecondsMax}`, "--option", "Dpkg::Use-Pty=0"]
  await apt([...options, "update"]) // an unreachable list is no failure yet: the package may be in reach
  const code = await apt([...options, "install", "--yes", "--no-install-recommends", ...packages])
  if (code !== 0) {
    throw new SetUpFailure(`apt-get could not install the container engine (${code}):\n${tail(log)}`, {
      where: log, remedy: `mend what it says, or do it by hand: ${instructions.debian}`,
    })
  }

  function apt(args) {
    const proxies = ["http_proxy", "https_proxy", "no_proxy"].filter((name) => env[name]).map((name) => `${name}=${env[name]}`)
    const settings = [`PATH=${systemPath}`, "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "NEEDRESTART_SUSPEND=1"]
    const command = [...isRoot() ? [] : ["sudo", "-n"], "env", ...settings, ...proxies, "apt-get", ...args]
    const child = spawn(command[0], command.slice(1), { detached: true, stdio: ["ignore", output, output] })
    return new Promise((resolve) => child.once("exit", resolve).once("error", resolve))
  }
}

async function startEngine(env, state) {
  const bySystemd = existsSync("/run/systemd/system")
  const log = logFile(state, "engine.log")
  if (bySystemd) privileged(["systemctl", "start", "docker"])
  else if (!runningEngine()) startByHand(env, log)
  const deadlineMs = Date.now() + startMsMax
  const hopelessMs = Date.now() + hopelessAfterMs
  while (Date.now() < deadlineMs) {
    if (["answers", "EACCES"].includes(await ping(`unix://${defaultSocket}`, env))) return
    if (!bySystemd && Date.now() > hopelessMs && !runningEngine()) break
    await pause(100)
  }
  const other = runningEngine()
  if (!bySystemd && other) {
    throw new SetUpFailure(`A container engine runs (pid ${other}) and does not answer within ${startMsMax} ms`, {
      where: defaultSocket, remedy: "give the address at which it listens as DOCKER_HOST, or end it and start again",
    })
  }
  throw new SetUpFailure(`The container engine did not start${bySystemd ? "" : `:\n${reason(log)}`}`, {
    where: bySystemd ? "journalctl --unit docker" : log,
    remedy: "see the reason there; in a container or a restricted machine, give a DOCKER_HOST instead",
  })
}

/** dockerd in a session of its own, with its log in .recette/log: it outlives this command and its signals. */
function startByHand(env, log) {
  for (const { file, name } of pidFiles) if (!isProcess(file, name)) privileged(["rm", "--force", file])
  if (existsSync("/usr/bin/cgroupfs-mount")) privileged(["/usr/bin/cgroupfs-mount"])
  const proxies = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].filter((name) => env[name]).map((name) => `${name}=${env[name]}`)
  const clean = ["env", "--ignore-environment", `PATH=${systemPath}`, "HOME=/root", ...proxies]
  const daemon = ["setsid", "--fork", "sh", "-c", "cd / && exec dockerd >\"$0\" 2>&1 </dev/null", log]
  privileged([...clean, ...daemon])
}

/** The engine's own last word: a crash prints its stack below it. */
function reason(log) {
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : []
  return lines.filter((line) => /^(panic|fatal error):|failed to start|level=fatal/.test(line)).pop() ?? tail(log)
}

/**
 * The pid of a dockerd of this network namespace, whatever its socket: two on one network spoil each other's packet
 * filter rules, so that a second one is never started (a chroot, for example, sees no socket of the first).
 */
function runningEngine() {
  const network = namespaceOf("self")
  return readdirSync("/proc").find((pid) => {
    const fields = /^\d+$/.test(pid) ? processFields(pid) : undefined
    return fields?.name === "dockerd" && fields.state !== "Z" && [network, undefined].includes(namespaceOf(pid))
  })
}

/** `undefined` where this user may not look. */
function namespaceOf(pid) {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return undefined
  }
}

/** Whether the pid in `file` is a living process of that name; the pid of a dead engine may belong to another one now. */
function isProcess(file, name) {
  const command = isRoot() ? ["cat", file] : ["sudo", "-n", "cat", file]
  const { stdout } = spawnSync(command[0], command.slice(1), { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  const fields = processFields(Number(stdout.trim()) || 0)
  return fields !== undefined && fields.name === name && fields.state !== "Z"
}

function logFile(state, name) {
  const file = join(state, "log", name)
  mkdirSync(dirname(file), { recursive: true })
  return file
}
