import { inheritedEnvironment } from "./settings.ts"
import { ensureGenerator, ensureGo, type Generator, type GeneratorRequest } from "./set-up/generator.mjs"
import { projectFolder, stateFolder } from "./state-folder.ts"

/**
 * The load generator for this state of its sources, built where it is missing (minutes of CPU, once): static binaries,
 * which images copy in. `onStep` is told what takes time; where nothing is built, never.
 */
export async function ensuredGenerator(onStep?: (text: string) => void): Promise<Generator> {
  return ensureGenerator(request(onStep))
}

/** A Go toolchain that builds the generator, for its tests. */
export async function ensuredGo(onStep?: (text: string) => void): Promise<string> {
  return ensureGo(request(onStep))
}

function request(onStep: (text: string) => void = () => undefined): GeneratorRequest {
  return {
    env: inheritedEnvironment(), project: projectFolder, state: stateFolder, say: onStep,
    step: async (name, work) => {
      onStep(name)
      return work()
    },
  }
}
