import { basename, resolve } from "node:path"
import { checkBindings } from "./bindings.ts"
import { InputError } from "./failure.ts"
import { checkTextsAreBound } from "./node-configuration.ts"
import { isPath, namesOfShipped, platformNamed, shippedPlatforms, type PlatformDefinition } from "./platform.ts"
import { releaseDigest } from "./release-digest.ts"
import { folderOfPath, shippedFolder, shippedFolders, shownPath, type ReleaseFolder } from "./release-folder.ts"
import { readLayer, type ReadLayerOptions, type ReleaseLayer } from "./release-layer.ts"
import { mergeBindings, mergeComponents, type IsForeign } from "./release-merge.ts"
import type { Release } from "./release-model.ts"
import { configurable, type ReleaseFile } from "./release-schema.ts"

export type { Release } from "./release-model.ts"

export interface LoadReleaseOptions extends ReadLayerOptions {
  /** Folder from which a relative path is read; by default the current one. */
  from?: string
  /** The platform on which it is laid, instead of the one that it names: of its files those are taken that have a node there. */
  platform?: PlatformDefinition
}

/**
 * Loads the release that a user names: a shipped one (`ariel-pr/2026.1`), a platform alone (its newest shipped release
 * by `date`), or the path of a folder, inside the project or outside. Reads the chain of `extends`, joins its layers
 * and checks all that can be checked without a lab, bindings included.
 * Throws InputError that names file, line and remedy.
 */
export async function loadRelease(nameOrPath: string, options: LoadReleaseOptions): Promise<Release> {
  const { from = process.cwd(), projectFolder } = options
  return resolveRelease(readChain(releaseNamed(nameOrPath, from, options), options), projectFolder, options.platform)
}

/** All shipped releases, or mutants, of one platform or of all, in order of platform and date. */
export async function shippedReleases(
  projectFolder: string, { kind = "releases", platform }: { kind?: "releases" | "mutants"; platform?: string } = {},
): Promise<Release[]> {
  const options = { projectFolder, lockMayBeMissing: true }
  const loaded = shippedFolders(kind, projectFolder, platform)
    .map((folder) => resolveRelease(readChain({ folder, shipped: true }, options), projectFolder))
  return loaded.sort((a, b) => compare(a.platform, b.platform) || compare(a.date, b.date) || compare(a.version, b.version))
}

function releaseNamed(nameOrPath: string, from: string, options: ReadLayerOptions): ReleaseFolder {
  const { projectFolder } = options
  if (shippedPlatforms().some(({ name }) => name === nameOrPath)) return newestShipped(nameOrPath, options)
  const folder = shippedFolder(nameOrPath, projectFolder)
  if (folder) return { folder, shipped: true }
  if (/^[a-z][a-z0-9-]*$/.test(nameOrPath)) {
    try {
      return ownOrShipped(folderOfPath(nameOrPath, from, "the release on the command line"), projectFolder)
    } catch (cause) {
      throw new InputError(`There is no platform and no release ${nameOrPath}`, {
        where: "the release on the command line", cause,
        remedy: `name a platform (${namesOfShipped()}), a shipped release, `
          + "or the path of a folder with a release.yaml",
      })
    }
  }
  return ownOrShipped(folderOfPath(nameOrPath, from, "the release on the command line"), projectFolder)
}

function ownOrShipped(folder: string, projectFolder: string): ReleaseFolder {
  const shipped = (["releases", "mutants"] as const).some((kind) => shippedFolders(kind, projectFolder).includes(folder))
  return { folder, shipped }
}

function newestShipped(platform: string, options: ReadLayerOptions): ReleaseFolder {
  const dated = shippedFolders("releases", options.projectFolder, platform).map((folder) => {
    const chain = readChain({ folder, shipped: true }, options)
    return { folder, date: inherited(chain, "date") ?? "" }
  })
  const newest = dated.sort((a, b) => compare(a.date, b.date)).at(-1)
  if (newest) return { folder: newest.folder, shipped: true }
  throw new InputError(`No release of ${platform} is shipped with this project`, {
    where: `fixtures/releases/${platform}`, remedy: "give the path of a release of your own",
  })
}

/** The layers of a release, the one that starts the chain of `extends` first. Throws InputError for a circle. */
function readChain(start: ReleaseFolder, options: ReadLayerOptions): ReleaseLayer[] {
  const layers: ReleaseLayer[] = []
  let next: ReleaseFolder | undefined = start
  while (next) {
    const layer = readLayer(next, options)
    layers.unshift(layer)
    const base: string | undefined = layer.release.value.extends
    if (base === undefined) break
    const where = `${layer.file}:${layer.release.lineOf(["extends"])}`
    const shipped = shippedFolder(base, options.projectFolder)
    next = shipped ? { folder: shipped, shipped: true }
      : ownOrShipped(folderOfPath(base, layer.folder, where), options.projectFolder)
    const again = next.folder
    if (layers.some(({ folder }) => folder === again)) throw circle(layers, again, where, options.projectFolder)
  }
  return layers
}

function circle(layers: ReleaseLayer[], again: string, where: string, projectFolder: string): InputError {
  const names = [...layers.map(({ folder }) => folder).reverse(), again].map((folder) => shownPath(folder, projectFolder))
  return new InputError(`The releases extend each other in a circle: ${names.join(" -> ")}`, {
    where, remedy: "take `extends` out of one of them",
  })
}

