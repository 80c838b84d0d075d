import type { LabHandle } from "../lab/handle.ts"
import type { LoadFile } from "./load-file.ts"
import type { LoadProfile } from "./load-profile.ts"

/** What a load is about to do: `send` (all is prepared, recordings run), `drain` (k6 has ended), `record` (the platform is empty). */
export type LoadMoment = "send" | "drain" | "record"

export interface LoadOrder {
  handle: LabHandle
  profile: LoadProfile
  /** Of people, addresses and texts. */
  seed: number
  /** The run's folder: `load/<profile>.json` and `ledger/<profile>/` are made in it, `logs/` is read. */
  runFolder: string
  /** One short line on what is going on. */
  say?: (line: string) => void
  /** Its abort ends the load; the promise is then rejected with its reason. */
  signal?: AbortSignal
  /** Awaited at each moment: for tests that break something in between. */
  at?: (moment: LoadMoment) => Promise<void>
}

/**
 * Runs a load on a lab that is up, to the end of its drain, reconciles it, judges its own honesty and writes
 * `load/<profile>.json`, which it returns. Whatever the platform did is in there; so is a gap of the record and a bound of
 * honesty that was not kept. Throws a LabFailure where the load could not be run to its end; the file then says so as well.
 */
export async function runLoad(order: LoadOrder): Promise<LoadFile> {
  throw new Error(`not yet: ${order.profile.name}`)
}
