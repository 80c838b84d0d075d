import { StartedClamavContainer } from "./clamav.ts"
import { StartedDirectoryContainer } from "./directory.ts"
import { StartedDovecotContainer } from "./dovecot.ts"
import { checkSetIsEffective } from "./effective-settings.ts"
import type { LabHandle } from "./handle.ts"
import type { Lab } from "./lab.ts"
import { loadLabOverrides } from "./lab-overrides.ts"
import { installedPackages } from "./locked-packages.ts"
import { StartedMariaDbContainer } from "./mariadb.ts"
import { packageDifferences, type PackageDifference, type PackagesLock } from "./packages-lock.ts"
import { StartedPostfixContainer } from "./postfix.ts"
import type { Release } from "./release.ts"
import { redacted } from "./release-secrets.ts"
import type { RunRecord } from "./run-record.ts"
import { StartedRspamdContainer } from "./rspamd.ts"
import { StartedSympaContainer } from "./sympa.ts"

type Effective = Record<string, string>

const readers: Record<string, (handle: LabHandle, node: string) => Promise<Effective>> = {
  postfix: (handle, node) => new StartedPostfixContainer(handle, node).effectiveSettings(),
  sympa: (handle, node) => new StartedSympaContainer(handle, node).effectiveSettings(),
  dovecot: (handle, node) => new StartedDovecotContainer(handle, node).effectiveSettings(),
  rspamd: (handle, node) => new StartedRspamdContainer(handle, node).effectiveSettings(),
  clamav: (handle, node) => new StartedClamavContainer(handle, node).effectiveSettings(),
  directory: (handle, node) => new StartedDirectoryContainer(handle, node).effectiveSettings(),
  mariadb: async (handle, node) => {
    const mariadb = new StartedMariaDbContainer(handle, node)
    return mariadb.variables().finally(() => mariadb.close())
  },
}

/**
 * Reads back what really runs: each node's effective settings, written to `effective/<node>.json` and checked against
 * what the release sets, and the versions of its packages. Throws where a `set` of the release is not effective.
 */
export async function runningFacts(lab: Lab, release: Release, record: RunRecord): Promise<Record<string, unknown>> {
  const [effectiveSettings, facts] = await Promise.all([
    checkedSettings(lab, release, record),
    Promise.all(readableNodes(lab).map(async ({ node: { name, component } }) =>
      ({ name, component, packages: await installedPackages(lab.handle.nodes[name]!.containerId, `node ${name}`) }))),
  ])
  return {
    effectiveSettings,
    packages: Object.fromEntries(facts.map(({ name, packages }) => [name, packages])),
    packageDifferences: differencesFrom(release.packagesLock ?? {}, facts),
  }
}

/**
 * The part of `runningFacts` that a change of configuration touches, for all nodes or those of `only`. Returns the
 * path of each node's file.
 */
export async function checkedSettings(
  lab: Lab, release: Release, record: RunRecord, only?: readonly string[],
): Promise<Record<string, string>> {
  const { handle, secrets } = lab
  const asked = readableNodes(lab).filter(({ node }) => only?.includes(node.name) ?? true)
  const files = await Promise.all(asked.map(async ({ node: { name, component }, configuration: { set, unset, services } }) => {
    const effective = await readers[component]!(handle, name)
    checkSetIsEffective(component, set, unset, effective, loadLabOverrides(), { services, secrets, where: `${release.folder}/release.yaml` })
    await record.write(`effective/${name}.json`, redacted(JSON.stringify(effective, null, 2), secrets))
    return [name, `effective/${name}.json`] as const
  }))
  return Object.fromEntries(files)
}

function readableNodes({ nodes }: Lab): Lab["nodes"] {
  return nodes.filter(({ node }) => node.component in readers)
}

/** Only what the lock names counts: the rest of a system is recorded, not compared. */
function differencesFrom(
  locked: PackagesLock, facts: readonly { component: string; packages: Record<string, string> }[],
): PackageDifference[] {
  const compared = facts.filter(({ component }) => component in locked)
  const running = Object.fromEntries(compared.map(({ component, packages }) => [component, Object.fromEntries(
    Object.keys(locked[component]!).flatMap((name) => name in packages ? [[name, packages[name]!]] : []))]))
  return packageDifferences(Object.fromEntries(compared.map(({ component }) => [component, locked[component]!])), running)
}
