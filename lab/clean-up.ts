import { setTimeout as pause } from "node:timers/promises"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { HostAgent } from "./isolation-rules.ts"
import { isAlive, LABELS, ownerFromLabels, thisOwner, type Owner } from "./ownership.ts"
import { forgetRun, registeredRuns } from "./run-registry.ts"

/** A whole removal, in ms: Ctrl-C must leave nothing within 10 s. */
export const removalMsMax = 8_000
const againAfterMs = 100

interface Thing {
  kind: "container" | "network" | "volume"
  id: string
  labels: Record<string, string>
  /** Containers only. */
  image?: string
}

export interface SweepOptions {
  /** This clone's `.recette`. */
  stateFolder: string
  /** True while some process builds images: then the builder's containers stay. */
  imagesAreBeingBuilt: () => boolean | Promise<boolean>
  /** Also look for packet filter rules that nothing else tells of; starts a container even when there are none (`prune`). */
  thorough?: boolean
}

/** What a sweep removed. */
export interface Swept { runs: string[]; builderContainers: number }

/**
 * Removes what dead runs left: containers (also the builder's), networks, volumes, veth pairs, packet filter rules and
 * temporary folders. Nothing of a living run, nothing without our labels. Where there is nothing to remove it
 * only asks three lists of the engine, and starts no container. Throws a LabFailure naming what stays.
 */
export async function sweep({ stateFolder, imagesAreBeingBuilt, thorough = false }: SweepOptions): Promise<Swept> {
  const [things, registered, builders] = await Promise.all([labelledThings(), registeredRuns(stateFolder), builderContainers()])
  const dead = new Map<string, string | undefined>()
  for (const { run, owner, image } of registered) if (!isAlive(owner)) dead.set(run, image)
  for (const { labels, image } of things) {
    const owner = ownerFromLabels(labels)
    if (owner && !isAlive(owner)) dead.set(labels[LABELS.run]!, image ?? dead.get(labels[LABELS.run]!))
  }
  const leftBuilders = builders.length > 0 && !await imagesAreBeingBuilt() ? builders : []
  if (dead.size > 0 || thorough) await removeRuns([...dead.keys()], { image: [...dead.values()].find(Boolean), thorough })
  await removeContainers(leftBuilders)
  await Promise.all([...dead.keys()].map((run) => forgetRun(stateFolder, run)))
  return { runs: [...dead.keys()], builderContainers: leftBuilders.length }
}

/**
 * Removes all that a run made, at its normal end, after a failure or at Ctrl-C, within 8 s; calling it twice is no
 * error. Containers go first and rules after them, so that the isolation holds to the end. `image` is the world's.
 */
export async function removeRun(run: string, { stateFolder, image }: { stateFolder: string; image?: string }): Promise<void> {
  await removeRuns([run], { image })
  await forgetRun(stateFolder, run)
}

async function removeRuns(runs: readonly string[], options: { image?: string | undefined; thorough?: boolean }): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), removalMsMax)
  })
  const stop = new AbortController()
  try {
    if (await Promise.race([removeUntilGone(runs, options, stop.signal), late]) !== "late") return
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
  throw new LabFailure(`Not all of ${runs.join(", ")} could be removed within ${removalMsMax} ms`, {
    where: `container engine: docker ps --all --filter label=${LABELS.run}`,
    remedy: "see whether the engine answers, then `npm run recette -- prune`",
  })
}

/** Something may still be on its way into the engine when a run is stopped, so it looks again until nothing is there. */
async function removeUntilGone(
  runs: readonly string[], { image, thorough = false }: { image?: string | undefined; thorough?: boolean }, signal: AbortSignal,
): Promise<void> {
  const first = await thingsOf(runs)
  const needsAgent = thorough || first.some(({ kind }) => kind === "network") || (image !== undefined && first.length === 0)
  const starting = needsAgent ? startAgent(image ?? first.find((thing) => thing.image)?.image) : undefined
  try {
    for (let things = first; ; things = await thingsOf(runs)) {
      await removeContainers(things.filter(({ kind }) => kind === "container"))
      const agent = await starting
      await agent?.removeRules(thorough ? await deadRunsWithRules(agent, runs) : runs)
      await Promise.all(things.filter(({ kind }) => kind !== "container").map(removeThing))
      if ((await thingsOf(runs)).length === 0 || signal.aborted) return
      await pause(againAfterMs)
    }
  } finally {
    await (await starting?.catch(() => undefined))?.remove()
  }
}

