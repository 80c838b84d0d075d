import { imagesOf } from "./components.ts"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { ensureImages, type ImageRequest } from "./images.ts"
import type { PackageDifference } from "./packages-lock.ts"
import type { PlatformDefinition } from "./platform.ts"
import type { ReleaseComponentName } from "./release-schema.ts"
import type { Release } from "./release.ts"

export interface LabImages {
  /** By folder of lab/images; a component with an image of the user's own is not among them. */
  tags: Record<string, string>
  /** As `run.json` keeps them. */
  facts: { images: Record<string, { tag: string; id: string }>; packageDifferences: PackageDifference[] }
}

/**
 * Makes sure of every image that a release runs on, with the versions of its packages.lock. Where Debian's mirror has
 * dropped a version, a lock that comes with this project runs with the versions that are there, and each difference is
 * returned; a team's own ends with VersionsGone. A user's own image is looked for, never built.
 */
export async function labImages(
  release: Release, platform: PlatformDefinition,
  { onStep, signal }: { onStep: (text: string) => void; signal: AbortSignal },
): Promise<LabImages> {
  const own = ownImages(release)
  const components = imagesOf(platform).filter((component) => !(component in own))
  const generation = release.generation === "custom" ? "debian-12" : release.generation
  const requests = components.map((component): ImageRequest =>
    ({ component, generation, packages: release.packagesLock?.[component] ?? null }))
  const { images, differences } = await ensureImages(requests, { onStep, signal, allowNewer: release.packagesLockShipped })
  const users = await Promise.all(Object.entries(own).map(async ([component, tag]) =>
    [component, { tag, id: await presentId(component, tag) }] as const))
  return {
    tags: Object.fromEntries(Object.entries(images).map(([component, { tag }]) => [component, tag])),
    facts: { images: { ...images, ...Object.fromEntries(users) }, packageDifferences: differences },
  }
}

function ownImages({ components }: Release): Record<string, string> {
  return Object.fromEntries(Object.entries(components)
    .flatMap(([name, component]) => component.image ? [[name as ReleaseComponentName, component.image]] : []))
}

async function presentId(component: string, tag: string): Promise<string> {
  const { container: { dockerode } } = await engine()
  try {
    return (await dockerode.getImage(tag).inspect()).Id
  } catch (cause) {
    throw new LabFailure(`The image ${tag} of component ${component} is not on this machine`, {
      where: "release.yaml, components", remedy: `docker pull ${tag}, or correct its name`, cause,
    })
  }
}
