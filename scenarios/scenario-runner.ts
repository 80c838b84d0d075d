import { createHash } from "node:crypto"
import { TestRunner, type RunnerTask, type RunnerTestFile } from "vitest"

/**
 * Vitest's own runner, but for the order: it shuffles only tests that run one after the other, never those that run side
 * by side. Exclusive scenarios come first, so that nothing waits for others to end but them; the shared ones of all suites
 * are mixed, so that those that work the list engine meet those that work the web server.
 */
export default class ScenarioRunner extends TestRunner {
  onCollected(files: RunnerTestFile[]): void {
    const { seed, shuffle } = this.config.sequence
    for (const file of files) file.tasks = inOrder(file.tasks, shuffle ? seed : undefined)
  }
}

/** Exclusive tasks, then the others; each part in an order that depends on the seed and the name alone, or as it was. */
export function inOrder<T extends Pick<RunnerTask, "name" | "concurrent">>(tasks: readonly T[], seed?: number): T[] {
  const place = ({ name }: T) => createHash("sha256").update(`${seed} ${name}`).digest("hex")
  const mixed = seed === undefined ? [...tasks] : tasks.toSorted((one, other) => place(one) < place(other) ? -1 : 1)
  return [...mixed.filter(({ concurrent }) => !concurrent), ...mixed.filter(({ concurrent }) => concurrent)]
}