/**
 * Runs whose rules nothing else tells of: the rules are listed first and the networks after, and a living run makes
 * its networks before its rules and removes them after, so that one without networks is dead.
 */
async function deadRunsWithRules(agent: HostAgent, runs: readonly string[]): Promise<string[]> {
  const withRules = await agent.runs()
  const known = new Set((await labelledThings()).map(({ labels }) => labels[LABELS.run]))
  return [...new Set([...runs, ...withRules.filter((run) => !known.has(run))])]
}

/** The agent is owned by this process and named after it, whatever run it removes: a later sweep finds it by that. */
async function startAgent(image: string | undefined): Promise<HostAgent> {
  const owner: Owner = thisOwner()
  const run = `removal-${owner.pid}-${process.hrtime.bigint().toString(36)}`
  return HostAgent.start({ run, owner, image: image ?? await anyWorldImage(), purpose: "removal" })
}

async function anyWorldImage(): Promise<string> {
  const { container: { dockerode } } = await engine()
  const [found] = await dockerode.listImages({ filters: { reference: ["recette/world"] } })
  if (found) return found.Id
  throw new LabFailure("No image is there that could remove the packet filter rules of a dead run", {
    where: "image recette/world", remedy: "run `npm run qualify`, which builds it, or remove the rules with comment recette: by hand",
  })
}

async function thingsOf(runs: readonly string[]): Promise<Thing[]> {
  return (await labelledThings()).filter(({ labels }) => runs.includes(labels[LABELS.run] ?? ""))
}

async function labelledThings(): Promise<Thing[]> {
  const { container: { dockerode } } = await engine()
  const filters = { label: [LABELS.run] }
  const [containers, networks, { Volumes }] = await Promise.all([
    dockerode.listContainers({ all: true, filters }), dockerode.listNetworks({ filters }), dockerode.listVolumes({ filters }),
  ])
  return [
    ...containers.map(({ Id, Labels, ImageID }) => ({
      kind: "container" as const, id: Id, labels: Labels, ...runsPrograms(Labels) ? { image: ImageID } : {},
    })),
    ...networks.map(({ Id, Labels }) => ({ kind: "network" as const, id: Id, labels: Labels ?? {} })),
    ...(Volumes ?? []).map(({ Name, Labels }) => ({ kind: "volume" as const, id: Name, labels: Labels ?? {} })),
  ]
}

/** Holders and proof containers run from the world's image. */
function runsPrograms(labels: Record<string, string>): boolean {
  return ["holder", "proof"].includes(labels[LABELS.role] ?? "")
}

/** Steps of an image build: they carry the label of our Dockerfiles, no run, and an image without a name. */
async function builderContainers(): Promise<Thing[]> {
  const { container: { dockerode } } = await engine()
  const containers = await dockerode.listContainers({ all: true, filters: { label: [`${LABELS.role}=builder`] } })
  return containers.filter(({ Labels, Image }) => !Labels[LABELS.run] && /^(sha256:)?[0-9a-f]{12,64}$/.test(Image))
    .map(({ Id, Labels }) => ({ kind: "container", id: Id, labels: Labels }))
}

async function removeContainers(containers: readonly Thing[]): Promise<void> {
  await Promise.all(containers.map(removeThing))
}

/** 404 is gone, 409 is being removed, 403 is a network or volume still in use: the next look tells. */
async function removeThing({ kind, id }: Thing): Promise<void> {
  const { container: { dockerode } } = await engine()
  const removal = {
    container: () => dockerode.getContainer(id).remove({ force: true, v: true }),
    network: () => dockerode.getNetwork(id).remove(),
    volume: () => dockerode.getVolume(id).remove({ force: true }),
  }
  await removal[kind]().catch((error: { statusCode?: number }) => {
    if (![403, 404, 409].includes(error.statusCode ?? 0)) throw error
  })
}
