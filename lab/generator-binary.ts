import { inheritedEnvironment } from "./settings.ts"
import { ensureGenerator, type Generator } from "./set-up/generator.mjs"
import { projectFolder, stateFolder } from "./state-folder.ts"

/**
 * The load generator for this state of its sources, built where it is missing (minutes of CPU, once): the static binary,
 * which images copy in, and the Go that builds it. `onStep` is told what takes time; where nothing is built, never.
 */
export async function ensuredGenerator(onStep: (text: string) => void = () => undefined): Promise<Generator> {
  return ensureGenerator({
    env: inheritedEnvironment(), project: projectFolder, state: stateFolder, say: onStep,
    step: async (name, work) => {
      onStep(name)
      return work()
    },
  })
}
