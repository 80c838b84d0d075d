import type { Lab } from "../lab/lab.ts"
import { withLab, type Ownership } from "../lab/own-lab.ts"
import type { Component } from "../lab/platform.ts"
import { openRecord, readInput } from "../lab/run-request.ts"
import { temporaryFolder } from "../lab/state-folder.ts"

/** The lab of a benchmark: which release runs, what of the world is left out, and which timers are not shortened (RunInput). */
export interface BenchLabOrder { release: string; seed: number; without?: readonly Component[]; unshortened?: readonly string[] }

/** A lab that is up, and how long it took from the first network to the proof of its isolation. */
export interface BenchLab { lab: Lab; startMs: number; folder: string }

/**
 * Starts a lab for `work`, removes it and returns what `work` gave. It leaves no run among the results: what a benchmark keeps
 * stands in its own file. Ctrl-C ends it and removes the lab.
 */
export async function withBenchLab<T>(
  { release, seed, without = [], unshortened = [] }: BenchLabOrder, owner: Ownership, work: (benchLab: BenchLab, owner: Ownership) => Promise<T>,
): Promise<T> {
  await using folder = await temporaryFolder("bench-lab")
  const { platform, ...input } = await readInput(release, {})
  const nodes = platform.nodes.filter(({ component }) => !without.includes(component))
  const request = { level: "quick", out: folder.path, seed, lang: owner.progress.lang, baseline: "none" } as const
  const bare = { ...input, platform: { ...platform, nodes }, unshortened }
  const record = await openRecord(release, bare, request)
  const results: T[] = []
  await withLab(bare, record, seed, owner, async (lab, watched) => {
    results.push(await work({ lab, startMs: Number(record.facts.times["labMs"]), folder: record.folder }, watched))
  })
  return results[0]!
}
