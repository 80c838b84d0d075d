import { setTimeout as pause } from "node:timers/promises"

const lookEveryMs = 20

/**
 * Containers of this process that are on their way into the engine: between being created and having started.
 * An engine that is told to remove one at that moment may forget to give its network endpoint back (clean-up.ts).
 */
let underWay = 0

/** Call before a container is created. Throws the abort's reason, so that an interrupted lab starts nothing more. */
export function startBegins(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted()
  underWay += 1
}

/** Call once the container has started; one that never does is waited for in vain, for a bounded time. */
export function startEnds(): void {
  underWay -= 1
}

/** Waits until no container is under way, at most `withinMs`. */
export async function startsSettled(withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (underWay > 0 && performance.now() < deadline) await pause(lookEveryMs)
  underWay = 0
}
