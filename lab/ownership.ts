import { createHash } from "node:crypto"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { hostname } from "node:os"

/** A process that owns things in the engine, told apart from every other one that the same engine may serve. */
export interface Owner {
  pid: number
  /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */
  startTicks: string
  bootId: string
  /** Inode of the pid namespace in which `pid` counts: two containers on one engine have each its own pid 17. */
  pidNamespace: string
  /** A short hash of the machine's id and host name, which stay over a boot. */
  machine: string
}

/** Labels on every container, network, volume and image that recette makes. Clean-up goes by these alone. */
export const LABELS = {
  run: "recette.run",
  pid: "recette.owner.pid",
  boot: "recette.owner.boot",
  start: "recette.owner.start",
  pidNamespace: "recette.owner.pid-namespace",
  machine: "recette.owner.machine",
  /** `holder`, `component`, `gateway`, `proof`, `network` or `builder`. */
  role: "recette.role",
  node: "recette.node",
} as const

/** Of the machine itself: PROC_PID_INIT_INO, linux/proc_ns.h. */
const initialPidNamespace = "4026531836"
const unknown = "unknown"
let place: Pick<Owner, "bootId" | "pidNamespace" | "machine"> | undefined

export function thisOwner(): Owner {
  return { pid: process.pid, startTicks: startTicks(process.pid) ?? "0", ...thisPlace() }
}

/** Where this process counts: part of its name as an owner. */
export function thisPlace(): Pick<Owner, "bootId" | "pidNamespace" | "machine"> {
  return place ??= {
    bootId: textOf("/proc/sys/kernel/random/boot_id") ?? "no-boot-id", pidNamespace: pidNamespace("self"), machine: machine(),
  }
}

export function ownerLabels(run: string, owner: Owner): Record<string, string> {
  return {
    [LABELS.run]: run, [LABELS.pid]: String(owner.pid), [LABELS.boot]: owner.bootId, [LABELS.start]: owner.startTicks,
    [LABELS.pidNamespace]: owner.pidNamespace, [LABELS.machine]: owner.machine,
  }
}

export function ownerFromLabels(labels: Record<string, string>): Owner | undefined {
  const pid = Number(labels[LABELS.pid])
  const bootId = labels[LABELS.boot]
  const startTicks = labels[LABELS.start]
  if (!Number.isInteger(pid) || !bootId || !startTicks) return undefined
  const { [LABELS.pidNamespace]: pidNamespace = unknown, [LABELS.machine]: machine = unknown } = labels
  return { pid, bootId, startTicks, pidNamespace, machine }
}

/**
 * False only where that process is known to be dead: this machine was booted since, or no process of its pid namespace
 * has that pid and start time, or the whole namespace is gone (only the machine's own root can see that).
 * What another machine or another container made through the same engine counts as alive: it is swept by a command
 * there, or by one of the machine itself, never by a neighbour that cannot see its processes.
 */
export function isAlive(owner: Owner): boolean {
  const here = thisPlace()
  if (owner.bootId !== here.bootId) return owner.machine !== here.machine
  if (owner.pidNamespace === here.pidNamespace) return startTicks(owner.pid) === owner.startTicks
  return !isGone(owner.pidNamespace)
}

/**
 * Start time of a process, `undefined` when there is none (a zombie counts as none). Linux: proc(5), /proc/pid/stat.
 * Elsewhere every living process has "0": there an owner is known by its pid alone.
 */
export function startTicks(pid: number): string | undefined {
  if (process.platform !== "linux") return answers(pid) ? "0" : undefined
  const stat = textOf(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" ? undefined : fields[19]
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** True where every process of the machine can be looked at and none is in that namespace. */
function isGone(namespace: string): boolean {
  if (thisPlace().pidNamespace !== initialPidNamespace) return false
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  return pids.every((pid) => ![namespace, unknown].includes(pidNamespace(pid)))
}

function pidNamespace(pid: string): string {
  try {
    return /\d+/.exec(readlinkSync(`/proc/${pid}/ns/pid`))?.[0] ?? unknown
  } catch {
    return unknown
  }
}

function machine(): string {
  const names = [textOf("/etc/machine-id") ?? "", hostname()]
  return createHash("sha256").update(names.join("\n")).digest("hex").slice(0, 12)
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim()
  } catch {
    return undefined
  }
}
