import { Listr } from "listr2"

/** Words in both languages of the reports. */
export interface Text { fr: string; en: string }

/** Shows what a command is doing: a live line on a terminal, one plain line a step elsewhere (CI). */
export interface Progress {
  /** Runs `work` as a named step and shows how long it took; `detail` replaces the step's small print. */
  step<T>(title: Text, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
  say(line: string): void
  /** An estimate is worth a line to a person who waits, and to nobody else. */
  readonly isTerminal: boolean
  readonly lang: "fr" | "en"
}

/** Progress goes to standard error, so that standard output carries only what was asked for. */
export function progressOn(stream: NodeJS.WriteStream, lang: "fr" | "en"): Progress {
  const say = (line: string): void => void stream.write(`${line}\n`)
  const step = stream.isTTY ? liveStep : plainStep(say, lang)
  return { say, isTerminal: stream.isTTY, lang, step: (title, work) => step(title[lang], work) }
}

type Step = <T>(title: string, work: (detail: (text: string) => void) => Promise<T>) => Promise<T>

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

function plainStep(say: (line: string) => void, lang: "fr" | "en"): Step {
  const failed = { fr: "échec après", en: "failed after" }[lang]
  return async (title, work) => {
    const started = performance.now()
    try {
      const result = await work((text) => say(`  ${text}`))
      say(`${title}: ${seconds(started)}`)
      return result
    } catch (error) {
      say(`${title}: ${failed} ${seconds(started)}`)
      throw error
    }
  }
}

function seconds(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`
}
