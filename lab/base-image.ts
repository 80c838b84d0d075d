import { createHash } from "node:crypto"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { buildImage, followBuild } from "./image-build.ts"
import { makeDebianArchive } from "./debian-archive.ts"
import { settings, type Settings } from "./settings.ts"
import { logFile, temporaryFolder } from "./state-folder.ts"

/** Debian's suite of each generation of packages. */
const suites = { "debian-12": "bookworm", "debian-13": "trixie" } as const

export type Generation = keyof typeof suites

export interface BaseImage { tag: string; /** `sha256:...` */ id: string; suite: string }

export interface BaseImageOptions { onStep?: ((text: string) => void) | undefined; signal?: AbortSignal | undefined }

const pullSilenceMsMax = 30_000

/** The id of an image in the engine, `undefined` where it has none of that tag. */
export async function imageId(tag: string): Promise<string | undefined> {
  const { container: { dockerode } } = await engine()
  try {
    return (await dockerode.getImage(tag).inspect()).Id
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined
    throw new LabFailure(`The engine could not look up the image ${tag}`, {
      where: "container engine", remedy: "see whether it still answers (docker info)", cause: error,
    })
  }
}

/** The base of a generation where the engine has it already; looks only, makes nothing. */
export async function presentBaseImage(generation: Generation): Promise<BaseImage | undefined> {
  const suite = suites[generation]
  const debianId = await imageId(debianTag(suite))
  if (debianId === undefined) return undefined
  const own = await ownSources(suite, settings())
  const tag = own === undefined ? debianTag(suite) : ownTag(suite, debianId, own)
  const id = own === undefined ? debianId : await imageId(tag)
  return id === undefined ? undefined : { tag, id, suite }
}

/**
 * The image that all components of a generation are built from: `debian:<suite>-slim` as the engine has it, else from
 * a registry, else made here with mmdebstrap; on top of it the mirrors and the certificate authority of the settings.
 * It appears whole or not at all.
 */
export async function ensureBaseImage(generation: Generation, options: BaseImageOptions = {}): Promise<BaseImage> {
  const present = await presentBaseImage(generation)
  if (present) return present
  const suite = suites[generation]
  const debianId = await imageId(debianTag(suite)) ?? await makeDebianImage(suite, options)
  const own = await ownSources(suite, settings())
  if (own === undefined) return { tag: debianTag(suite), id: debianId, suite }
  const tag = ownTag(suite, debianId, own)
  await using folder = await temporaryFolder("base")
  for (const [name, content] of Object.entries(own)) await writeFile(join(folder.path, name), content)
  await buildImage({
    component: "base", folder: folder.path, tag, buildArguments: { BASE: debianTag(suite) }, signal: options.signal,
  })
  return { tag, id: await imageId(tag) ?? missing(tag), suite }
}

async function makeDebianImage(suite: string, { onStep = () => {}, signal }: BaseImageOptions): Promise<string> {
  const tag = debianTag(suite)
  const startedMs = performance.now()
  onStep(`base image ${tag}: asking the registry`)
  const refusal = await pullDebian(suite, signal)
  if (refusal !== undefined) {
    onStep(`base image ${tag}: no registry has it (${refusal}); making it with mmdebstrap`)
    await importDebian(suite, signal)
  }
  onStep(`base image ${tag}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
  return await imageId(tag) ?? missing(tag)
}

/** Pulls the base and returns `undefined`, or says in one line why no registry gave it. */
async function pullDebian(suite: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const { imageRegistry } = settings()
  const { container: { dockerode } } = await engine()
  const reference = [imageRegistry, debianTag(suite)].filter(Boolean).join("/")
  const silence = AbortSignal.timeout(pullSilenceMsMax)
  try {
    const anySignal = AbortSignal.any([silence, ...(signal ? [signal] : [])])
    const stream = await dockerode.pull(reference, { abortSignal: anySignal }) as Readable
    const { error } = await followBuild(stream, await logFile("base-pull"), signal)
    if (error !== undefined) return error
  } catch (cause) {
    signal?.throwIfAborted()
    return silence.aborted ? `no answer within ${pullSilenceMsMax} ms` : oneLine(cause)
  }
  const [repo, label] = debianTag(suite).split(":")
  if (imageRegistry) await dockerode.getImage(reference).tag({ repo: repo!, tag: label! })
  return undefined
}

/** `docker import` gives the tag only once it has read the whole archive. */
async function importDebian(suite: string, signal: AbortSignal | undefined): Promise<void> {
  await using folder = await temporaryFolder("debian")
  const { container: { dockerode } } = await engine()
  const archive = await makeDebianArchive(suite, folder.path, sourceLines(suite, settings()), signal)
  const [repo, tag] = debianTag(suite).split(":")
  const stream = await dockerode.importImage(archive, { repo, tag, changes: 'CMD ["bash"]' }) as Readable
  const { error } = await followBuild(stream, await logFile("base-import"), signal)
  if (error !== undefined) {
    throw new LabFailure(`The engine refused the base image of ${suite}: ${error}`, {
      where: "container engine", remedy: "see whether its disk is full (docker system df)",
    })
  }
}

/** Build context of the base with the settings' mirrors and authority; `undefined` where neither is set. */
async function ownSources(
  suite: string, { debianMirror, debianSecurityMirror, caFile }: Settings,
): Promise<Record<string, string> | undefined> {
  if (!debianMirror && !debianSecurityMirror && !caFile) return undefined
  const lines = sourceLines(suite, { debianMirror, debianSecurityMirror })
  const authority = caFile === undefined ? undefined : await readFile(caFile, "utf8")
  return {
    ...(lines.length === 0 ? {} : { "sources.list": lines.map((line) => `${line}\n`).join("") }),
    ...(authority === undefined ? {} : {
      "recette.crt": authority, "90recette": 'Acquire::https::CaInfo "/usr/local/share/ca-certificates/recette.crt";\n',
    }),
    Dockerfile: [
      "ARG BASE", "FROM ${BASE}", "LABEL recette.role=builder",
      ...(lines.length === 0 ? [] : ["RUN rm --recursive --force /etc/apt/sources.list.d", "COPY sources.list /etc/apt/"]),
      ...(authority === undefined ? [] : [
        "COPY recette.crt /usr/local/share/ca-certificates/", "COPY 90recette /etc/apt/apt.conf.d/",
      ]),
    ].map((line) => `${line}\n`).join(""),
  }
}

/** Lines of sources.list for the mirrors that are set; what has no mirror keeps no line, for it is out of reach. */
export function sourceLines(
  suite: string, { debianMirror, debianSecurityMirror }: Pick<Settings, "debianMirror" | "debianSecurityMirror">,
): string[] {
  return [
    ...(debianMirror ? [`deb ${debianMirror} ${suite} main`, `deb ${debianMirror} ${suite}-updates main`] : []),
    ...(debianSecurityMirror ? [`deb ${debianSecurityMirror} ${suite}-security main`] : []),
  ]
}

function debianTag(suite: string): string {
  return `debian:${suite}-slim`
}

function ownTag(suite: string, debianId: string, sources: Record<string, string>): string {
  const hash = createHash("sha256").update(JSON.stringify([debianId, sources])).digest("hex")
  return `recette/base:${suite}-${hash.slice(0, 12)}`
}

function oneLine(cause: unknown): string {
  return String((cause as Error).message).split("\n")[0]!.slice(0, 160)
}

function missing(tag: string): never {
  throw new LabFailure(`The image ${tag} was made and is gone`, {
    where: "container engine", remedy: "start again; somebody removed it meanwhile",
  })
}
