import { readFileSync } from "node:fs"

/** A process that owns things in the engine, told apart from a later one with the same pid by boot and start time. */
export interface Owner { pid: number; bootId: string; /** Clock ticks since boot, field 22 of /proc/<pid>/stat. */ startTicks: string }

/** Labels on every container, network, volume and image that recette makes. Clean-up goes by these alone. */
export const LABELS = {
  run: "recette.run",
  pid: "recette.owner.pid",
  boot: "recette.owner.boot",
  start: "recette.owner.start",
  /** `holder`, `component`, `gateway`, `proof`, `network` or `builder`. */
  role: "recette.role",
  node: "recette.node",
} as const

export function thisOwner(): Owner {
  return { pid: process.pid, bootId: bootId(), startTicks: startTicks(process.pid) ?? "0" }
}

export function ownerLabels(run: string, owner: Owner): Record<string, string> {
  return {
    [LABELS.run]: run, [LABELS.pid]: String(owner.pid), [LABELS.boot]: owner.bootId, [LABELS.start]: owner.startTicks,
  }
}

export function ownerFromLabels(labels: Record<string, string>): Owner | undefined {
  const pid = Number(labels[LABELS.pid])
  const bootId = labels[LABELS.boot]
  const startTicks = labels[LABELS.start]
  return Number.isInteger(pid) && bootId && startTicks ? { pid, bootId, startTicks } : undefined
}

/** True while exactly that process runs: same boot, same pid, same start time. */
export function isAlive(owner: Owner): boolean {
  return owner.bootId === bootId() && startTicks(owner.pid) === owner.startTicks
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()
  } catch {
    return "no-boot-id"
  }
}

/** Start time of a process, `undefined` when there is none (a zombie counts as none). Linux: proc(5), /proc/pid/stat. */
export function startTicks(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? undefined : fields[19]
  } catch {
    return undefined
  }
}
