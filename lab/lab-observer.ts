import { engine } from "./engine.ts"
import type { LabHandle, NodeHandle } from "./handle.ts"
import { StartedInsideContainer } from "./inside-container.ts"
import { LABELS } from "./ownership.ts"
import { worldComponents } from "./platform.ts"
import { StartedSympaContainer } from "./sympa.ts"

/** `unhealthy`: it runs and its own readiness check fails or does not end; `frozen`: the engine has paused it. */
export type NodeState = "running" | "unhealthy" | "frozen" | "stopped" | "gone"

export interface NodeCondition {
  state: NodeState
  /** Why it is unhealthy, in the check's own words. */
  detail?: string
  /** Messages by queue or spool (`active`, `deferred`, `msg`), only what is not empty; `null` where that is not known. Absent where a node has none. */
  queue?: Record<string, number> | null
}

/** A lab at one moment: its nodes, and the gateway under `gateway`. */
export interface LabCondition { takenAt: string; nodes: Record<string, NodeCondition> }

/** A readiness check is a dialog with the server: dear enough not to hold it at each look, but where it has just failed. */
const readyEveryMs = 30_000
const readyAgainMs = 5_000
/** A check or a count that takes longer counts as no answer. */
const answerMsMax = 8_000
const queueComponents = ["postfix", "sympa"]
/** Counts by folder, whatever their depth: one line a folder, however full it is. */
const countQueues = "cd /var/spool/postfix && find maildrop incoming active deferred hold -ignore_readdir_race -type f -printf '%H\\n' | sort | uniq -c"

interface Watched {
  node: NodeHandle
  container: StartedInsideContainer
  ready: { atMs: number; fault?: string }
  queue: Record<string, number> | undefined
  /** Questions that have no answer yet, with the time of each. */
  underWay: Map<"ready" | "queue", number>
}

/**
 * Looks at a running lab from outside of its components: one question to the engine a look, counts of queues over shells
 * that stay, and the readiness check of each of the platform's servers every 30 s. Nothing is asked between looks.
 */
export class LabObserver {
  private readonly handle: LabHandle
  private readonly watched: Watched[]
  constructor(handle: LabHandle) {
    this.handle = handle
    this.watched = Object.values(handle.nodes).map((node) => ({
      node, container: node.component === "sympa" ? new StartedSympaContainer(handle, node.name) : new StartedInsideContainer(handle, node.name),
      ready: { atMs: -Infinity }, queue: undefined, underWay: new Map(),
    }))
  }

  async look(): Promise<LabCondition> {
    const states = await this.containerStates()
    await Promise.all(this.watched.map(async (one) => {
      if (states.get(one.node.containerId) === "running") return this.ask(one)
      // Once it runs again, what was true before says nothing.
      one.ready = { atMs: -Infinity }
      one.queue = undefined
    }))
    const gateway = stateOf(states.get(this.handle.gateway.containerId))
    return {
      takenAt: new Date().toISOString(),
      nodes: { ...Object.fromEntries(this.watched.map((one) => [one.node.name, conditionOf(one, states.get(one.node.containerId))])), gateway: { state: gateway } },
    }
  }

  private async containerStates(): Promise<Map<string, string>> {
    const { container: { dockerode } } = await engine()
    const containers = await dockerode.listContainers({ all: true, filters: { label: [`${LABELS.run}=${this.handle.run}`] } })
    return new Map(containers.map(({ Id, State }) => [Id, State]))
  }

  /** Asks what is due, one question of a kind at a time. */
  private async ask(one: Watched): Promise<void> {
    const now = performance.now()
    const isServer = !(worldComponents as readonly string[]).includes(one.node.component)
    const due = isServer && now - one.ready.atMs >= (one.ready.fault === undefined ? readyEveryMs : readyAgainMs)
    await Promise.all([
      due && this.within(one, "ready", async () => {
        const { exitCode, stdout, stderr } = await one.container.exec(["/ready.sh"], { often: true })
        one.ready = { atMs: now, ...exitCode === 0 ? {} : { fault: lastLine(stderr || stdout) } }
      }),
      queueComponents.includes(one.node.component) && this.within(one, "queue", async () => { one.queue = await queueOf(one) }),
    ])
  }

  /** Waits for an answer no longer than is decent; it may still come, and no second question is asked before. */
  private async within(one: Watched, what: "ready" | "queue", question: () => Promise<void>): Promise<void> {
    const askedMs = one.underWay.get(what)
    const late = () => {
      if (what === "ready") one.ready = { ...one.ready, fault: `no answer for ${Math.round((performance.now() - (one.underWay.get(what) ?? 0)) / 1_000)} s` }
      else one.queue = undefined
    }
    if (askedMs !== undefined) return performance.now() - askedMs > answerMsMax ? late() : undefined
    one.underWay.set(what, performance.now())
    const answer = question().catch((error: unknown) => {
      if (what === "ready") one.ready = { atMs: performance.now(), fault: lastLine((error as Error).message) }
      else one.queue = undefined
    }).finally(() => one.underWay.delete(what))
    let timer: NodeJS.Timeout | undefined
    await Promise.race([answer, new Promise<void>((resolve) => { timer = setTimeout(() => { late(); resolve() }, answerMsMax) })])
    clearTimeout(timer)
  }
}

async function queueOf({ node, container }: Watched): Promise<Record<string, number>> {
  const counts = countsOf(await container.run(["sh", "-c", countQueues], { often: true }))
  if (!(container instanceof StartedSympaContainer) || node.component !== "sympa") return counts
  for (const { spool, waitsFor } of await container.spools()) {
    const name = waitsFor === "nothing" ? `${spool} (bad)` : spool
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

/** Reads `uniq -c`: a number and a folder a line. */
export function countsOf(output: string): Record<string, number> {
  return Object.fromEntries([...output.matchAll(/^ *(\d+) (\S+)$/gm)].map(([, count, folder]) => [folder!, Number(count)]))
}

function conditionOf({ ready, queue, node }: Watched, container: string | undefined): NodeCondition {
  const state = stateOf(container)
  const hasQueue = queueComponents.includes(node.component)
  if (state !== "running") return { state, ...hasQueue ? { queue: null } : {} }
  const shown = hasQueue ? { queue: queue ?? null } : {}
  return ready.fault === undefined ? { state, ...shown } : { state: "unhealthy", detail: ready.fault, ...shown }
}

/** The engine's word for a container as ours. */
export function stateOf(container: string | undefined): NodeState {
  if (container === "running" || container === "paused") return container === "running" ? "running" : "frozen"
  return container === undefined || container === "removing" ? "gone" : "stopped"
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 300) ?? ""
}
