import { spawn } from "node:child_process"
import { once } from "node:events"
import { closeSync, existsSync, openSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { LabFailure } from "./failure.ts"
import { inheritedEnvironment, settings } from "./settings.ts"
import { logFile } from "./state-folder.ts"
import { proxyArguments } from "./image-build.ts"

const aptLockSecondsMax = 600
const lastLinesMax = 12
const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
const tools = ["mmdebstrap", "debian-archive-keyring", "gpg", "mount"]

/**
 * Pid 1 of a namespace: runs the command and ends with it, or with its own standard input, which closes when recette
 * dies. Everything in the namespace ends with its pid 1, and the mounts go with it. Works through sudo as well.
 */
const diesWithItsOwner =
  'trap "exit 143" TERM; exec 3<&0; (cat <&3 >/dev/null; kill -s TERM 1) & "$@" </dev/null & wait "$!"'

/**
 * Makes a minimal Debian as a tar archive in `folder`, with mmdebstrap, which is installed where it is missing.
 * `sources` are lines of sources.list, or none for Debian's own.
 * Needs root or password-less sudo. Returns the archive's path.
 */
export async function makeDebianArchive(
  suite: string, folder: string, sources: readonly string[], signal?: AbortSignal,
): Promise<string> {
  const asRoot = await rootPrefix()
  await ensureTools(asRoot)
  const archive = join(folder, `${suite}.tar`)
  const log = await logFile("mmdebstrap")
  const command = [
    ...asRoot, "env", `PATH=${systemPath}`, `TMPDIR=${folder}`, "LC_ALL=C.UTF-8", ...await proxyPairs(),
    "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", diesWithItsOwner, "recette",
    "mmdebstrap", "--mode=root", "--variant=minbase", "--include=ca-certificates", ...certificateOptions(),
    suite, archive, ...sources,
  ]
  const code = await runLogged(command, { log, stdin: "pipe", signal })
  if (code === 0) return archive
  throw new LabFailure(`mmdebstrap could not make the base image (${code}):\n${await lastLines(log)}`, {
    where: log, remedy: "read that log; proxy, certificate authority and mirrors stand in .recette.env.example",
  })
}

/** `[]` for root, `sudo -n` where it asks no password. */
async function rootPrefix(): Promise<string[]> {
  if (process.getuid?.() === 0) return []
  if (await runLogged(["sudo", "-n", "true"], { log: await logFile("sudo") }).catch(() => 1) === 0) return ["sudo", "-n"]
  throw new LabFailure("No registry has the base image, and making it needs root", {
    where: "mmdebstrap", remedy: "name a registry that has it (RECETTE_IMAGE_REGISTRY), load debian:<suite>-slim into the "
      + "engine by hand, or run recette as root once",
  })
}

/** apt runs to its end in a session of its own: neither Ctrl-C nor our death leaves packages half installed. */
async function ensureTools(asRoot: string[]): Promise<void> {
  const there = systemPath.split(":").some((folder) => existsSync(join(folder, "mmdebstrap")))
  if (there) return
  if (!existsSync("/usr/bin/apt-get")) {
    throw new LabFailure("No registry has the base image, and mmdebstrap is missing", {
      where: "PATH", remedy: "install mmdebstrap, or name a registry that has the image (RECETTE_IMAGE_REGISTRY)",
    })
  }
  const log = await logFile("apt")
  const apt = [
    ...asRoot, "env", `PATH=${systemPath}`, "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", ...await proxyPairs(),
    "apt-get", "--option", `DPkg::Lock::Timeout=${aptLockSecondsMax}`,
  ]
  await runLogged([...apt, "update"], { log })
  const code = await runLogged([...apt, "install", "--yes", "--no-install-recommends", ...tools], { log })
  if (code === 0) return
  throw new LabFailure(`apt-get could not install mmdebstrap (${code}):\n${await lastLines(log)}`, {
    where: log, remedy: `mend what it says, or do it by hand: sudo apt-get install ${tools.join(" ")}`,
  })
}

/** Runs a command in a session of its own, its output to `log`; with stdin a pipe, that closes when we die. */
async function runLogged(
  command: readonly string[],
  { log, stdin = "ignore", signal }: { log: string; stdin?: "ignore" | "pipe"; signal?: AbortSignal | undefined },
): Promise<number> {
  const output = openSync(log, "w")
  const child = spawn(command[0]!, command.slice(1), {
    detached: true, stdio: [stdin, output, output], env: inheritedEnvironment(),
  })
  closeSync(output)
  child.stdin?.on("error", () => {}) // it ended before us
  const abort = () => child.stdin?.end()
  signal?.addEventListener("abort", abort, { once: true })
  try {
    const [code] = await once(child, "exit") as [number | null]
    signal?.throwIfAborted()
    return code ?? -1
  } finally {
    signal?.removeEventListener("abort", abort)
  }
}

async function proxyPairs(): Promise<string[]> {
  return Object.entries(proxyArguments()).map(([name, value]) => `${name}=${value}`)
}

/** mmdebstrap leaves apt options in the image; the hook takes the file away that only this machine has use for. */
function certificateOptions(): string[] {
  const { caFile } = settings()
  if (caFile === undefined) return []
  return [`--aptopt=Acquire::https::CaInfo "${caFile}"`, '--customize-hook=rm "$1/etc/apt/apt.conf.d/99mmdebstrap"']
}

async function lastLines(log: string): Promise<string> {
  return (await readFile(log, "utf8")).trimEnd().split("\n").slice(-lastLinesMax).join("\n")
}
