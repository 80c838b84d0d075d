import { academies, academiesToVerify, type Academy } from "../fixtures/academies.ts"

/**
 * Academies whose behaviour a scenario may set, which no scenario names. All others accept everything, always, so that
 * scenarios may share them.
 */
export const lent: readonly Academy[] = academies.filter(({ shortName }) => [
  "aix-marseille", "amiens", "clermont", "corse", "guadeloupe", "guyane", "limoges", "martinique", "mayotte", "poitiers",
  "reims", "reunion",
].includes(shortName))

interface Request { count: number; among: readonly Academy[]; give: (taken: Academy[]) => void }

/**
 * Lends each academy to one scenario at a time, so that one that sets how an academy behaves disturbs no other.
 * Of those who want the same academies, who asks first is served first.
 */
export class AcademyPool {
  private free: Academy[]
  private requests: Request[] = []
  constructor(all: readonly Academy[] = [...lent, ...academiesToVerify]) {
    this.free = [...all]
  }

  /** `count` academies `among` these, as soon as so many of them are free. */
  async take(count: number, among: readonly Academy[] = lent): Promise<Academy[]> {
    return new Promise((give) => {
      this.requests.push({ count, among, give })
      this.serve()
    })
  }

  giveBack(taken: readonly Academy[]): void {
    this.free.push(...taken)
    this.serve()
  }

  private serve(): void {
    const wanted = new Set<Academy>()
    const waiting: Request[] = []
    for (const request of this.requests) {
      const free = this.free.filter((academy) => request.among.includes(academy) && !wanted.has(academy))
      if (free.length < request.count) {
        waiting.push(request)
        for (const academy of request.among) wanted.add(academy)
        continue
      }
      const given = free.slice(0, request.count)
      this.free = this.free.filter((academy) => !given.includes(academy))
      request.give(given)
    }
    this.requests = waiting
  }
}
