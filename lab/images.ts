import { createHash } from "node:crypto"
import { engine } from "./engine.ts"
import { ensureBaseImage, imageId, presentBaseImage, type BaseImage, type Generation } from "./base-image.ts"
import { BuildFailure, buildImage, removeDeadBuilders } from "./image-build.ts"
import { contextFiles, packageNames, stageContext, type ContextFile } from "./image-context.ts"
import { availableVersions, pinsNotFound, VersionsGone } from "./package-versions.ts"
import type { PackageDifference } from "./packages-lock.ts"
import { withProjectLock } from "./project-lock.ts"
import { sweepTemporaryFolders, temporaryFolder } from "./state-folder.ts"

export interface ImageRequest {
  component: string
  generation: Generation
  /** Exact versions by package name, for example `{ postfix: "3.7.11-0+deb12u1" }`; `null`: what the mirror has. */
  packages: Readonly<Record<string, string>> | null
}

export interface EnsureImagesOptions {
  /** Called with one line of text as an image begins and as it is done, with its time; never where nothing is built. */
  onStep?: (text: string) => void
  /** Where a version is gone from the mirror, build with the one that it has, and return the difference. */
  allowNewer?: boolean
  /** An abort ends the builds and their containers. */
  signal?: AbortSignal
}

export interface EnsuredImages {
  images: Record<string, { tag: string; /** `sha256:...` */ id: string }>
  /** Versions that are not those of the requests (only with `allowNewer`). */
  differences: PackageDifference[]
}

interface Plan { request: ImageRequest; base: BaseImage; files: ContextFile[]; pins: string[]; tag: string }
interface Ensured { tag: string; id: string; differences: PackageDifference[] }

const differencesLabel = "recette.differences"
const buildsAtOnceMax = 2
const newerSuffix = "-newer"

/**
 * Makes sure of one image for each request and returns them by component. An image's tag is the hash of its files,
 * packages and base, so that one that exists is not built again; one process of this project builds at a time.
 * Throws VersionsGone where the mirror dropped a version (unless `allowNewer`), LabFailure where a build fails.
 */
export async function ensureImages(
  requests: readonly ImageRequest[], options: EnsureImagesOptions = {},
): Promise<EnsuredImages> {
  const present = await presentImages(requests, options)
  if (present) return present
  const { onStep, signal } = options
  return withProjectLock("images", async () => {
    await sweepTemporaryFolders()
    await removeDeadBuilders()
    const bases = new Map<Generation, BaseImage>()
    for (const { generation } of requests) {
      if (!bases.has(generation)) bases.set(generation, await ensureBaseImage(generation, { onStep, signal }))
    }
    const plans = await Promise.all(requests.map((request) => planOf(request, bases.get(request.generation)!, onStep)))
    return collect(plans, await inTurns(plans, (plan) => ensureImage(plan, options)))
  }, { signal, onWait: () => onStep?.("another recette builds images; waiting for it") })
}

async function presentImages(
  requests: readonly ImageRequest[], { allowNewer = false, onStep }: EnsureImagesOptions,
): Promise<EnsuredImages | undefined> {
  const plans: Plan[] = []
  for (const request of requests) {
    const base = await presentBaseImage(request.generation)
    if (base === undefined) return undefined
    plans.push(await planOf(request, base, onStep))
  }
  const found = await Promise.all(plans.map(({ tag }) => presentImage(tag, allowNewer)))
  return found.every((image) => image !== undefined) ? collect(plans, found) : undefined
}

async function planOf(request: ImageRequest, base: BaseImage, onStep?: (text: string) => void): Promise<Plan> {
  const files = await contextFiles(request.component, undefined, onStep)
  const names = [...new Set([...await packageNames(request.component), ...Object.keys(request.packages ?? {})])].sort()
  const pins = names.map((name) => {
    const version = request.packages?.[name]
    return version === undefined ? name : `${name}=${version}`
  })
  const content = [base.id, pins, files.map(({ target, digest }) => [target, digest])]
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex")
  return { request, base, files, pins, tag: `recette/${request.component}:${hash.slice(0, 16)}` }
}

