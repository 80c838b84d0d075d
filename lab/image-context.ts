import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { copyFile, link, mkdir, readdir, readFile, stat } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { LabFailure } from "./failure.ts"
import { ensuredGenerator } from "./generator-binary.ts"
import { projectFolder } from "./state-folder.ts"

const nodeKey = "@node"
const generatorKeys = { "@generator": "k6", "@naive": "naive" } as const
const ownFiles = ["context.json", "packages"]

/** One file of a build: where it is, where it goes, and what stands for its content in the image's tag. */
export interface ContextFile { source: string; target: string; digest: string }

/**
 * The files that the image of `component` is built from: those of `lab/images/<component>/`, and those that its
 * `context.json` names as `{ "<path in the project>": "<path in the context>" }`. A folder is taken with all below it,
 * tests left out; `"@node"` is the binary of the Node.js that the project pins, `"@generator"` the load generator's and
 * `"@naive"` that of its comparator, which are built where they are missing (`onStep` is told).
 */
export async function contextFiles(
  component: string, project = projectFolder, onStep?: (text: string) => void,
): Promise<ContextFile[]> {
  const folder = join(project, "lab", "images", component)
  if (!existsSync(join(folder, "Dockerfile"))) {
    throw new LabFailure(`There is no image for the component ${component}`, {
      where: `lab/images/${component}/Dockerfile`, remedy: "write that Dockerfile, or give the release an image of its own",
    })
  }
  const files = (await filesBelow(folder, "")).filter(({ target }) => !ownFiles.includes(target))
  for (const [from, to] of Object.entries(await namedFiles(folder))) {
    const source = await named(from, project, onStep)
    if (!existsSync(source)) {
      throw new LabFailure(`The image of ${component} needs ${from}, which is not there`, {
        where: `lab/images/${component}/context.json`, remedy: "correct that path, or run npm ci --ignore-scripts",
      })
    }
    files.push(...await filesBelow(source, to))
  }
  const complete = files.map(async (file) => ({ ...file, digest: await digestOf(file.source) }))
  return (await Promise.all(complete)).sort((a, b) => (a.target < b.target ? -1 : 1))
}

/** Names of the Debian packages of a component: `lab/images/<component>/packages`, one a line. */
export async function packageNames(component: string, project = projectFolder): Promise<string[]> {
  const file = join(project, "lab", "images", component, "packages")
  const text = existsSync(file) ? await readFile(file, "utf8") : ""
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"))
}

/** Lays the files into `folder`; what is large is linked, not copied. */
export async function stageContext(files: readonly ContextFile[], folder: string): Promise<void> {
  for (const { source, target } of files) {
    const path = join(folder, target)
    await mkdir(dirname(path), { recursive: true })
    await link(source, path).catch(() => copyFile(source, path))
  }
}

async function namedFiles(folder: string): Promise<Record<string, string>> {
  const file = join(folder, "context.json")
  return existsSync(file) ? JSON.parse(await readFile(file, "utf8")) as Record<string, string> : {}
}

async function named(from: string, project: string, onStep?: (text: string) => void): Promise<string> {
  if (from === nodeKey) return nodeBinary(project)
  return from in generatorKeys ? (await ensuredGenerator(onStep))[generatorKeys[from as keyof typeof generatorKeys]] : join(project, from)
}

function nodeBinary(project: string): string {
  const pinned = join(project, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node")
  return existsSync(pinned) ? pinned : process.execPath
}

async function filesBelow(source: string, target: string): Promise<Omit<ContextFile, "digest">[]> {
  if ((await stat(source)).isFile()) return [{ source, target }]
  const entries = await readdir(source, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts")).map((entry) => {
    const path = join(entry.parentPath, entry.name)
    return { source: path, target: join(target, relative(source, path)) }
  })
}

/** Content and executable bit; of large binaries what stands for it: Node.js's version, the digest of the generator's sources. */
async function digestOf(source: string): Promise<string> {
  const { mode, size } = await stat(source)
  const hash = createHash("sha256").update(mode & 0o100 ? "x" : "-")
  const isNode = source.endsWith("/bin/node")
  const [, generator] = /\/generator\/(\w+)\/k6(?:-naive)?$/.exec(source) ?? []
  hash.update(isNode ? `${process.version} ${process.arch} ${size}` : generator ? `${generator} ${size}` : await readFile(source))
  return hash.digest("hex")
}
