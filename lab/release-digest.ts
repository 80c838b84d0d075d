import { createHash } from "node:crypto"
import { canonicalAddress } from "./address-literal.ts"
import { formatPackagesLock } from "./packages-lock.ts"
import type { Release, ReleaseComponent } from "./release-model.ts"

/** What the digest is made of: what the lab will run. Names, dates, summaries and expectations are no part of it. */
export type DigestedRelease =
  Pick<Release, "platform" | "definition" | "generation" | "components" | "bindings" | "secrets" | "packagesLock">

/**
 * `sha256:` and the SHA-256 of a release's resolved content: platform, generation, each component's files (path,
 * executable or not, bytes), settings, image, nodes, bindings and packages.lock. The same content gives the same
 * digest wherever it lies, in whatever order it was read, however many releases it was spread over by `extends`.
 * The servers of a platform that a team defines itself count too; those of a shipped one come with its name.
 * Secrets are left out: placeholders count as they are written, a declared secret file by its name alone.
 */
export function releaseDigest(release: DigestedRelease): string {
  const { platform, definition, generation, components, bindings, secrets, packagesLock } = release
  const content = {
    platform, generation, secrets: [...secrets].sort(), ...(definition.shipped ? {} : { nodes: definition.nodes }),
    components: Object.fromEntries(Object.entries(components)
      .map(([name, component]) => [name, componentContent(name, component, secrets)])),
    bindings: {
      addresses: byCanonical(bindings.addresses), networks: byCanonical(bindings.networks),
      hosts: bindings.hosts, certificates: bindings.certificates,
    },
    packagesLock: packagesLock ? formatPackagesLock(packagesLock) : null,
  }
  return `sha256:${sha256(JSON.stringify(sorted(content)))}`
}

function componentContent(
  name: string, { files, set, unset, services, image, nodes, memory }: ReleaseComponent, secrets: readonly string[],
): object {
  const counted = [...files].filter(([path]) => !secrets.includes(`${name}/${path}`))
  return {
    files: Object.fromEntries(counted.map(([path, { mode, content }]) =>
      [path, { executable: mode === 0o755, sha256: sha256(content) }])),
    set, unset: [...unset].sort(), services, image: image ?? null, ...(memory.length > 0 ? { memory: [...memory].sort() } : {}),
    nodes: Object.fromEntries(Object.entries(nodes).map(([node, own]) =>
      [node, { set: own.set, unset: [...own.unset].sort() }])),
  }
}

function byCanonical(table: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(table).map(([from, to]) => [canonicalAddress(from) ?? from, to]))
}

/** The same value with the keys of every object in order of their code units. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== "object") return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]))
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex")
}
