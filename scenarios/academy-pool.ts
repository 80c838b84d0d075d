import { academies, type Academy } from "../fixtures/academies.ts"

/**
 * Academies whose behaviour a scenario may set, which no scenario names. All others accept everything, always, so that
 * scenarios may share them.
 */
export const lent: readonly Academy[] = academies.filter(({ shortName }) => [
  "aix-marseille", "amiens", "clermont", "corse", "guadeloupe", "guyane", "limoges", "martinique", "mayotte", "poitiers",
  "reims", "reunion",
].includes(shortName))

interface Request { count: number; give: (taken: Academy[]) => void }

/**
 * Lends each academy to one scenario at a time, so that one that sets how an academy behaves disturbs no other.
 * Who asks first is served first; nobody waits for a request that came later.
 */
export class AcademyPool {
  private free: Academy[]
  private readonly requests: Request[] = []
  constructor(all: readonly Academy[] = lent) {
    this.free = [...all]
  }

  /** `count` academies, as soon as so many are free: at most 12. */
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
