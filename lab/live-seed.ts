import { createHash } from "node:crypto"
import { inject } from "vitest"
import type { TestProject } from "vitest/node"

/** Hands Vitest's seed to the live tests: it is drawn from the clock, or given with `--sequence.seed`. */
export default function setUp(project: TestProject): void {
  project.provide("liveSeed", project.config.sequence.seed)
}

/** Seed of this run of the live tests. */
export function liveSeed(): number {
  return inject("liveSeed")
}

/** A number from 0 to `max`, the same for the same seed and name. */
export function drawn(seed: number, name: string, max: number): number {
  const draw = createHash("sha256").update(`${seed} ${name}`).digest().readUInt32BE(0)
  return Math.floor(draw / 2 ** 32 * (max + 1))
}

declare module "vitest" {
  interface ProvidedContext { liveSeed: number }
}
