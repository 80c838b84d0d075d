import { existsSync, readdirSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { InputError } from "./failure.ts"
import { shippedFolders } from "./release-folder.ts"
import { readLayer, type ReleaseLayer } from "./release-layer.ts"
import type { ReleaseComponentName } from "./release-schema.ts"
import { loadRelease, type Release } from "./release.ts"

const harmlessPrefix = "harmless-"

/** A release with one known defect, or with one harmless change, and the release that it extends. */
export interface Mutant {
  /** Name of its folder. */
  name: string
  release: Release
  base: Release
  /** Requirements of which one must fail at least; empty for a harmless change. */
  expects: string[]
  isHarmless: boolean
}

export interface LoadMutantsOptions {
  platform: string
  projectFolder: string
  /** A folder of mutants outside the shipped ones, or one mutant's; by default those shipped for the platform. */
  folder?: string | undefined
  /** Ids of the platform's register. */
  requirements: readonly string[]
}

/**
 * The mutants of a platform in order of their names. Throws an InputError that names file and line: no `extends`,
 * no `summary` or `expects` of its own, an id that the register does not have, a name that does not say whether it is
 * harmless, another platform, a change of nothing, or of what a running lab cannot change.
 */
export async function loadMutants({ platform, projectFolder, folder, requirements }: LoadMutantsOptions): Promise<Mutant[]> {
  const folders = folder === undefined ? shippedFolders("mutants", projectFolder, platform) : foldersBelow(resolve(folder))
  if (folders.length === 0) {
    const where = folder ?? `fixtures/mutants/${platform}`
    throw new InputError(`There is no mutant in ${where}`, { where, remedy: "give a folder that holds folders with a release.yaml" })
  }
  const bases = new Map<string, Promise<Release>>()
  const mutants = await Promise.all(folders.map(async (own) => {
    const layer = readLayer({ folder: own, shipped: folder === undefined }, { projectFolder })
    const expects = checkedLayer(layer, own, requirements)
    const release = await loadRelease(own, { projectFolder })
    const from = release.layers.at(-2)!
    if (!bases.has(from)) bases.set(from, loadRelease(from, { projectFolder }))
    const mutant = { name: basename(own), release, base: await bases.get(from)!, expects, isHarmless: expects.length === 0 }
    checkChange(mutant, layer, platform)
    return mutant
  }))
  return mutants.sort((one, other) => (one.name < other.name ? -1 : 1))
}

/** Those that `only` names: mutants by name, and all that expect a requirement. All of them for `undefined`. */
export function selectMutants(mutants: readonly Mutant[], only: readonly string[] | undefined): Mutant[] {
  if (only === undefined) return [...mutants]
  const names = mutants.map(({ name }) => name)
  const ids = [...new Set(mutants.flatMap(({ expects }) => expects))].sort()
  const unknown = only.filter((one) => !names.includes(one) && !ids.includes(one))
  if (unknown.length === 0) return mutants.filter(({ name, expects }) => only.some((one) => one === name || expects.includes(one)))
  throw new InputError(`What --only names is neither a mutant nor a requirement that one expects: ${unknown.join(", ")}`, {
    where: `--only ${only.join(",")}`, remedy: `use mutants (${offered(names, unknown)}) or requirements (${offered(ids, unknown)})`,
  })
}

const offeredMax = 20

/** All names where they are few; of many, those that share most words with what was asked for. */
function offered(names: readonly string[], asked: readonly string[]): string {
  if (names.length <= offeredMax) return names.join(", ")
  const words = asked.flatMap((one) => one.split("-"))
  const shared = (name: string): number => name.split("-").filter((word) => words.includes(word)).length
  const near = names.filter((name) => shared(name) > 0).sort((one, other) => shared(other) - shared(one))
  return [...near.slice(0, offeredMax), `${names.length} in all`].join(", ")
}

/** Mutants by the release that they extend, in the order in which these come first. */
export function groupByBase(mutants: readonly Mutant[]): { base: Release; mutants: Mutant[] }[] {
  const groups = new Map<string, { base: Release; mutants: Mutant[] }>()
  for (const mutant of mutants) {
    const group = groups.get(mutant.base.folder) ?? { base: mutant.base, mutants: [] }
    group.mutants.push(mutant)
    groups.set(mutant.base.folder, group)
  }
  return [...groups.values()]
}

/** Components of which two releases of one platform say different things, in order. */
export function changedComponents(base: Release, release: Release): string[] {
  const names = Object.keys({ ...base.components, ...release.components }) as ReleaseComponentName[]
  return names.filter((name) => !isDeepStrictEqual(content(base, name), content(release, name))).sort()
}

/** Without the places where settings and files stand. */
function content({ components }: Release, name: ReleaseComponentName): unknown {
  const { origins: _, files, ...rest } = components[name]!
  return { ...rest, files: [...files].map(([path, file]) => [path, file.mode, file.content]).sort() }
}

function foldersBelow(folder: string): string[] {
  const isRelease = (path: string): boolean => existsSync(join(path, "release.yaml"))
  if (isRelease(folder)) return [folder]
  if (!existsSync(folder)) throw new InputError(`There is no folder ${folder}`, { where: "--mutants", remedy: "name a folder of mutants" })
  return readdirSync(folder).sort().map((name) => join(folder, name)).filter(isRelease)
}

/** What a mutant must say itself. Returns what it expects. */
function checkedLayer({ file, release: { value, lineOf } }: ReleaseLayer, folder: string, requirements: readonly string[]): string[] {
  const name = basename(folder)
  const { extends: base, summary, expects } = value
  if (base === undefined) throw lacking("extends", file, "say which release it changes, for example `extends: ariel-pr/2026.1`")
  if (summary === undefined) throw lacking("summary", file, "say in one sentence what is changed")
  if (expects === undefined) throw lacking("expects", file, "name the requirements that must fail, or write `expects: []` for a harmless change")
  for (const [index, id] of expects.entries()) {
    if (requirements.includes(id)) continue
    throw new InputError(`The mutant ${name} expects ${id}, which the register does not have for this platform`, {
      where: `${file}:${lineOf(["expects", index])}`, remedy: "take the id from fixtures/requirements.yaml",
    })
  }
  if (name.startsWith(harmlessPrefix) === (expects.length === 0)) return expects
  throw new InputError(expects.length === 0
    ? `The mutant ${name} expects nothing to fail, and its name does not begin with ${harmlessPrefix}`
    : `The mutant ${name} is called harmless and expects ${expects.join(", ")} to fail`, {
    where: `${file}:${lineOf(["expects"])}`, remedy: "rename its folder, or correct `expects`",
  })
}

function lacking(key: string, file: string, remedy: string): InputError {
  return new InputError(`${file}: a mutant has no ${key} of its own`, { where: `${file}:1`, remedy })
}

function checkChange({ name, release, base }: Mutant, { file, release: { lineOf } }: ReleaseLayer, platform: string): void {
  const at = (...path: string[]) => `${file}:${lineOf(path)}`
  if (release.platform !== platform) {
    throw new InputError(`The mutant ${name} is a release of ${release.platform}, not of ${platform}`, {
      where: at("extends"), remedy: `challenge ${release.platform}, or extend a release of ${platform}`,
    })
  }
  if (release.digest === base.digest) {
    throw new InputError(`The mutant ${name} changes nothing: it has the digest of ${base.name}`, {
      where: at("components"), remedy: "change a setting or a file, and see that it differs from what the release has",
    })
  }
  if (runsOnTheSame(release, base)) return
  throw new InputError(`The mutant ${name} runs on other packages or images than ${base.name}`, {
    where: at("generation"), remedy: "a challenge keeps the images of the lab; extend a release of that generation, or qualify it by itself",
  })
}

/** True for releases of one generation, with the same package versions and images: one lab can run one after the other. */
export function runsOnTheSame(one: Release, other: Release): boolean {
  const images = ({ components }: Release) => Object.values(components).map(({ image }) => image)
  return one.generation === other.generation && isDeepStrictEqual(one.packagesLock, other.packagesLock)
    && isDeepStrictEqual(images(one), images(other))
}
