import type { Delay } from "./delay.ts"
import { keptName, writeNote, type KeptLabNote } from "./kept-labs.ts"
import { writeAuthority } from "./lab-access.ts"
import { LabObserver } from "./lab-observer.ts"
import { serveMap } from "./map-server.ts"
import { ownership, withLab, type Ownership } from "./own-lab.ts"
import { thisOwner } from "./ownership.ts"
import { platformOfRun } from "./platform.ts"
import type { RunRecord } from "./run-record.ts"
import { openRecord, type RunInput, type RunRequest } from "./run-request.ts"
import { unlessStopped } from "./stop-signal.ts"

export interface KeepRequest extends Pick<RunRequest, "out" | "seed" | "lang"> {
  /** Run id; absent: one is drawn. */
  run?: string
  delays?: readonly Delay[]
  /** Called once it is ready and its page is served. */
  onReady: (lab: { record: RunRecord; note: KeptLabNote; owner: Ownership }) => void
}

/**
 * Keeps a lab up, with its page on loopback, until this process is asked to end; then all of it is removed. Its folder
 * says what it is: `kept-lab.json`, `lab.json`, `ca.pem`, `logs/`. Throws where the lab could not be started.
 */
export async function keepLab(name: string, input: RunInput, request: KeepRequest): Promise<void> {
  const owner = ownership(request.lang)
  const record = await openRecord(name, input, { level: "quick", ...request }, request.run)
  const { run } = record.facts
  const note: KeptLabNote = {
    schema: "recette.kept-lab/v1", name: keptName(input.platform.name, run), run, owner: thisOwner(), release: input.release.name, startedAt: new Date().toISOString(),
  }
  await writeNote(record.folder, note)
  await withLab({ ...input, delays: request.delays ?? [] }, record, request.seed, owner, async ({ handle }, watched) => {
    await writeAuthority(handle)
    await using page = await serveMap({
      note, handle, lang: request.lang, platform: platformOfRun(record.folder), observer: new LabObserver(handle),
    })
    const ready: KeptLabNote = { ...note, readyAt: new Date().toISOString(), page: page.url }
    await writeNote(record.folder, ready)
    request.onReady({ record, note: ready, owner: watched })
    await unlessStopped(watched.stop, new Promise<never>(() => setInterval(() => undefined, 60_000)))
  }).catch((error: unknown) => {
    if (!owner.stop.aborted) throw error
  })
}
