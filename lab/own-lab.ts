import { removeRun, sweep } from "./clean-up.ts"
import { examine } from "./doctor.ts"
import { EngineWatch } from "./engine-watch.ts"
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

const notRemoved = {
  fr: "tout ce que cette exécution avait créé n'a pas pu être retiré : la prochaine commande le fera",
  en: "not all that this run made could be removed: the next command does it",
}

/** The process that owns labs: where it says what it does, and when it must end. */
export interface Ownership { progress: Progress; stop: AbortSignal }

export function ownership(lang: "fr" | "en"): Ownership {
  const progress = progressOn(process.stderr, lang)
  return { progress, stop: stopSignal(settings().ancestors, progress.say) }
}

/**
 * Starts a lab for `work` and removes it, however that ends. What dead runs left is removed first. `work` is told to
 * stop by a signal of its own, which also aborts once the engine is lost; then a LabFailure says so, whatever failed.
 */
export async function withLab(
  input: RunInput, record: RunRecord, seed: number, { progress, stop }: Ownership,
  work: (lab: Lab, owner: Ownership) => Promise<void>,
): Promise<void> {
  using watch = new EngineWatch()
  try {
    await labFor(work, input, record, seed, { progress, stop: AbortSignal.any([stop, watch.lost]) })
  } catch (error) {
    throw await watch.explain(error)
  }
}

async function labFor(
  work: (lab: Lab, owner: Ownership) => Promise<void>,
  { release, platform, delays = [], unshortened }: RunInput, record: RunRecord, seed: number, owner: Ownership,
): Promise<void> {
  const { facts: { run }, folder } = record
  const { progress, stop } = owner
  if (progress.isTerminal) progress.say((await examine()).cost.lines.map((line) => line[progress.lang]).join("; "))
  const { keptNetworks } = await unlessStopped(stop, sweep())
  if (keptNetworks.length > 0) progress.say(`${keptWords[progress.lang]}${keptNetworks.join(", ")}`)
  await record.add(await unlessStopped(stop, machineFacts()))
  const images = await progress.step({ fr: "images", en: "images" }, (detail) => labImages(release, platform, { onStep: detail, signal: stop }))
  await record.add(images.facts)
  await using secrets = await temporaryFolder(`secrets-${run}`)
  const started = performance.now()
  await thenRemoved(run, progress, async () => {
    const lab = await startLab({
      run, seed, owner: thisOwner(), release, platform, images: images.tags, overrides: loadLabOverrides(unshortened),
      folder, privateFolder: secrets.path, progress, signal: stop, delays,
    })
    await record.add({
      isolation: lab.isolation, times: { labReadyAt: new Date().toISOString(), labMs: Math.round(performance.now() - started) },
    })
    await work(lab, owner)
  })
}

const keptWords = {
  fr: "le moteur garde un réseau vide d'un essai mort, que seul son redémarrage libère : ",
  en: "the engine keeps an empty network of a dead run, which only its restart frees: ",
} as const

/** Removes the run after `work`. What became of `work` stands, whatever the removal says: the next command removes the rest. */
async function thenRemoved(run: string, { say, lang }: Progress, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } finally {
    await removeRun(run).catch(() => say(notRemoved[lang]))
  }
}
