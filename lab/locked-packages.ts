import { engine, execIn } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { packageNames } from "./image-context.ts"
import { LABELS, ownerLabels, thisOwner } from "./ownership.ts"
import type { PackagesLock } from "./packages-lock.ts"

/** A node's container in whatever way it was started: `dpkg-query` is all that is asked of it. */
const query = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\\n"]

/** Debian packages installed in a container, by name. An image without dpkg has none: it is known by its digest. */
export async function installedPackages(containerId: string, where: string): Promise<Record<string, string>> {
  const { exitCode, stdout } = await execIn(containerId, query, {}, where)
  if (exitCode !== 0) return {}
  return Object.fromEntries(stdout.trim().split("\n").map((line) => line.split(" ") as [string, string]))
}

/**
 * What a release locks: in each image of `tags` (component to tag) the packages that recette installs by name, with
 * the versions that are there. Throws a LabFailure for an image that lacks one of them.
 */
export async function lockedPackages(tags: Readonly<Record<string, string>>): Promise<PackagesLock> {
  return Object.fromEntries(await Promise.all(Object.entries(tags).map(async ([component, tag]) =>
    [component, await lockedIn(component, tag)] as const)))
}

async function lockedIn(component: string, tag: string): Promise<Record<string, string>> {
  const { container: { dockerode } } = await engine()
  const container = await dockerode.createContainer({
    Image: tag, Entrypoint: ["sleep", "60"], Cmd: [], HostConfig: { NetworkMode: "none" }, StopSignal: "SIGKILL",
    Labels: { ...ownerLabels("lock", thisOwner()), [LABELS.role]: "versions" },
  })
  try {
    await container.start()
    const installed = await installedPackages(container.id, `image ${tag}`)
    return Object.fromEntries((await packageNames(component)).map((name) => [name, versionIn(installed, name, tag)]))
  } finally {
    await container.remove({ force: true, v: true })
  }
}

function versionIn(installed: Readonly<Record<string, string>>, name: string, tag: string): string {
  const version = installed[name]
  if (version !== undefined) return version
  throw new LabFailure(`The image ${tag} has no package ${name}`, {
    where: "lab/images, packages", remedy: "correct the name there, and remove that image",
  })
}
