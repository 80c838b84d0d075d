import { Pace } from "../lab/pace.ts"

/** A place where mail of the platform may still wait. `look` gives one text for each thing there. */
export interface Stage {
  name: string
  look: () => Promise<readonly string[]>
  /** Whether such a thing may be anybody's: its text does not say whose it is. */
  mayBeAnybodys?: (text: string) => boolean
}

interface Waiter {
  token: string
  anybodys: boolean
  /** Looks in a row, in the order of the stages, that found nothing of the token. */
  cleanLooks: number
  resolve: (residue: readonly string[]) => void
  reject: (error: unknown) => void
}

/**
 * Tells whether anything of one scenario is left in the platform, while other scenarios go on.
 *
 * `stages` stand in the order in which mail passes them (edge; where there is one, list engine's queue, its spools, its queue), and after
 * the last one comes the first again. A message leaves a stage only when it stands in a later one already: where each
 * stage in turn, and the first one again, was seen without the token, none can have slipped by between two looks.
 * All who wait share the looks.
 */
export class Drain {
  /** A look costs as much processor time as a message, and while many wait one follows the other. */
  private readonly pace = new Pace(50)
  private readonly stages: readonly Stage[]
  private readonly waiters = new Set<Waiter>()
  private next = 0
  private isLooking = false
  constructor(stages: readonly Stage[]) {
    this.stages = stages
  }

  /**
   * What is left that holds `token`, with `anybodys` also what does not say whose it is: the first find, or nothing
   * after a whole round without one. Throws the LabFailure of a look that was not possible.
   */
  async residueOf(token: string, { anybodys = false } = {}): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.waiters.add({ token, anybodys, cleanLooks: 0, resolve, reject })
      void this.look()
    })
  }

  private async look(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    while (this.waiters.size > 0) {
      await this.pace.turn()
      // Who comes during a look cannot rely on it.
      const present = [...this.waiters]
      const stage = this.next
      this.next = (stage + 1) % this.stages.length
      try {
        const found = await this.stages[stage]!.look()
        for (const waiter of present) this.tell(waiter, stage, found)
      } catch (error) {
        for (const waiter of present) this.end(waiter, () => waiter.reject(error))
      }
    }
    this.isLooking = false
  }

  private tell(waiter: Waiter, stage: number, found: readonly string[]): void {
    const { token, anybodys } = waiter
    const { name, mayBeAnybodys } = this.stages[stage]!
    const residue = found.filter((text) => text.includes(token) || (anybodys && mayBeAnybodys?.(text)))
    if (residue.length > 0) {
      this.end(waiter, () => waiter.resolve(residue.map((text) => `${name}: ${text}`)))
    } else if (stage === waiter.cleanLooks % this.stages.length) {
      waiter.cleanLooks += 1
      if (waiter.cleanLooks > this.stages.length) this.end(waiter, () => waiter.resolve([]))
    }
  }

  private end(waiter: Waiter, settle: () => void): void {
    this.waiters.delete(waiter)
    settle()
  }
}
