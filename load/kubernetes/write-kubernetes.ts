import { copyFile, cp, mkdir, readFile } from "node:fs/promises"
import { basename, join } from "node:path"
import { stringify } from "yaml"
import { markOf } from "../../fixtures/mark.ts"
import { postfixServices } from "../../lab/postfix.ts"
import { shippedPlatforms } from "../../lab/platform.ts"
import { projectFolder } from "../../lab/state-folder.ts"
import { writeWhole } from "../../lab/whole-file.ts"
import type { LoadProfile } from "../load-profile.ts"
import { scriptFiles } from "../prepare.ts"
import { guide } from "./guide.ts"
import { testRun, volumeClaims } from "./manifests.ts"
import { whatMustExist } from "./what-must-exist.ts"

export interface KubernetesOrder { profile: LoadProfile; generators: number; seed: number; folder: string; lang: "fr" | "en"; run?: string }

const image = "registry.example/recette/generator:1"

/**
 * Writes all that a cluster with the k6 operator needs to send a profile: manifests, the files of the script's volume, the
 * image's recipe with its sources, what the platform must have, and a guide. Returns what to do next.
 */
export async function writeKubernetes({ profile, generators, seed, folder, lang, run = markOf("l", `kubernetes ${Date.now()}`) }: KubernetesOrder): Promise<string> {
  const { prepared, exists } = await whatMustExist(profile, { seed, mark: run })
  const order = { profile, generators, image, run, edge: edgeOf(profile.name) }
  const script = profile.script ?? join(import.meta.dirname, "..", "profiles", "streams.k6.ts")
  const files: Record<string, string> = {
    "testrun.yaml": stringify(testRun(order)), "volumes.yaml": volumeClaims(order).map((claim) => stringify(claim)).join("---\n"),
    "platform.json": `${JSON.stringify(exists, null, 2)}\n`, "README.md": guide({ ...order, lang }),
    [`files/${profile.name}.k6.ts`]: await readFile(script, "utf8"),
    ...Object.fromEntries(Object.entries(scriptFiles(prepared)).map(([name, text]) => [`files/${name}`, text])),
  }
  for (const [name, text] of Object.entries(files)) await writeWhole(join(folder, name), text)
  await writeImage(join(folder, "image"))
  return `${Object.keys(files).length} files and image/ in ${folder}; README.md there says how they are used`
}

/** Containerfile with all that it copies. */
async function writeImage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const name of ["Containerfile", "k6.sh"]) await copyFile(join(import.meta.dirname, name), join(folder, name))
  await copyFile(join(projectFolder, "lab", "images", "generator", "LICENCE"), join(folder, "LICENCE"))
  await cp(join(projectFolder, "load", "k6-mail"), join(folder, "k6-mail"), { recursive: true, filter: (path) => !basename(path).endsWith("_test.go") })
}

/** That of the first shipped platform that has the profile; whoever has another one changes it in the manifest. */
function edgeOf(profile: string): { EDGE: string; SUBMISSION: string } {
  const platform = shippedPlatforms().find(({ profiles }) => profiles.includes(profile))
  const edge = platform?.nodes.find(({ component }) => component === "postfix")
  return { EDGE: edge?.hostname ?? "edge.invalid", SUBMISSION: String(postfixServices.submission) }
}