async function presentImage(tag: string, allowNewer: boolean): Promise<Ensured | undefined> {
  const exact = await imageId(tag)
  if (exact !== undefined) return { tag, id: exact, differences: [] }
  const newer = allowNewer ? await imageId(tag + newerSuffix) : undefined
  if (newer === undefined) return undefined
  const { container: { dockerode } } = await engine()
  const { Config } = await dockerode.getImage(newer).inspect()
  const differences = JSON.parse(Config.Labels?.[differencesLabel] ?? "[]") as PackageDifference[]
  return { tag: tag + newerSuffix, id: newer, differences }
}

async function ensureImage(plan: Plan, options: EnsureImagesOptions): Promise<Ensured> {
  const { onStep = () => {}, allowNewer = false, signal } = options
  const present = await presentImage(plan.tag, allowNewer)
  if (present) return present
  signal?.throwIfAborted()
  const { component } = plan.request
  const startedMs = performance.now()
  onStep(`image ${component}: building`)
  const ensured = await buildWithPins(plan, options)
  onStep(`image ${component}: ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
  return ensured
}

/** Builds with the request's versions; where the mirror dropped some, says so, or builds again without those pins. */
async function buildWithPins(plan: Plan, { allowNewer = false, signal }: EnsureImagesOptions): Promise<Ensured> {
  try {
    return await build(plan, plan.tag, plan.pins, [], signal)
  } catch (error) {
    const lost = error instanceof BuildFailure ? pinsNotFound(error.output) : {}
    const names = Object.keys(lost)
    if (names.length === 0) throw error
    const available = await availableVersions(plan.base, names)
    const { component } = plan.request
    const versions = names.map((name) => ({
      component, package: name, wanted: lost[name]!, available: available[name] ?? [],
    }))
    if (!allowNewer || versions.some(({ available }) => available.length === 0)) throw new VersionsGone(versions)
    const pins = plan.pins.map((pin) => names.find((name) => pin === `${name}=${lost[name]!}`) ?? pin)
    const differences = versions.map(({ package: name, wanted, available: [newest] }) =>
      ({ component, package: name, locked: wanted, running: newest }))
    return await build(plan, plan.tag + newerSuffix, pins, differences, signal)
  }
}

async function build(
  { request, base, files }: Plan, tag: string, pins: string[], differences: PackageDifference[],
  signal: AbortSignal | undefined,
): Promise<Ensured> {
  await using folder = await temporaryFolder(`context-${request.component}`)
  await stageContext(files, folder.path)
  await buildImage({
    component: request.component, folder: folder.path, tag, signal,
    buildArguments: { BASE: base.tag, PACKAGES: pins.join(" ") },
    labels: differences.length === 0 ? {} : { [differencesLabel]: JSON.stringify(differences) },
  })
  return { tag, id: (await imageId(tag))!, differences }
}

function collect(plans: readonly Plan[], ensured: readonly (Ensured | undefined)[]): EnsuredImages {
  const pairs = plans.map(({ request }, index) => [request.component, ensured[index]!] as const)
  return {
    images: Object.fromEntries(pairs.map(([component, { tag, id }]) => [component, { tag, id }])),
    differences: pairs.flatMap(([, { differences }]) => differences),
  }
}

/** Works on all items, a few at once; where one fails, the others that run end before the failure is thrown. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<T, R>()
  const failures: unknown[] = []
  const waiting = [...items]
  await Promise.all(Array.from({ length: buildsAtOnceMax }, async () => {
    for (let item = waiting.shift(); item !== undefined && failures.length === 0; item = waiting.shift()) {
      try {
        results.set(item, await work(item))
      } catch (failure) {
        failures.push(failure)
      }
    }
  }))
  if (failures.length > 0) throw failures[0]
  return items.map((item) => results.get(item)!)
}