function resolveRelease(layers: ReleaseLayer[], projectFolder: string, asked?: PlatformDefinition): Release {
  const own = layers.at(-1)!
  const platform = asked ?? onePlatform(layers)
  const isForeign = foreignTo(platform, layers)
  const generation = required(layers, "generation")
  const version = own.release.value.version ?? `${required(layers, "version")}+${basename(own.folder)}`
  const replaces = inherited(layers, "replaces")
  const locked = layers.findLast(({ packagesLock }) => packagesLock !== undefined)
  const content = {
    platform: platform.name, definition: platform, generation, components: mergeComponents(layers, platform, isForeign),
    bindings: mergeBindings(layers, isForeign, platform),
    secrets: [...new Set(layers.flatMap(({ release }) => release.value.secrets))].sort(),
    packagesLock: locked?.packagesLock,
  }
  const release: Release = {
    ...content, name: `${platform.name}/${version}`, version, date: required(layers, "date"), ...(replaces ? { replaces } : {}),
    summary: inherited(layers, "summary") ?? "", leftOut: leftOutOf(layers.filter(isForeign), platform), expects: inherited(layers, "expects") ?? [],
    shipped: own.shipped && !isForeign(own), folder: own.folder, layers: layers.map(({ folder }) => folder),
    digest: releaseDigest(content),
    packagesLockShipped: locked?.shipped ?? false, packagesLockFile: own.packagesLockFile,
  }
  checkName(release, own, projectFolder)
  checkImages(release, own, platform)
  checkBindings(release.bindings, platform.nodes)
  checkTextsAreBound(release, platform)
  return release
}

function required<Key extends "platform" | "date" | "generation" | "version">(
  layers: readonly ReleaseLayer[], key: Key,
): NonNullable<ReleaseFile[Key]> {
  const value = inherited(layers, key)
  if (value !== undefined) return value as NonNullable<ReleaseFile[Key]>
  const { file } = layers[0]!
  throw new InputError(`${file}: ${key} is missing`, {
    where: `${file}:1`, remedy: "add it, or take it over with extends",
  })
}

function inherited<Key extends keyof ReleaseFile>(
  layers: readonly ReleaseLayer[], key: Key,
): ReleaseFile[Key] | undefined {
  return layers.findLast(({ release }) => release.value[key] !== undefined)?.release.value[key]
}

/** Tells the layers that were written for another platform than this one. */
function foreignTo(platform: PlatformDefinition, layers: readonly ReleaseLayer[]): IsForeign {
  const foreign = new Set<ReleaseLayer>()
  let said = ""
  for (const layer of layers) {
    const { platform: named } = layer.release.value
    if (named !== undefined) said = isPath(named) ? resolve(layer.folder, named) : named
    if (said !== "" && said !== platform.file && said !== platform.name) foreign.add(layer)
  }
  return (layer) => foreign.has(layer)
}

function leftOutOf(layers: readonly ReleaseLayer[], { nodes }: PlatformDefinition): string[] {
  const configured = layers.flatMap(({ files }) => [...files].flatMap(([name, { size }]) => size > 0 ? [name] : []))
  return [...new Set(configured.filter((name) => !nodes.some(({ component }) => component === name)))].sort()
}

/**
 * The platform of all layers: a shipped one's name, or a definition's path, relative to the release that names it. A release
 * of a team's own platform may extend one of any other, and takes from it what its own platform has nodes for.
 */
function onePlatform(layers: readonly ReleaseLayer[]): PlatformDefinition {
  required(layers, "platform")
  const said = layers.flatMap(({ release, file, folder }) => {
    const { platform } = release.value
    return platform === undefined ? [] : [{ platform, where: `${file}:${release.lineOf(["platform"])}`, folder }]
  })
  const key = ({ platform, folder }: (typeof said)[number]): string => isPath(platform) ? resolve(folder, platform) : platform
  const first = said[0]!
  const last = said.at(-1)!
  if (isPath(last.platform)) return platformNamed(last.platform, last.where, last.folder)
  const other = said.find((one) => key(one) !== key(first))
  if (!other) return platformNamed(first.platform, first.where, first.folder)
  throw new InputError(`A release of ${other.platform} cannot extend one of ${first.platform}`, {
    where: other.where, remedy: "extend a release of the same platform",
  })
}

/** A shipped release is found by its folder: the folder must tell its name. */
function checkName({ shipped, name }: Release, own: ReleaseLayer, projectFolder: string): void {
  const folders = shownPath(own.folder, projectFolder).split("/").slice(-2).join("/")
  if (!shipped || own.release.value.version === undefined || folders === name) return
  throw new InputError(`The shipped release in ${folders} says that it is ${name}`, {
    where: own.file, remedy: "let the folders be <platform>/<version>",
  })
}

function checkImages({ generation, components }: Release, own: ReleaseLayer, platform: PlatformDefinition): void {
  if (generation !== "custom") return
  const isThere = (name: string) => platform.nodes.some(({ component }) => component === name)
  const without = configurable.filter((name) => isThere(name) && !components[name]?.image)
  if (without.length === 0) return
  const verb = without.length > 1 ? "have" : "has"
  throw new InputError(`Generation custom needs an image for each component, and ${without.join(", ")} ${verb} none`, {
    where: own.file, remedy: `add components.${without[0]}.image`,
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
