import { join } from "node:path"
import { effectiveDifferences, type SettingDifference } from "./effective-settings.ts"
import { InputError } from "./failure.ts"
import { keepSettings, keptSettings, settingsOfRun, type KeptSettings } from "./kept-settings.ts"
import type { PackagesLock } from "./packages-lock.ts"
import { loadRelease, type Release } from "./release.ts"
import type { RunRecord } from "./run-record.ts"
import { projectFolder, stateFolder } from "./state-folder.ts"

/** The baseline as `run.json` names it. */
export type Baseline =
  | { applicable: false; reason: { fr: string; en: string }; missing: false }
  | {
    applicable: true; name: string
    /** What a command calls it: a shipped name, or a path. */
    named: string
    digest: string | null; reason: { fr: string; en: string }; missing: boolean
  }

/**
 * `comparison.json`: what the release runs with, against what the baseline was seen to run with. `from` is the
 * baseline's value; it is absent where the setting or package is new, as `to` is where it is gone.
 */
export interface Comparison {
  schema: "recette.comparison/v1"
  state: "compared" | "never-run" | "not-found"
  baseline: { name: string; digest: string | null; run: string | null; startedAt: string | null }
  /** How to get what is missing; empty where the comparison was made. */
  command: string
  nodes: NodeComparison[]
}

export interface NodeComparison {
  node: string
  component: string
  /** `both`, or only the one of the two that has the node. */
  presence: "both" | "release" | "baseline"
  settings: SettingDifference[]
  /** `locked`: the release's packages.lock names the package; the others came with the system. */
  packages: { package: string; from?: string; to?: string; locked: boolean }[]
}

/**
 * The release to compare with: `asked` (a name, a path, `none`), else the one that the release replaces, in the folder
 * beside its own or shipped. Throws InputError where `asked` names no release; one that `replaces` names and that cannot
 * be found is missing, no error: a team may keep it elsewhere.
 */
export async function baselineOf(release: Release, asked: string | undefined): Promise<Baseline> {
  const none = (fr: string, en: string): Baseline => ({ applicable: false, reason: { fr, en }, missing: false })
  if (asked === "none") return none("aucune comparaison n'a été demandée", "no comparison was asked for")
  if (asked !== undefined) return found(await loadRelease(asked, loading), asked)
  if (release.replaces === undefined) {
    return none("la version ne nomme aucune version en production", "the release names none in production")
  }
  const name = `${release.platform}/${release.replaces}`
  for (const place of release.shipped ? [name] : [join(release.folder, "..", release.replaces), name]) {
    const baseline = await loadRelease(place, loading).catch((error: unknown) => {
      if (error instanceof InputError) return undefined
      throw error
    })
    if (baseline?.name === name) return found(baseline, place)
  }
  return {
    applicable: true, name, named: name, digest: null, missing: true,
    reason: { fr: `${name} n'a pas été trouvée`, en: `${name} was not found` },
  }
}

const loading = { projectFolder, lockMayBeMissing: true }

function found({ name, digest }: Release, named: string): Baseline {
  const reason = { fr: `${name} n'a pas été comparée`, en: `${name} was not compared` }
  return { applicable: true, name, named, digest, reason, missing: true }
}

/**
 * Keeps what this run's release runs with, compares it with what the baseline was last seen to run with on this machine,
 * and writes `comparison.json`. Nothing is started for it. Returns what `run.json` says of the baseline.
 */
export async function compareWithBaseline(
  record: RunRecord, { packagesLock = {} }: Pick<Release, "packagesLock">, resultsFolder: string, state = stateFolder,
): Promise<Record<string, unknown>> {
  const baseline = record.facts["baseline"] as Baseline
  const own = await settingsOfRun(record.folder)
  if (own) await keepSettings(own, state)
  if (!baseline.applicable) return {}
  const before = baseline.digest === null ? undefined : await keptSettings(baseline.digest, resultsFolder, state)
  const { name, named, digest } = baseline
  const comparison: Comparison = {
    schema: "recette.comparison/v1",
    state: own && before ? "compared" : digest === null ? "not-found" : "never-run",
    baseline: { name, digest, run: before?.run ?? null, startedAt: before?.startedAt ?? null },
    command: own && before ? "" : digest === null ? "npm run qualify -- … --baseline <folder>" : `npm run qualify -- ${named}`,
    nodes: own && before ? nodesCompared(before, own, packagesLock) : [],
  }
  await record.write("comparison.json", comparison)
  return { baseline: { ...baseline, missing: comparison.state !== "compared" } }
}

/** Nodes that differ in a setting or a package, in order of names. */
export function nodesCompared(before: KeptSettings, after: KeptSettings, lock: PackagesLock): NodeComparison[] {
  const nodes = [...new Set([...Object.keys(before.nodes), ...Object.keys(after.nodes)])].sort()
  return nodes.map((node): NodeComparison => {
    const [old, current] = [before.nodes[node], after.nodes[node]]
    const { component } = (current ?? old)!
    return {
      node, component, presence: old && current ? "both" : current ? "release" : "baseline",
      settings: effectiveDifferences(component, old?.settings ?? {}, current?.settings ?? {}),
      packages: packagesCompared(before.packages[node] ?? {}, after.packages[node] ?? {}, Object.keys(lock[component] ?? {})),
    }
  }).filter(({ settings, packages, presence }) => settings.length + packages.length > 0 || presence !== "both")
}

function packagesCompared(
  before: Record<string, string>, after: Record<string, string>, locked: readonly string[],
): NodeComparison["packages"] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    .filter((name) => before[name] !== after[name])
    .map((name) => ({
      package: name, ...(name in before ? { from: before[name]! } : {}), ...(name in after ? { to: after[name]! } : {}),
      locked: locked.includes(name),
    }))
}
