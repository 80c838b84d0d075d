import { InputError } from "./failure.ts"

/** Exact versions by component: `{ postfix: { postfix: "3.7.11-0+deb12u1" } }`. */
export type PackagesLock = Readonly<Record<string, Readonly<Record<string, string>>>>

/** A version that runs and is not the one that the release names; `undefined`: the package is not there. */
export interface PackageDifference { component: string; package: string; locked: string; running: string | undefined }

const firstLine = "# recette packages v1: exact versions of what the components run; written by `recette lock`"
const section = /^\[([a-z0-9-]+)\]$/
const entry = /^([a-z0-9][a-z0-9.+-]+)=(\S+)$/

/**
 * Reads a `packages.lock`: sections `[component]`, then lines `package=version` (Debian policy 5.6.7 and 5.6.12).
 * Lines that are empty or start with `#` say nothing. Throws InputError naming `file` and line.
 */
export function parsePackagesLock(text: string, file: string): PackagesLock {
  const lock: Record<string, Record<string, string>> = {}
  let component: string | undefined
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim()
    if (line === "" || line.startsWith("#")) continue
    const refuse = (message: string, remedy: string) => new InputError(message, { where: `${file}:${index + 1}`, remedy })
    const opened = section.exec(line)?.[1]
    if (opened) {
      if (lock[opened]) throw refuse(`${file} has two sections [${opened}]`, "join them, or run `npm run recette -- lock`")
      lock[component = opened] = {}
      continue
    }
    const [, name, version] = entry.exec(line) ?? []
    if (!name || !version) {
      throw refuse(`${file}: "${line}" is neither [component] nor package=version`,
        "run `npm run recette -- lock` to write the file anew")
    }
    if (!component) throw refuse(`${file}: ${name} stands before the first [component]`, "put a line such as [postfix] above it")
    if (lock[component]![name]) throw refuse(`${file} names ${name} twice in [${component}]`, "keep one of the two")
    lock[component]![name] = version
  }
  return lock
}

/** The file's text, components and packages in alphabetical order: the same lock gives the same bytes. An image without locked packages is not in it. */
export function formatPackagesLock(lock: PackagesLock): string {
  const sections = sorted(lock).filter(([, packages]) => Object.keys(packages).length > 0).map(([component, packages]) =>
    `[${component}]\n${sorted(packages).map(([name, version]) => `${name}=${version}\n`).join("")}`)
  return `${firstLine}\n\n${sections.join("\n")}`
}

/**
 * Where the versions that run are not those that the lock names, in the order of components and packages.
 * `running` may hold more: a package that the lock does not name is no difference.
 */
export function packageDifferences(locked: PackagesLock, running: PackagesLock): PackageDifference[] {
  return sorted(locked).flatMap(([component, packages]) => sorted(packages)
    .filter(([name, version]) => running[component]?.[name] !== version)
    .map(([name, version]) => ({ component, package: name, locked: version, running: running[component]?.[name] })))
}

/** What an image build takes as its `PACKAGES`: `name=version` of that component, in alphabetical order. */
export function pinnedPackages(lock: PackagesLock, component: string): string[] {
  return sorted(lock[component] ?? {}).map(([name, version]) => `${name}=${version}`)
}

function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}
