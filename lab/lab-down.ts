import { readFileSync, statSync } from "node:fs"
import { sweep } from "./clean-up.ts"
import { engine } from "./engine.ts"
import { eventually } from "./eventually.ts"
import { InputError } from "./failure.ts"
import type { KeptLab } from "./kept-labs.ts"
import { LABELS, ownerFromLabels, startTicks, thisPlace, type Owner } from "./ownership.ts"

/** Its owner has 10 s to remove all; a busy machine may need longer to tell. */
const goneMsMax = 20_000

/** `ended`: its owner was asked and has removed everything; `swept`: its owner was dead, and what it left is removed now. */
export type DownOutcome = "ended" | "swept"

/**
 * Ends a kept lab and returns once nothing of it is left. The signal goes to its owner alone, after it is sure that the
 * process with that pid is the one that the lab's own labels name. Throws InputError where the owner cannot be asked from
 * here, and StillNotTrue where something stays.
 */
export async function endKeptLab({ note: { name, run, owner }, isAlive }: KeptLab): Promise<DownOutcome> {
  if (!isAlive) {
    // All that the dead left, its secrets too, as at the start of any command.
    await sweep()
    return "swept"
  }
  checkPlace(name, run, owner)
  // Signal 0 asks whether there may be one at all, before the engine is asked.
  signal(name, owner, 0)
  await checkLabels(name, run, owner)
  signal(name, owner, "SIGTERM")
  await eventually(`nothing of the lab ${name} is left`, async () =>
    startTicks(owner.pid) !== owner.startTicks && await thingsLeft(run) === 0, { withinMs: goneMsMax })
  return "ended"
}

/** Throws InputError where this user may not signal that process. One that has ended meanwhile needs none. */
function signal(name: string, { pid }: Owner, what: "SIGTERM" | 0): void {
  try {
    process.kill(pid, what)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ESRCH") return
    throw new InputError(`The lab ${name} belongs to ${userOf(pid)}, and this user may not end it`, {
      where: `process ${pid}`, remedy: `let ${userOf(pid)} end it: recette lab down ${name}`, cause,
    })
  }
}

function checkPlace(name: string, run: string, owner: Owner): void {
  const here = thisPlace()
  if (owner.bootId !== here.bootId || owner.pidNamespace !== here.pidNamespace) {
    throw new InputError(`The lab ${name} was started on another machine or in another container, whose processes are not seen from here`, {
      where: `run ${run}, process ${owner.pid} there`, remedy: `end it there: recette lab down ${name}`,
    })
  }
}

/** Throws InputError unless the run's things say that they are this owner's. */
async function checkLabels(name: string, run: string, owner: Owner): Promise<void> {
  const labelled = await ownersOf(run)
  if (labelled.length === 0) {
    throw new InputError(`Nothing in the engine says that process ${owner.pid} owns the lab ${name}: it is not touched`, {
      where: `container engine, label ${LABELS.run}=${run}`, remedy: `see what that process is (ps ${owner.pid}); if it is recette's, end it with kill ${owner.pid}`,
    })
  }
  const other = labelled.find((one) => one.pid !== owner.pid || one.startTicks !== owner.startTicks || one.bootId !== owner.bootId)
  if (other) {
    throw new InputError(`The things of run ${run} belong to process ${other.pid}, and the note of the lab ${name} says ${owner.pid}: neither is touched`, {
      where: `container engine, label ${LABELS.run}=${run}`, remedy: "see who wrote kept-lab.json in the run's folder",
    })
  }
}

async function ownersOf(run: string): Promise<Owner[]> {
  const { container: { dockerode } } = await engine()
  const networks = await dockerode.listNetworks({ filters: { label: [`${LABELS.run}=${run}`] } })
  return networks.flatMap(({ Labels }) => ownerFromLabels(Labels ?? {}) ?? [])
}

async function thingsLeft(run: string): Promise<number> {
  const { container: { dockerode } } = await engine()
  const filters = { label: [`${LABELS.run}=${run}`] }
  const [containers, networks] = await Promise.all([dockerode.listContainers({ all: true, filters }), dockerode.listNetworks({ filters })])
  return containers.length + networks.length
}

/** The user of a process, by name where the machine tells it. */
function userOf(pid: number): string {
  try {
    const { uid } = statSync(`/proc/${pid}`)
    const line = readFileSync("/etc/passwd", "utf8").split("\n").find((one) => one.split(":")[2] === String(uid))
    return line?.split(":")[0] ?? `user ${uid}`
  } catch {
    return "another user"
  }
}
