import { labImages } from "./lab-images.ts"
import { lockedPackages } from "./locked-packages.ts"
import type { Ownership } from "./own-lab.ts"
import { formatPackagesLock } from "./packages-lock.ts"
import { loadRelease } from "./release.ts"
import { projectFolder } from "./state-folder.ts"
import { writeWhole } from "./whole-file.ts"

/**
 * Writes a release's packages.lock: the versions that Debian's mirror has now, those of images built without pins.
 * Returns the file's path.
 */
export async function lockRelease(name: string, { progress, stop }: Ownership): Promise<string> {
  const release = await loadRelease(name, { projectFolder, lockMayBeMissing: true })
  const images = await progress.step({ fr: "images aux versions les plus récentes", en: "images with the newest versions" }, (detail) =>
    labImages({ ...release, packagesLock: undefined }, release.definition, { onStep: detail, signal: stop }))
  await writeWhole(release.packagesLockFile, formatPackagesLock(await lockedPackages(images.tags)))
  return release.packagesLockFile
}
