import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import type { EffectiveSettings } from "./effective-settings.ts"
import type { LabHandle } from "./handle.ts"
import { stateFolder } from "./state-folder.ts"
import { writeWhole } from "./whole-file.ts"

/** What one release ran with on this machine, in a form that two labs share: a node's address is its host name. */
export interface KeptSettings {
  schema: "recette.kept-settings/v1"
  release: string
  digest: string
  run: string
  /** ISO instant at which that run started. */
  startedAt: string
  nodes: Record<string, { component: string; settings: EffectiveSettings }>
  /** Packages by node: name to version. */
  packages: Record<string, Record<string, string>>
}

/** These belong to one started server, not to a release. */
const ownOfServer: Record<string, readonly string[]> = { mariadb: ["server_uid"] }

/** The settings that a run's folder keeps; undefined where it did not come so far, or is no folder of a run. */
export async function settingsOfRun(folder: string): Promise<KeptSettings | undefined> {
  try {
    const run = await readJson<{
      run: string; release: { name: string; digest: string }; times: { startedAt: string }
      effectiveSettings: Record<string, string>; packages: KeptSettings["packages"]
    }>(join(folder, "run.json"))
    const files = Object.entries(run.effectiveSettings)
    if (files.length === 0) return undefined
    const handle = await readJson<LabHandle>(join(folder, "lab.json"))
    const nodes = await Promise.all(files.map(async ([node, file]) => {
      const settings = await readJson<Record<string, string>>(join(folder, file))
      const { component } = handle.nodes[node]!
      return [node, { component, settings: inAnyLab(component, settings, handle) }] as const
    }))
    const { name: release, digest } = run.release
    return {
      schema: "recette.kept-settings/v1", release, digest, run: run.run, startedAt: run.times.startedAt,
      nodes: Object.fromEntries(nodes), packages: run.packages,
    }
  } catch {
    // A folder of somebody else's, or a run that ended before it wrote these files.
    return undefined
  }
}

/** Keeps what a run's release runs with under `<folder>/settings/`, by the release's digest; a later run replaces it. */
export async function keepSettings(kept: KeptSettings, folder = stateFolder): Promise<void> {
  await writeWhole(fileOf(folder, kept.digest), kept)
}

/**
 * What the release of a digest was last seen to run with on this machine: what `keepSettings` kept, else the newest run of
 * it in `resultsFolder` (a clone whose `.recette` was deleted, results that somebody brought); undefined where there is none.
 */
export async function keptSettings(digest: string, resultsFolder: string, folder = stateFolder): Promise<KeptSettings | undefined> {
  try {
    const kept = await readJson<KeptSettings>(fileOf(folder, digest))
    if (kept.schema === "recette.kept-settings/v1" && kept.digest === digest) return kept
  } catch {
    // Never kept, or damaged: the runs themselves are asked.
  }
  const runs = (await readdir(resultsFolder).catch(() => [])).sort().reverse()
  for (const run of runs) {
    const settings = await settingsOfRun(join(resultsFolder, run))
    if (settings?.digest === digest) return settings
  }
  return undefined
}

/** The engine gives each lab other addresses, so a node's own stands as `{address of <host name>}`. */
function inAnyLab(component: string, settings: Record<string, string>, { nodes, network }: LabHandle): EffectiveSettings {
  const places = [
    ...Object.values(nodes).map(({ address, hostname }) => [address, `{address of ${hostname}}`] as const),
    [network.subnet, "{network of the lab}"] as const, [network.hostAddress, "{address of the host}"] as const,
  ]
  return Object.fromEntries(Object.entries(settings)
    .filter(([name]) => !ownOfServer[component]?.includes(name))
    .map(([name, value]) => [name, places.reduce((text, [address, place]) => text.replaceAll(whole(address), place), value)]))
}

/** An address that is not the beginning or the end of a longer one. */
function whole(address: string): RegExp {
  return new RegExp(`(?<![\\d.])${address.replaceAll(".", "\\.")}(?![\\d.]*\\d)`, "g")
}

function fileOf(folder: string, digest: string): string {
  return join(folder, "settings", `${digest.replace(":", "-")}.json`)
}

async function readJson<Shape>(path: string): Promise<Shape> {
  return JSON.parse(await readFile(path, "utf8")) as Shape
}
