import { setTimeout as pause } from "node:timers/promises"
import { LabFailure } from "../../lab/failure.ts"
import type { LabHandle } from "../../lab/handle.ts"
import { StartedPostfixContainer } from "../../lab/postfix.ts"
import { StartedSympaContainer } from "../../lab/sympa.ts"
import type { SpoolEntry } from "../../lab/sympa-spool.ts"
import type { DrainLook, DrainRecord } from "./load-record.ts"

/** Between two rounds there is at least so many times as much time as one takes: of long queues a look is dear. */
const restPerRound = 5

/** A place where mail of the platform may still wait, and how to count it. */
export interface CountedStage { node: string; stage: string; count: () => Promise<number> }

/**
 * The stages of a lab in the order in which mail passes them: into the edges, through the list engines, and (by the look
 * that `awaitDrain` adds at the end) out through the edges again. What waits for a person stays and is not counted.
 */
export function stagesOf(handle: LabHandle): CountedStage[] {
  const nodes = Object.values(handle.nodes)
  const edges = nodes.filter(({ component }) => component === "postfix").map(({ name }): CountedStage => {
    const postfix = new StartedPostfixContainer(handle, name)
    return { node: name, stage: "queue", count: () => postfix.queueLength() }
  })
  const engines = nodes.filter(({ component }) => component === "sympa").flatMap(({ name }): CountedStage[] => {
    const sympa = new StartedSympaContainer(handle, name)
    const queue: CountedStage = { node: name, stage: "queue", count: () => sympa.queueLength() }
    return [
      queue,
      { node: name, stage: "spools", count: async () => (await sympa.spools()).filter(movesOn).length },
      { node: name, stage: "handed over", count: async () => (await sympa.handedOver()).length },
      queue,
    ]
  })
  return [...edges, ...engines]
}

/** Packets count; the message that they share may stay behind when two senders end its last ones (seen with Sympa 6.2.70). */
function movesOn({ waitsFor, spool }: SpoolEntry): boolean {
  return waitsFor === "engine" && spool !== "bulk/msg"
}

/**
 * Looks at all stages, round after round, until one round and its first stage again found nothing, or until the time is up:
 * the record says what was left then, and the ledger concludes nothing. Throws the LabFailure of a look that was not possible.
 */
export async function awaitDrain(
  stages: readonly CountedStage[], { withinMs, everyMs = 500, say }: { withinMs: number; everyMs?: number; say?: (line: string) => void },
): Promise<DrainRecord> {
  const [first] = stages
  if (!first) {
    throw new LabFailure("No node of this lab has a queue or a spool that could be counted", {
      where: "lab.json, nodes", remedy: "put a load on a platform with a Postfix or a list engine",
    })
  }
  const deadline = performance.now() + withinMs
  const order = stages.map(({ node, stage }) => ({ node, stage }))
  const nodes = [...new Set(order.map(({ node }) => node))]
  for (;;) {
    const started = performance.now()
    const looks: DrainLook[] = []
    for (const stage of [...stages, first]) looks.push(await look(stage))
    const left = looks.filter((one) => one.left > 0)
    if (left.length === 0 || performance.now() >= deadline) return { nodes, order, looks }
    say?.(`left: ${left.map(({ node, stage, left }) => `${node} ${stage} ${left}`).join(", ")}`)
    const now = performance.now()
    await pause(Math.min(Math.max(everyMs, restPerRound * (now - started)), Math.max(0, deadline - now)))
  }
}

async function look({ node, stage, count }: CountedStage): Promise<DrainLook> {
  const startedUs = nowUs()
  return { node, stage, startedUs, left: await count(), endedUs: nowUs() }
}

function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000)
}
