import type { LabCondition, NodeCondition, NodeState } from "./lab-observer.ts"
import { mapWords, stateSigns } from "./map-words.ts"
import { outside } from "./platform-schema.ts"
import { worldComponents } from "./platform.ts"

/** A node as its reader is told: everything in words. */
export interface NodeNews { state: NodeState; text: string; detail: string; queue: string; queueShort: string }

/** What the page's script writes into it, by node; `outside` stands for the world, by the worst of its parts. */
export interface MapNews { at: string; nodes: Record<string, NodeNews> }

const fromBad: readonly NodeState[] = ["gone", "stopped", "frozen", "unhealthy", "running"]

export function mapNews({ takenAt, nodes }: LabCondition, lang: "fr" | "en"): MapNews {
  const world = Object.entries(nodes).filter(([name]) => name === "gateway" || (worldComponents as readonly string[]).includes(name))
  const worst = fromBad.find((state) => world.some(([, one]) => one.state === state)) ?? "running"
  const told = Object.entries(nodes).map(([name, condition]) => [name, nodeNews(condition, lang)] as const)
  return { at: takenAt.slice(11, 19), nodes: Object.fromEntries([...told, [outside, nodeNews({ state: worst }, lang)]]) }
}

export function nodeNews({ state, detail = "", queue }: NodeCondition, lang: "fr" | "en"): NodeNews {
  const words = mapWords[lang]
  const count = Object.values(queue ?? {}).reduce((sum, one) => sum + one, 0)
  return {
    state, text: `${stateSigns[state]} ${words.states[state]}`, detail,
    queue: queue === undefined ? words.noQueue : queue === null ? words.unknownQueue : count === 0 ? words.none
      : `${count} (${Object.entries(queue).map(([name, one]) => `${name} ${one}`).join(", ")})`,
    queueShort: queue == null ? "" : count === 0 ? `${words.queue} ${words.none}` : words.waitingMail(count),
  }
}
