import { setTimeout as pause } from "node:timers/promises"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"

const everyMs = 500
/** An engine under load may be slow; one that is silent for this long, in ms, is lost. */
const silenceMsMax = 10_000
/** A dialog that broke off may be an accident: only a second one in a row counts. */
const failuresMax = 2

/** Watches the engine while a lab runs: scenarios go on without it for minutes, in dialogs that can only fail. */
export class EngineWatch {
  private readonly controller = new AbortController()
  private readonly over = new AbortController()

  constructor() {
    void this.watch()
  }

  /** Aborts, with a LabFailure as its reason, once the engine no longer answers. */
  get lost(): AbortSignal {
    return this.controller.signal
  }

  /** What is to be said of `error`: where the engine is lost, that; whatever failed after it says less. */
  async explain(error: unknown): Promise<unknown> {
    if (!this.lost.aborted) await this.look(error)
    return this.lost.aborted ? this.lost.reason : error
  }

  [Symbol.dispose](): void {
    this.over.abort()
  }

  private async watch(): Promise<void> {
    while (!this.over.signal.aborted && !this.lost.aborted) {
      await this.look()
      await pause(everyMs, undefined, { signal: this.over.signal, ref: false }).catch(() => undefined)
    }
  }

  private async look(cause?: unknown): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        return await ping()
      } catch (error) {
        if (failures === failuresMax) return this.controller.abort(engineLost(cause ?? error))
      }
    }
  }
}

async function ping(): Promise<void> {
  const { container: { dockerode } } = await engine()
  const answer = dockerode.ping()
  answer.catch(() => undefined) // it may come after the silence
  const silence = new AbortController()
  const silent = pause(silenceMsMax, undefined, { signal: silence.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${silenceMsMax} ms`)
  })
  silent.catch(() => undefined)
  try {
    await Promise.race([answer, silent])
  } finally {
    silence.abort()
  }
}

function engineLost(cause: unknown): LabFailure {
  return new LabFailure("The container engine was lost while the run went on", {
    where: "DOCKER_HOST, or the engine's socket",
    remedy: "see in its log why it ended (journalctl --unit docker), start it, and run again: "
      + "the next command removes what this run left", cause,
  })
}
