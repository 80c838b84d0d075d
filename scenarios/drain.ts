/** A place where mail of the platform may still wait. `look` gives one text for each thing there. */
export interface Stage { name: string; look: () => Promise<readonly string[]> }

export interface DrainWish {
  /** In every address of one scenario. */
  token: string
  signal: AbortSignal
  /** Told what is still there, at each look that finds something. */
  onResidue?: (residue: readonly string[]) => void
}

interface Waiter extends DrainWish {
  /** Looks in a row, in the order of the stages, that found nothing of the token. */
  cleanLooks: number
  end: (error?: unknown) => void
}

/**
 * Tells when nothing of one scenario is left in the platform, while other scenarios go on.
 *
 * `stages` stand in the order in which mail passes them (edge, list engine's queue, its spools, its queue), and after
 * the last one comes the first again. A message leaves a stage only when it stands in a later one already: where each
 * stage in turn, and the first one again, was seen without the token, none can have slipped by between two looks.
 * All who wait share the looks.
 */
export class Drain {
  private readonly stages: readonly Stage[]
  private readonly waiters = new Set<Waiter>()
  private next = 0
  private isLooking = false
  constructor(stages: readonly Stage[]) {
    this.stages = stages
  }

  /**
   * Resolves once nothing that holds `token` is left. Rejects with the signal's reason when it aborts, and with the
   * LabFailure of a look that was not possible.
   */
  async untilNothingIsLeft(wish: DrainWish): Promise<void> {
    wish.signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const abort = () => waiter.end(wish.signal.reason)
      const waiter: Waiter = { ...wish, cleanLooks: 0, end: (error) => {
        this.waiters.delete(waiter)
        wish.signal.removeEventListener("abort", abort)
        if (error === undefined) resolve()
        else reject(error as Error)
      } }
      wish.signal.addEventListener("abort", abort, { once: true })
      this.waiters.add(waiter)
      void this.look()
    })
  }

  private async look(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    while (this.waiters.size > 0) {
      // Who comes during a look cannot rely on it.
      const present = [...this.waiters]
      const stage = this.next
      this.next = (stage + 1) % this.stages.length
      try {
        const found = await this.stages[stage]!.look()
        for (const waiter of present) this.tell(waiter, stage, found)
      } catch (error) {
        for (const waiter of present) waiter.end(error)
      }
    }
    this.isLooking = false
  }

  private tell(waiter: Waiter, stage: number, found: readonly string[]): void {
    const residue = found.filter((text) => text.includes(waiter.token))
    if (residue.length > 0) {
      waiter.cleanLooks = 0
      waiter.onResidue?.(residue.map((text) => `${this.stages[stage]!.name}: ${text}`))
    } else if (stage === waiter.cleanLooks % this.stages.length) {
      waiter.cleanLooks += 1
      if (waiter.cleanLooks > this.stages.length) waiter.end()
    }
  }
}
