import { readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import type { FrontDoorProcess } from "./front-door-process.ts"
import { buildersOf } from "./leftovers.ts"
import { drawn } from "./live-seed.ts"
import { projectFolder } from "./state-folder.ts"
import { temporaryFolder } from "./temporary-release.ts"

/** When a run is ended: some time after something has happened. */
export interface Moment {
  when: string
  /** What it is asked to qualify, where that is not the default. */
  release?: () => string
  happens: (command: FrontDoorProcess) => Promise<void>
  /** Drawn from 0 to this many ms. */
  laterMsMax: number
}

export const setUp: Moment = { when: "while it sets itself up", happens: async () => undefined, laterMsMax: 1_000 }
export const building: Moment = {
  when: "while it builds an image", release: unbuiltRelease, laterMsMax: 3_000,
  happens: async (command) => {
    const { pid } = await command.owner()
    await command.reaches("a container of an image build runs", async () => (await buildersOf(pid)).length > 0)
  },
}
export const networks = afterLine("while it makes networks and holders", /^images: /m, 2_000)
export const components = afterLine("while its components start", /^a network namespace for each node: /m, 4_000)
export const proof = afterLine("while its isolation is proved", /^components: /m, 1_500)
export const scenarios = afterLine("while scenarios run", /^ {2}1\/\d+ /m, 3_000)

/** Waits until the moment has come; returns how many ms after `happens` that was. */
export async function waitFor({ when, happens, laterMsMax }: Moment, command: FrontDoorProcess, seed: number): Promise<number> {
  const laterMs = drawn(seed, when, laterMsMax)
  await happens(command)
  await pause(laterMs)
  return laterMs
}

function afterLine(when: string, line: RegExp, laterMsMax: number): Moment {
  return { when, laterMsMax, happens: (command) => command.says(line) }
}

/**
 * A release that needs an image of its own: one version of its packages.lock is left open. The image is never built to
 * its end here, so that it has to be built anew each time.
 */
function unbuiltRelease(): string {
  const shipped = join(projectFolder, "fixtures", "releases", "ariel-pr", "2026.1", "packages.lock")
  const lock = readFileSync(shipped, "utf8").replace(/^postfix-pcre=.*\n/m, "")
  return temporaryFolder({
    "release.yaml": "schema: recette.release/v1\nextends: ariel-pr/2026.1\nversion: unbuilt\n", "packages.lock": lock,
  })
}
