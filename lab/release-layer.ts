import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { InputError } from "./failure.ts"
import { parsePackagesLock, type PackagesLock } from "./packages-lock.ts"
import { checkFolders, filesBelow, foldersIn, ownFile, readText, shownPath, type ReleaseFolder } from "./release-folder.ts"
import type { ReleaseContent } from "./release-model.ts"
import { BindingsFile, nodesFolder, releaseFolders, ReleaseFile, type ReleaseComponentName } from "./release-schema.ts"
import { parseStrictYaml, type StrictYaml } from "./strict-yaml.ts"

/** One release's own folder, read: what it says itself, before the releases that it extends. */
export interface ReleaseLayer extends ReleaseFolder {
  /** Path of its release.yaml in messages. */
  file: string
  release: StrictYaml<ReleaseFile>
  files: Map<ReleaseComponentName, Map<string, ReleaseContent>>
  /** `nodes/<node>/`: files of one node alone. */
  nodeFiles: Map<string, Map<string, ReleaseContent>>
  bindings?: { file: string; yaml: StrictYaml<BindingsFile> }
  packagesLock?: PackagesLock
  packagesLockFile: string
}

export interface ReadLayerOptions {
  projectFolder: string
  /** Accept a `packages` file that is not there yet: for `recette lock`, which writes it. */
  lockMayBeMissing?: boolean
}

/** Reads and checks one release's folder. Throws InputError naming file, line and remedy. */
export function readLayer(
  { folder, shipped }: ReleaseFolder, { projectFolder, lockMayBeMissing = false }: ReadLayerOptions,
): ReleaseLayer {
  const shown = (absolute: string) => shownPath(absolute, projectFolder)
  const file = shown(join(folder, "release.yaml"))
  const release = parseStrictYaml(ReleaseFile, readText(join(folder, "release.yaml")), file, { textBelow: ["set", "services"] })
  const sources = releaseFolders.flatMap((name) => Object.values(release.value.components[name]?.files ?? {}))
  checkFolders(folder, shown, sources)
  const files = new Map(releaseFolders.map((name) => [name, componentFiles(name, folder, release, file, shown)]))
  const bindingsFile = ownOptionalFile("bindings", "bindings.yaml", { folder, release, file })
  const lockName = release.value.packages ?? "packages.lock"
  checkTarget(lockName, `${file}:${release.lineOf(["packages"])}`, "the release's own folder")
  const lockFile = join(folder, lockName)
  const lock = lockMayBeMissing && !existsSync(lockFile)
    ? undefined : ownOptionalFile("packages", "packages.lock", { folder, release, file })
  return {
    folder, shipped, file, release, files,
    nodeFiles: new Map(foldersIn(join(folder, nodesFolder)).map((node) => [node, filesIn(join(folder, nodesFolder, node), shown)])),
    ...(bindingsFile ? { bindings: readBindings(bindingsFile, shown(bindingsFile)) } : {}),
    ...(lock ? { packagesLock: parsePackagesLock(readText(lock), shown(lock)) } : {}),
    packagesLockFile: lockFile,
  }
}

function readBindings(path: string, file: string): { file: string; yaml: StrictYaml<BindingsFile> } {
  return { file, yaml: parseStrictYaml(BindingsFile, readText(path), file) }
}

function componentFiles(
  name: ReleaseComponentName, folder: string, release: StrictYaml<ReleaseFile>, file: string,
  shown: (absolute: string) => string,
): Map<string, ReleaseContent> {
  const files = filesIn(join(folder, name), shown)
  for (const [target, source] of Object.entries(release.value.components[name]?.files ?? {})) {
    const where = `${file}:${release.lineOf(["components", name, "files", target])}`
    checkTarget(target, where)
    const { absolute, executable } = ownFile(folder, source, where)
    files.set(target, { content: readFileSync(absolute), source: shown(absolute), mode: executable ? 0o755 : 0o644 })
  }
  return files
}

function filesIn(folder: string, shown: (absolute: string) => string): Map<string, ReleaseContent> {
  if (!existsSync(folder)) return new Map()
  return new Map(filesBelow(folder, shown).map(({ path, absolute, executable }) =>
    [path, { content: readFileSync(absolute), source: shown(absolute), mode: executable ? 0o755 : 0o644 }]))
}

function checkTarget(target: string, where: string, parent = "the component's configuration"): void {
  const parts = target.split("/")
  if (!target.includes("\\") && parts.every((part) => part !== "" && part !== "." && part !== "..")) return
  throw new InputError(`${target} is no path inside ${parent}`, {
    where, remedy: "write it relative, with forward slashes, without . and .., for example families/syndicale/config.tt2",
  })
}

function ownOptionalFile(
  key: "bindings" | "packages", byDefault: string,
  { folder, release, file }: { folder: string; release: StrictYaml<ReleaseFile>; file: string },
): string | undefined {
  const named = release.value[key]
  if (named === undefined && !existsSync(join(folder, byDefault))) return undefined
  return ownFile(folder, named ?? byDefault, `${file}:${release.lineOf([key])}`).absolute
}
