import { Listr } from "listr2"

/** Shows what a command is doing: a live line on a terminal, one plain line a step elsewhere (CI). */
export interface Progress {
  /** Runs `work` as a named step and shows how long it took; `detail` replaces the step's small print. */
  step<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
  say(line: string): void
}

/** Progress goes to standard error, so that standard output carries only what was asked for. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  const say = (line: string): void => void stream.write(`${line}\n`)
  return { say, step: stream.isTTY ? liveStep : plainStep(say) }
}

async function liveStep<T>(title: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T> {
  let result: T | undefined
  const list = new Listr([{
    title,
    task: async (_context, task): Promise<void> => {
      const started = performance.now()
      result = await work((text) => { task.output = text })
      task.title = `${title} (${seconds(started)})`
    },
  }], { registerSignalListeners: false, rendererOptions: { showErrorMessage: false } })
  await list.run()
  return result as T
}

function plainStep(say: (line: string) => void): Progress["step"] {
  return async (title, work) => {
    const started = performance.now()
    try {
      const result = await work((text) => say(`  ${text}`))
      say(`${title}: ${seconds(started)}`)
      return result
    } catch (error) {
      say(`${title}: failed after ${seconds(started)}`)
      throw error
    }
  }
}

function seconds(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
}
