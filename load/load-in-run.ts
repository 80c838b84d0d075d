import { join } from "node:path"
import type { LabHandle } from "../lab/handle.ts"
import type { Ownership } from "../lab/own-lab.ts"
import type { RunRecord } from "../lab/run-record.ts"
import type { LoadProfile } from "./load-profile.ts"
import { runLoad } from "./run-load.ts"

/**
 * One load of a qualification; `loadMs` is the time of all of them. A load that fails is no failure of the run: `load/<profile>.json` says what failed, and the
 * requirements that rest on it are not judged. Throws the reason of an abort.
 */
export async function loadInRun(
  profile: LoadProfile, handle: LabHandle, record: RunRecord, seed: number, { progress, stop }: Ownership,
): Promise<void> {
  const started = performance.now()
  const title = { fr: `charge ${profile.name}`, en: `load ${profile.name}` }
  await progress.step(title, (detail) => runLoad({ handle, profile, seed, runFolder: record.folder, say: detail, signal: stop, isWatched: progress.isTerminal, lang: progress.lang }))
    .catch((error: unknown) => {
      stop.throwIfAborted()
      progress.say(`${title[progress.lang]}: ${(error as Error).message}\n  ${join(record.folder, "load", `${profile.name}.json`)}`)
    })
  const before = Number(record.facts.times["loadMs"] ?? 0)
  await record.add({ times: { loadMs: before + Math.round(performance.now() - started) } })
}
