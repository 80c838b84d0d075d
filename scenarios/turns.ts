/** Lets a few at a time go on; the others wait in the order in which they came. */
export class Turns {
  private free: number
  private readonly waiting: (() => void)[] = []
  constructor(count: number) {
    this.free = count
  }

  async take(): Promise<void> {
    if (this.free > 0) {
      this.free -= 1
      return
    }
    await new Promise<void>((resolve) => this.waiting.push(resolve))
  }

  giveBack(): void {
    const next = this.waiting.shift()
    if (next) next()
    else this.free += 1
  }
}
