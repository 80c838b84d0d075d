import { randomBytes } from "node:crypto"
import type { Component } from "./platform.ts"
import type { BaseImage } from "./base-image.ts"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { proxyArguments } from "./image-build.ts"
import { LABELS, ownerLabels, thisOwner } from "./ownership.ts"

const gone = /Version '([^']+)' for '([^']+)' was not found/g
const dpkgLine = /^\s*(\S+)\s*\|\s*(\S+)\s*\|/

/** A version that a release names and that the mirror no longer has. */
export interface GoneVersion { component: Component | string; package: string; wanted: string; /** Newest first. */ available: string[] }

/** Debian's mirrors drop a version as soon as its successor is out: the release cannot be built as it was. */
export class VersionsGone extends LabFailure {
  readonly versions: readonly GoneVersion[]
  constructor(versions: readonly GoneVersion[]) {
    const lines = versions.map(({ component, package: name, wanted, available }) =>
      `  ${component}: ${name} ${wanted} is gone; the mirror has ${available.join(", ") || "no version of it"}`)
    super(`The mirror no longer has versions that the release names\n${lines.join("\n")}`, {
      where: "packages.lock", remedy: "run `npm run recette -- lock` to renew that file, and qualify the release it makes",
    })
    this.versions = versions
  }
}

/** The pins that apt could not find, read from a build's output: package to version. */
export function pinsNotFound(output: string): Record<string, string> {
  return Object.fromEntries([...output.matchAll(gone)].map(([, version, name]) => [name!, version!]))
}

/** Versions that the mirror of `base` has of each package, newest first; `[]` for a package that it does not know. */
export async function availableVersions(base: BaseImage, names: readonly string[]): Promise<Record<string, string[]>> {
  const script = 'apt-get update >&2 && apt-cache madison "$@"'
  return parseMadison(await runInBase(base, ["sh", "-c", script, "recette", ...names]), names)
}

/** Reads `apt-cache madison`: `name | version | source`, newest first (apt-cache(8)). */
export function parseMadison(text: string, names: readonly string[]): Record<string, string[]> {
  const found: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (const line of text.split("\n")) {
    const [, name, version] = dpkgLine.exec(line) ?? []
    const versions = name === undefined ? undefined : found[name]
    if (versions && version && !versions.includes(version)) versions.push(version)
  }
  return found
}

/** Runs a command in a container of the base, with the engine's ordinary network, and returns its standard output. */
async function runInBase(base: BaseImage, command: string[]): Promise<string> {
  const { container: { dockerode } } = await engine()
  const name = `recette-versions-${process.pid}-${randomBytes(3).toString("hex")}`
  const container = await dockerode.createContainer({
    name, Image: base.tag, Cmd: command, Tty: false,
    Env: Object.entries(proxyArguments()).map(([key, value]) => `${key}=${value}`),
    Labels: { ...ownerLabels("set-up", thisOwner()), [LABELS.role]: "versions" },
  })
  try {
    await container.start()
    const { StatusCode } = await container.wait() as { StatusCode: number }
    const stdout = (await container.logs({ stdout: true, stderr: false })) as unknown as Buffer
    const stderr = (await container.logs({ stdout: false, stderr: true })) as unknown as Buffer
    if (StatusCode === 0) return plainText(stdout)
    throw new LabFailure(`The mirror's versions could not be read: ${plainText(stderr).trim().slice(-600)}`, {
      where: `a container of ${base.tag}`, remedy: "see whether the mirror is in reach; settings in .recette.env.example",
    })
  } finally {
    await container.remove({ force: true, v: true })
  }
}

/** The engine sends logs in frames of an 8-byte header (its last four: the length, big-endian) and a payload. */
function plainText(frames: Buffer): string {
  let text = ""
  for (let offset = 0; offset + 8 <= frames.length;) {
    const length = frames.readUInt32BE(offset + 4)
    text += frames.subarray(offset + 8, offset + 8 + length).toString("utf8")
    offset += 8 + length
  }
  return text
}
