import { spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { pipeline } from "node:stream/promises"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { temporaryFolder } from "./state-folder.ts"

/** Writes text files, by their names, into a folder of a container that is there already. */
export async function copyIn(containerId: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await using staged = await temporaryFolder(`copy-${containerId.slice(0, 12)}`)
  for (const [name, text] of Object.entries(files)) {
    const path = join(staged.path, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  const tar = spawn("tar", ["--create", "--file=-", "--owner=0", "--group=0", `--directory=${staged.path}`, "."], { stdio: ["ignore", "pipe", "inherit"] })
  const container = (await engine()).container.dockerode.getContainer(containerId)
  await explained(`could not be copied into ${folder}`, containerId, () => Promise.all([container.putArchive(tar.stdout!, { path: folder }), ended(tar)]))
}

/** Copies a folder of a container, with all below it, into a folder of this machine, where it keeps its last name. */
export async function copyOut(containerId: string, folder: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true })
  const container = (await engine()).container.dockerode.getContainer(containerId)
  await explained(`could not be copied from ${folder}`, containerId, async () => {
    await unpack(await container.getArchive({ path: folder }), into)
  })
}

/**
 * Extracts an archive as it comes. tar must read on behind the archive's end mark (two blocks of zeros): where it ends before
 * the engine's answer does, the rest has nowhere to go, and the answer counts as aborted.
 */
export async function unpack(archive: NodeJS.ReadableStream, into: string): Promise<void> {
  const tar = spawn("tar", ["--extract", "--ignore-zeros", "--file=-", "--no-same-owner", `--directory=${into}`], { stdio: ["pipe", "ignore", "inherit"] })
  await Promise.all([pipeline(archive, tar.stdin!), ended(tar)])
}

async function ended(tar: ChildProcess): Promise<void> {
  const [code] = await once(tar, "close") as [number | null]
  if (code !== 0) throw new Error(`tar ended with ${code}`)
}

async function explained(what: string, containerId: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    throw new LabFailure(`Files ${what}: ${(cause as Error).message}`, {
      where: `container ${containerId.slice(0, 12)}`, remedy: "see whether that container still runs (docker ps), and that this disk has room", cause,
    })
  }
}
