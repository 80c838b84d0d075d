import { ensureImages } from "./images.ts"

/** Tag of the world's image, built where it is missing: for tests that look at the host by it. */
export async function worldImage(): Promise<string> {
  const { images } = await ensureImages([{ component: "world", generation: "debian-12", packages: null }])
  return images["world"]!.tag
}
