import { startTicks } from "./ownership.ts"

const watchEveryMs = 500
const sameRequestMs = 500

/** Why a command ends before its work is done. */
export class Interrupted extends Error { override readonly name = "Interrupted" }

/**
 * A signal that aborts once this process is asked to end: SIGINT, SIGTERM, SIGHUP, or the death of one of `ancestors`
 * (the npm and the bootstrap above it, which may be killed with -9 and then tell nobody).
 * `ancestors` is `pid:startTicks,…`, as the bootstrap hands it over.
 */
export function stopSignal(ancestors: string | undefined, say: (line: string) => void): AbortSignal {
  const controller = new AbortController()
  let askedMs = 0
  const stop = (why: string): void => {
    if (controller.signal.aborted) {
      // A terminal's Ctrl-C comes twice: to this process, and through the npm above it.
      if (performance.now() - askedMs > sameRequestMs) say("already stopping: what this run made is being removed")
      return
    }
    askedMs = performance.now()
    say(`${why}: stopping, and removing what this run made`)
    controller.abort(new Interrupted(why))
  }
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop(name))
  watchAncestors(ancestors, stop)
  return controller.signal
}

function watchAncestors(ancestors: string | undefined, stop: (why: string) => void): void {
  const known = (ancestors ?? "").split(",").filter(Boolean).map((entry) => entry.split(":"))
  if (known.length === 0) return
  const timer = setInterval(() => {
    const gone = known.find(([pid, ticks]) => startTicks(Number(pid)) !== ticks)
    if (!gone) return
    clearInterval(timer)
    stop(`the process ${gone[0]} above this one has ended`)
  }, watchEveryMs)
  timer.unref()
}

/** `work`, or a rejection with the abort's reason as soon as `signal` aborts, whichever comes first. */
export async function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined) // it may fail after nobody waits for it any more
  signal.throwIfAborted()
  let abort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error)
    signal.addEventListener("abort", abort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener("abort", abort)
  }
}
