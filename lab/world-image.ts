import { engine } from "./engine.ts"
import type { LabHandle } from "./handle.ts"
import { ensureImages } from "./images.ts"

/** Tag of the world's image, built where it is missing: for tests that look at the host by it. */
export async function worldImage(): Promise<string> {
  const { images } = await ensureImages([{ component: "world", generation: "debian-12", packages: null }])
  return images["world"]!.tag
}

/** The image of the world around the platform of a running lab, which is that of its DNS. */
export async function runningWorldImage({ nodes }: LabHandle): Promise<string> {
  const { container } = await engine()
  const dns = Object.values(nodes).find(({ component }) => component === "dns")!
  return (await container.getById(dns.containerId).inspect()).Image
}
