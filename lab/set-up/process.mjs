// What the set-up knows of processes: their fields in /proc, a lock that dies with its holder, a failure with its cure.
import { spawn } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"

const waitingSaidAfterMs = 1_000

/** A set-up that cannot go on: what, where, what to do. Exit code 3, or 2 where the user's settings are wrong. */
export class SetUpFailure extends Error {
  constructor(message, { where, remedy, exitCode = 3 }) {
    super(`${message}\n  where: ${where}\n  what to do: ${remedy}`)
    this.exitCode = exitCode
  }
}

/** Fields of /proc/<pid>/stat (proc(5)), `undefined` where there is no such process. */
export function processFields(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const end = stat.lastIndexOf(")")
    const fields = stat.slice(end + 2).split(" ")
    return {
      name: stat.slice(stat.indexOf("(") + 1, end), state: fields[0], parent: Number(fields[1]),
      group: fields[2], foregroundGroup: fields[5], startTicks: fields[19],
    }
  } catch {
    return undefined
  }
}

export function ownFields() {
  return processFields(process.pid) ?? { group: "", foregroundGroup: "none" }
}

/** The last lines of a log. */
export function tail(file, lines = 12) {
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n")
}

/**
 * Runs `work` while no other command of this project holds `file`. The kernel's lock (flock(1)) is held by a child
 * that ends when this process does, however it ends. Without flock (outside Linux) the work runs unlocked.
 */
export async function withLock(file, say, work) {
  mkdirSync(dirname(file), { recursive: true })
  const holder = spawn("flock", ["--exclusive", file, "sh", "-c", "echo held; exec cat"], {
    detached: true, stdio: ["pipe", "pipe", "ignore"],
  })
  const waiting = setTimeout(() => say("another command is setting up this project; waiting for it"), waitingSaidAfterMs)
  await new Promise((resolve) => {
    holder.once("error", resolve)
    holder.once("exit", resolve)
    holder.stdout.once("data", resolve)
  })
  clearTimeout(waiting)
  try {
    return await work()
  } finally {
    holder.stdin.on("error", () => {})
    holder.stdin.end()
    holder.unref()
  }
}
