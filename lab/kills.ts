import { readdir, readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { shippedFolders } from "./release-folder.ts"
import { ReleaseFile } from "./release-schema.ts"
import type { RunRecord } from "./run-record.ts"
import { projectFolder } from "./state-folder.ts"
import { parseStrictYaml } from "./strict-yaml.ts"

/**
 * `kills.json`: the platform's mutants, each with what the newest challenge that judged it found. `not-measured`: it only
 * declares what must fail, since no challenge of these results has judged it.
 */
export interface Kills {
  schema: "recette.kills/v1"
  /** How to measure what is not measured. */
  command: string
  mutants: KilledMutant[]
}

export interface KilledMutant {
  name: string
  summary: string
  /** Release that it extends, and that release's digest when it was measured. */
  base: string
  baseDigest: string | null
  expects: string[]
  status: "detected" | "survived" | "kept" | "not-kept" | "not-measured"
  detectedBy: { requirement: string; scenario: string } | null
  /** Run and start of the challenge; null where it was not measured. */
  run: string | null
  startedAt: string | null
}

/** The part of `challenge.json` that is read here; it is written by scenarios/challenge-record.ts. */
interface ChallengeFile {
  schema: string
  run: string
  platform: string
  startedAt: string
  bases: { name: string; digest: string }[]
  mutants: (Omit<KilledMutant, "status"> & { status: string })[]
}

/** Writes `kills.json` into a run's folder, from the challenges in `resultsFolder` and the mutants shipped for the platform. */
export async function writeKills(record: RunRecord, platform: string, resultsFolder: string): Promise<void> {
  const known = new Map((await declaredMutants(platform)).map((mutant) => [mutant.name, mutant]))
  for (const challenge of await challengesIn(resultsFolder, platform)) {
    for (const mutant of challenge.mutants) {
      if (isJudged(mutant)) known.set(mutant.name, measured(mutant, challenge))
    }
  }
  const mutants = [...known.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  const kills: Kills = { schema: "recette.kills/v1", command: `npm run recette -- challenge ${platform}`, mutants }
  await record.write("kills.json", kills)
}

/** A mutant that was not run, or that the lab could not judge, says nothing. */
function isJudged<Mutant extends { status: string }>(mutant: Mutant): mutant is Mutant & { status: KilledMutant["status"] } {
  return ["detected", "survived", "kept", "not-kept"].includes(mutant.status)
}

function measured({ name, summary, base, expects, status, detectedBy }: KilledMutant, { run, startedAt, bases }: ChallengeFile): KilledMutant {
  return {
    name, summary, base, expects, status, run, startedAt, baseDigest: bases.find((one) => one.name === base)?.digest ?? null,
    detectedBy: detectedBy && { requirement: detectedBy.requirement, scenario: detectedBy.scenario },
  }
}

/** Challenges of a platform, the oldest first. Folders of somebody else's are left out. */
async function challengesIn(resultsFolder: string, platform: string): Promise<ChallengeFile[]> {
  const names = (await readdir(resultsFolder).catch(() => [])).sort()
  const files = await Promise.all(names.map(async (name) => {
    try {
      const file = JSON.parse(await readFile(join(resultsFolder, name, "challenge.json"), "utf8")) as ChallengeFile
      return file.schema === "recette.challenge/v1" && file.platform === platform ? [file] : []
    } catch {
      return []
    }
  }))
  return files.flat().sort((one, other) => (one.startedAt < other.startedAt ? -1 : 1))
}

/** What the shipped mutants say of themselves. Nothing but their release.yaml is read: a challenge checks the rest. */
async function declaredMutants(platform: string): Promise<KilledMutant[]> {
  return Promise.all(shippedFolders("mutants", projectFolder, platform).map(async (folder) => {
    const file = join(folder, "release.yaml")
    const { value } = parseStrictYaml(ReleaseFile, await readFile(file, "utf8"), file, { textBelow: ["set", "services"] })
    const { summary = "", extends: base = "", expects = [] } = value
    return {
      name: basename(folder), summary, base, baseDigest: null, expects, status: "not-measured" as const, detectedBy: null,
      run: null, startedAt: null,
    }
  }))
}
