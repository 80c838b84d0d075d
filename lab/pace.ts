import { setTimeout as pause } from "node:timers/promises"

/** Lets something dear begin at most once in `everyMs`, for one who asks after the other. */
export class Pace {
  private readonly everyMs: number
  private begun = -Infinity
  constructor(everyMs: number) {
    this.everyMs = everyMs
  }

  /** Resolves when it may begin. */
  async turn(): Promise<void> {
    const wait = this.begun + this.everyMs - performance.now()
    if (wait > 0) await pause(wait)
    this.begun = performance.now()
  }
}
