import { setTimeout as pause } from "node:timers/promises"
import { academies } from "../fixtures/academies.ts"
import { StartedAcademiesContainer } from "../lab/academies.ts"
import type { LabHandle } from "../lab/handle.ts"
import type { WorldChange } from "./load-profile.ts"

/** Changes one academy's domain at a time; the lab's academies, or a test's. */
export interface ChangeableWorld {
  behave(domain: string, behaviour: WorldChange["behaviour"]): Promise<void>
  reset(domain?: string): Promise<void>
}

/**
 * What the academies do while a load runs: each change begins and ends at its time, counted from `begin()`. `end()` has them
 * take everything again, whatever time it is, and throws where a change could not be made: the load was another one then.
 */
export class WorldChanges {
  private readonly world: ChangeableWorld
  private readonly changes: readonly WorldChange[]
  private readonly over = new AbortController()
  private running: Promise<void>[] = []

  constructor(world: ChangeableWorld, changes: readonly WorldChange[]) {
    this.world = world
    this.changes = changes
  }

  begin(): void {
    this.running = this.changes.map(async (change) => this.run(change))
    // Told by end(), which comes later.
    for (const one of this.running) one.catch(() => undefined)
  }

  async end(): Promise<void> {
    this.over.abort()
    const ended = await Promise.allSettled(this.running)
    this.running = []
    const failed = ended.find((one) => one.status === "rejected")
    if (failed) throw failed.reason
  }

  private async run({ academies: names, behaviour, fromSeconds, untilSeconds }: WorldChange): Promise<void> {
    const domains = academies.filter(({ shortName }) => names.includes(shortName)).map(({ domain }) => domain)
    if (!await this.passed(fromSeconds)) return
    try {
      for (const domain of domains) await this.world.behave(domain, behaviour)
      await this.passed(untilSeconds - fromSeconds)
    } finally {
      for (const domain of domains) await this.world.reset(domain)
    }
  }

  /** False where the end came first. */
  private async passed(seconds: number): Promise<boolean> {
    return pause(Math.max(0, seconds) * 1_000, true, { signal: this.over.signal }).catch(() => false)
  }
}

/** The changes of a load on a lab; without any, its academies are not asked. */
export function changesOn(handle: LabHandle, changes: readonly WorldChange[]): WorldChanges {
  const world = changes.length === 0 ? noWorld : new StartedAcademiesContainer(handle)
  return new WorldChanges(world, changes)
}

const noWorld: ChangeableWorld = { behave: async () => undefined, reset: async () => undefined }
