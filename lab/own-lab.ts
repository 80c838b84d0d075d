import { removeRun, sweep } from "./clean-up.ts"
import { examine } from "./doctor.ts"
import { labImages } from "./lab-images.ts"
import { loadLabOverrides } from "./lab-overrides.ts"
import { startLab, type Lab } from "./lab.ts"
import { thisOwner } from "./ownership.ts"
import { progressOn, type Progress } from "./progress.ts"
import { machineFacts, type RunRecord } from "./run-record.ts"
import type { RunInput } from "./run-request.ts"
import { settings } from "./settings.ts"
import { temporaryFolder } from "./state-folder.ts"
import { stopSignal, unlessStopped } from "./stop-signal.ts"

/** The process that owns labs: where it says what it does, and when it must end. */
export interface Ownership { progress: Progress; stop: AbortSignal }

export function ownership(lang: "fr" | "en"): Ownership {
  const progress = progressOn(process.stderr, lang)
  return { progress, stop: stopSignal(settings().ancestors, progress.say) }
}

/** Starts a lab for `work` and removes it, however that ends. What dead runs left is removed first. */
export async function withLab(
  { release, platform }: RunInput, record: RunRecord, seed: number, { progress, stop }: Ownership,
  work: (lab: Lab) => Promise<void>,
): Promise<void> {
  const { run } = record.facts
  if (progress.isTerminal) progress.say((await examine()).cost.lines.map((line) => line[progress.lang]).join("; "))
  await unlessStopped(stop, sweep())
  await record.add(await unlessStopped(stop, machineFacts()))
  const images = await progress.step({ fr: "images", en: "images" }, (detail) => labImages(release, platform, { onStep: detail, signal: stop }))
  await record.add(images.facts)
  await using secrets = await temporaryFolder(`secrets-${run}`)
  const started = performance.now()
  try {
    const lab = await startLab({
      run, seed, owner: thisOwner(), release, platform, images: images.tags, overrides: loadLabOverrides(),
      folder: record.folder, privateFolder: secrets.path, progress, signal: stop,
    })
    await record.add({
      isolation: lab.isolation, times: { labReadyAt: new Date().toISOString(), labMs: Math.round(performance.now() - started) },
    })
    await work(lab)
  } finally {
    await removeRun(run)
  }
}

