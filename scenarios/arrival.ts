import { eventually, StillNotTrue } from "../lab/eventually.ts"

/** After this time an arrival is unusual, in ms: only then is it worth to look into queues and spools. */
const usualMsMax = 3_000

export interface Arrival {
  /** Addresses that have no copy yet. */
  missing: () => Promise<readonly string[]>
  /** Whether the platform holds nothing any more of what is awaited (Drain): then it never comes. */
  isDrained: () => Promise<boolean>
  withinMs: number
  everyMs: number
  usualMs?: number
}

/**
 * Waits until nothing is missing. Throws StillNotTrue after `withinMs`, or as soon as something is still missing
 * although the platform held nothing of it before that look: mail that is lost need not be waited for.
 */
export async function awaitArrival(
  condition: string, { missing, isDrained, withinMs, everyMs, usualMs = usualMsMax }: Arrival,
): Promise<void> {
  const started = performance.now()
  let lost: string | undefined
  await eventually(condition, async () => {
    const drained = performance.now() - started > usualMs && await isDrained()
    const left = await missing()
    if (left.length === 0) return true
    const text = `nothing at ${left.join(", ")}`
    if (!drained) throw new StillNotTrue(text)
    lost = text
    return true
  }, { withinMs, everyMs })
  if (lost !== undefined) throw new StillNotTrue(`Never true: ${condition}\n  last probe: ${lost}, and nothing of it is left in the platform`)
}
