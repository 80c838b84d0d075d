import type { PackagesLock } from "./packages-lock.ts"
import type { PlatformDefinition } from "./platform.ts"
import type { BindingsFile, ReleaseComponentName } from "./release-schema.ts"

/** A file of a release, as it stands before bindings and secrets are put in. */
export interface ReleaseContent {
  content: Buffer
  /** The file that it was read from, as messages name it. */
  source: string
  /** 0o755 where the file is executable, else 0o644: nothing else of a file's mode travels between machines. */
  mode: number
}

/** The place of a setting in a release.yaml. */
export interface Origin { file: string; line: number }

export interface ReleaseNode { set: Record<string, string>; unset: string[] }

/** What a release says about one component, all layers of `extends` joined. */
export interface ReleaseComponent {
  /** By path in the component's configuration, with forward slashes. */
  files: Map<string, ReleaseContent>
  set: Record<string, string>
  unset: string[]
  services: Record<string, Record<string, string>>
  image?: string
  nodes: Record<string, ReleaseNode>
  /** Folders kept in memory. */
  memory: string[]
  /** Where each setting stands: `set/<name>`, `unset/<name>`, `services/<service>/<name>`, `nodes/<node>/set/<name>`. */
  origins: Record<string, Origin>
}

/** Bindings of all layers, the later ones over the earlier, each with its place. */
export interface Bindings extends Omit<BindingsFile, "schema"> {
  /** By `addresses/<from>`, `networks/<from>`, `hosts/<from>`, `certificates/<from>`. */
  origins: Record<string, Origin>
}

/** A release, loaded and checked: files, settings, bindings and versions of its whole chain of `extends`. */
export interface Release {
  /** `platform/version`. */
  name: string
  platform: string
  /** What that platform is. */
  definition: PlatformDefinition
  version: string
  /** ISO date, for example `2026-11-15`. */
  date: string
  /** Version of the release in production; absent: there is nothing to compare with. */
  replaces?: string
  generation: "debian-12" | "debian-13" | "custom"
  summary: string
  /** Ids of the requirements that must fail, for a mutant. */
  expects: string[]
  /** Comes with this project. */
  shipped: boolean
  /** Absolute path. */
  folder: string
  /** Every folder that it is made of, from the one that starts the chain of `extends` to its own. */
  layers: string[]
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string
  components: Partial<Record<ReleaseComponentName, ReleaseComponent>>
  bindings: Bindings
  /** Declared secrets: names, and `component/file` for whole files. */
  secrets: string[]
  packagesLock: PackagesLock | undefined
  /** The lock comes with this project, also where a release outside it took it over by `extends`. */
  packagesLockShipped: boolean
  /** The file where `recette lock` writes this release's own versions. Absolute path. */
  packagesLockFile: string
}
