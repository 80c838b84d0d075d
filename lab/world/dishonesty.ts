import { WrongRequest } from "./control.ts"
import type { RecordedCopy } from "./load-recording.ts"

/**
 * What a server's record of a load gets wrong, while its answers stay as they were. No lab does this by itself: tests of
 * those who judge a load ask for it (lab/dishonest-academies.ts). Each key is optional, 1 to 1 000 000 copies.
 */
export interface Dishonesty {
  /** Every so many copies one is acknowledged and not on record: a platform that loses mail. */
  dropsEvery?: number
  /** … one is on record twice. */
  repeatsEvery?: number
  /** … one is on record with another text. */
  altersEvery?: number
  /** … one is on record for somebody else as well. */
  straysEvery?: number
  /** After so many copies the files are ended; the server goes on counting what it takes. */
  endsAfter?: number
}

/** What has been planted so far, in recipients: by the server itself, for a test to compare. */
export interface Planted { dropped: number; repeated: number; altered: number; strayed: number; unwritten: number }

const keys = ["dropsEvery", "repeatsEvery", "altersEvery", "straysEvery", "endsAfter"] as const satisfies (keyof Dishonesty)[]
const copiesMax = 1_000_000

/** Turns what a server took into what its record says. */
export class DishonestRecord {
  readonly planted: Planted = { dropped: 0, repeated: 0, altered: 0, strayed: 0, unwritten: 0 }
  private readonly ways: Dishonesty
  private copies = 0

  /** Throws WrongRequest for what came over the control and is none. */
  constructor(ways: unknown) {
    if (typeof ways !== "object" || ways === null) throw new WrongRequest(`a dishonesty is an object with ${keys.join(", ")}`)
    for (const [key, value] of Object.entries(ways)) {
      if (!keys.includes(key as keyof Dishonesty)) throw new WrongRequest(`no dishonesty ${key}; use ${keys.join(", ")}`)
      if (!Number.isInteger(value) || value < 1 || value > copiesMax) throw new WrongRequest(`${key} is 1 to ${copiesMax} copies`)
    }
    this.ways = ways as Dishonesty
  }

  /** The copies that go on record for one that was taken, and whether the files end before them. */
  of(copy: RecordedCopy): { recorded: RecordedCopy[]; isUnwritten: boolean } {
    const { dropsEvery, repeatsEvery, altersEvery, straysEvery, endsAfter } = this.ways
    this.copies += 1
    const isAt = (every: number | undefined) => every !== undefined && this.copies % every === 0
    const count = copy.recipients.length
    const isUnwritten = endsAfter !== undefined && this.copies > endsAfter
    if (isUnwritten) this.planted.unwritten += count
    if (isAt(dropsEvery)) {
      this.planted.dropped += count
      return { recorded: [], isUnwritten }
    }
    const recorded = [isAt(altersEvery) ? altered(copy) : copy]
    if (isAt(altersEvery)) this.planted.altered += count
    if (isAt(repeatsEvery)) {
      recorded.push(recorded[0]!)
      this.planted.repeated += count
    }
    if (isAt(straysEvery)) {
      recorded.push({ ...copy, recipients: [`stray.${copy.recipients[0]!}`] })
      this.planted.strayed += 1
    }
    return { recorded, isUnwritten }
  }
}

/** One letter more after the line with the id. */
function altered(copy: RecordedCopy): RecordedCopy {
  const marker = `\r\nId: ${copy.id}\r\n`
  return { ...copy, raw: Buffer.from(copy.raw.toString("latin1").replace(marker, `${marker}x`), "latin1") }
}
