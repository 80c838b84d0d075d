import { readdirSync, readFileSync } from "node:fs"
import { startTicks } from "./ownership.ts"

/** A process, told apart from a later one with the same pid by its start time. */
export interface RunningProcess { pid: number; startTicks: string; /** Its command line. */ command: string }

/** Every process below `pid`, however deep, also those in groups of their own. Linux only. */
export function descendantsOf(pid: number): RunningProcess[] {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)
    .map((each) => ({ pid: each, parent: parentOf(each) }))
  const below = new Set([pid])
  for (let size = 0; size < below.size;) {
    size = below.size
    for (const { pid: each, parent } of processes) if (parent !== undefined && below.has(parent)) below.add(each)
  }
  below.delete(pid)
  return [...below].flatMap((each) => {
    const ticks = startTicks(each)
    return ticks === undefined ? [] : [{ pid: each, startTicks: ticks, command: commandOf(each) }]
  })
}

/** Those of them that still run. */
export function stillRunning(processes: readonly RunningProcess[]): RunningProcess[] {
  return processes.filter(({ pid, startTicks: ticks }) => startTicks(pid) === ticks)
}

function parentOf(pid: number): number | undefined {
  const stat = textOf(pid, "stat")
  const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
  return Number.isInteger(parent) ? parent : undefined
}

function commandOf(pid: number): string {
  return textOf(pid, "cmdline").replaceAll("\0", " ").trim()
}

/** Empty for a process that has ended meanwhile. */
function textOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8")
  } catch {
    return ""
  }
}
