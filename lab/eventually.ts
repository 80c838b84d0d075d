import { setTimeout as pause } from "node:timers/promises"
import { LabFailure } from "./failure.ts"

/** A named condition did not come true in its budget: what was awaited did not happen. */
export class StillNotTrue extends Error { override readonly name = "StillNotTrue" }

/**
 * Probes until `probe` returns something other than `undefined` or `false`, and returns that.
 * `condition` is a sentence; it becomes the error. A probe that throws counts as "not yet" and is kept as `cause`.
 * Throws StillNotTrue after `withinMs`; throws the LabFailure itself where the last probe could not look at all.
 */
export async function eventually<T>(
  condition: string,
  probe: () => Promise<T | undefined | false>,
  { withinMs, everyMs = 100 }: { withinMs: number; everyMs?: number },
): Promise<T> {
  const deadline = performance.now() + withinMs
  let cause: unknown
  do {
    try {
      const found = await probe()
      if (found !== undefined && found !== false) return found
      cause = undefined
    } catch (error) {
      cause = error
    }
    await pause(everyMs)
  } while (performance.now() < deadline)
  if (cause instanceof LabFailure) throw cause
  const last = cause instanceof Error ? `\n  last probe: ${cause.message}` : ""
  throw new StillNotTrue(`Still not true after ${withinMs} ms: ${condition}${last}`, { cause })
}
