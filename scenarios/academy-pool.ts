import { academies, type Academy } from "../fixtures/academies.ts"

interface Request { count: number; give: (taken: Academy[]) => void }

/**
 * Lends each academy to one scenario at a time, so that one that sets how an academy behaves disturbs no other.
 * Who asks first is served first; nobody waits for a request that came later.
 */
export class AcademyPool {
  private free: Academy[]
  private readonly requests: Request[] = []
  constructor(all: readonly Academy[] = academies) {
    this.free = [...all]
  }

  /** `count` academies, as soon as so many are free: at most 30. */
  async take(count: number): Promise<Academy[]> {
    return new Promise((give) => {
      this.requests.push({ count, give })
      this.serve()
    })
  }

  giveBack(taken: readonly Academy[]): void {
    this.free.push(...taken)
    this.serve()
  }

  private serve(): void {
    while (this.requests[0] && this.requests[0].count <= this.free.length) {
      const { count, give } = this.requests.shift()!
      give(this.free.splice(0, count))
    }
  }
}
