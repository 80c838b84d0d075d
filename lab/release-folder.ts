import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs"
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path"
import { InputError } from "./failure.ts"
import { nodesFolder, releaseFolders } from "./release-schema.ts"

const shippedParents = ["fixtures/releases", "fixtures/mutants"]

/** One file of a release's folder. `path` has forward slashes and is relative to the folder asked for. */
export interface FolderFile { path: string; absolute: string; executable: boolean }

/** A release's folder, and the name by which it is known: shipped ones `platform/version`, others their own path. */
export interface ReleaseFolder { folder: string; shipped: boolean }

/** The folder of a shipped release or mutant by name (`ariel-pr/2026.1`), `undefined` when there is none. */
export function shippedFolder(name: string, projectFolder: string): string | undefined {
  if (!/^[a-z0-9-]+\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) return undefined
  return shippedParents.map((parent) => join(projectFolder, parent, name))
    .find((folder) => existsSync(join(folder, "release.yaml")))
}

/** Folders of all shipped releases (`releases`) or mutants (`mutants`), of one platform or of all, by name. */
export function shippedFolders(kind: "releases" | "mutants", projectFolder: string, platform?: string): string[] {
  const parent = join(projectFolder, "fixtures", kind)
  return foldersIn(parent).filter((name) => platform === undefined || name === platform)
    .flatMap((name) => foldersIn(join(parent, name)).map((version) => join(parent, name, version)))
    .filter((folder) => existsSync(join(folder, "release.yaml")))
}

/** The folder of a path that a user gave: a folder with a release.yaml, or that file itself. */
export function folderOfPath(path: string, from: string, asked: string): string {
  const absolute = resolve(from, path)
  const folder = basename(absolute) === "release.yaml" ? resolve(absolute, "..") : absolute
  if (existsSync(join(folder, "release.yaml"))) return realpathSync(folder)
  const why = existsSync(folder) ? "that folder has no release.yaml" : "no such folder"
  throw new InputError(`There is no release ${path}: ${why}`, {
    where: asked,
    remedy: "name a shipped release (`npm run recette -- platforms` lists them), a platform, "
      + "or a folder with a release.yaml",
  })
}

/** The name of a file in messages: relative to the project where it lies inside it, else its absolute path. */
export function shownPath(absolute: string, projectFolder: string): string {
  const path = relative(projectFolder, absolute)
  return path === "" || path.startsWith("..") || isAbsolute(path) ? absolute : slashed(path)
}

/**
 * All regular files below `folder`, in order of their paths; names that start with a point are left out.
 * A symbolic link or a device is refused: what is qualified must lie in the release itself.
 */
export function filesBelow(folder: string, shown: (absolute: string) => string, base = folder): FolderFile[] {
  return readdirSync(folder).filter((name) => !name.startsWith(".")).sort().flatMap((name): FolderFile[] => {
    const absolute = join(folder, name)
    const entry = lstatSync(absolute)
    if (entry.isDirectory()) return filesBelow(absolute, shown, base)
    if (!entry.isFile()) throw notRegular(shown(absolute), entry.isSymbolicLink())
    return [{ path: slashed(relative(base, absolute)), absolute, executable: (entry.mode & 0o100) !== 0 }]
  })
}

/**
 * The file that a release names by `source`, inside its own folder.
 * Refused: an absolute path, `..`, a symbolic link on the way, a missing file, a folder. `where` is `file:line`.
 */
export function ownFile(folder: string, source: string, where: string): { absolute: string; executable: boolean } {
  const refuse = (what: string, remedy: string) => new InputError(`${source} ${what}`, { where, remedy })
  const inside = "copy the file into the release's own folder, and name it relative to that folder"
  if (isAbsolute(source)) throw refuse("is an absolute path: a release names only files of its own folder", inside)
  if (source.split(/[\\/]/).includes("..")) throw refuse("leads out of the release's own folder (..)", inside)
  const absolute = resolve(folder, source)
  let here = folder
  for (const part of relative(folder, absolute).split(sep)) {
    here = join(here, part)
    if (!existsSync(here) && !isLink(here)) {
      throw refuse("is missing in the release's folder", "write that file, or correct its name")
    }
    if (isLink(here)) throw refuse("is a symbolic link, or lies behind one", inside)
  }
  const entry = statSync(absolute)
  if (!entry.isFile()) throw refuse("is not a file", "name a file")
  return { absolute, executable: (entry.mode & 0o100) !== 0 }
}

/** Refuses a folder of a release that belongs to no component: a misspelt one would be left out in silence. */
export function checkFolders(folder: string, shown: (absolute: string) => string, sources: readonly string[]): void {
  const known: readonly string[] = [...releaseFolders, nodesFolder]
  for (const name of readdirSync(folder).filter((entry) => !entry.startsWith(".")).sort()) {
    const absolute = join(folder, name)
    const entry = lstatSync(absolute)
    if (entry.isSymbolicLink()) throw notRegular(shown(absolute), true)
    if (!entry.isDirectory() || known.includes(name)) continue
    if (sources.some((source) => resolve(folder, source).startsWith(absolute + sep))) continue
    throw new InputError(`The release has a folder ${name}, and there is no component ${name}`, {
      where: shown(absolute), remedy: `rename it to one of ${known.join(", ")}, or remove it`,
    })
  }
}

/** The text of a file that must be there. */
export function readText(path: string): string {
  return readFileSync(path, "utf8")
}

function notRegular(shown: string, link: boolean): InputError {
  return new InputError(`${shown} is ${link ? "a symbolic link" : "no regular file"}`, {
    where: shown, remedy: "put the file itself in its place: a release is complete without anything beside it",
  })
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
}

/** Names of the folders in a folder, in order; none where it is not there. */
export function foldersIn(parent: string): string[] {
  if (!existsSync(parent)) return []
  const entries = readdirSync(parent, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort()
}

function slashed(path: string): string {
  return path.split(sep).join("/")
}
