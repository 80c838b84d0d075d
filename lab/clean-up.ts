import { setTimeout as pause } from "node:timers/promises"
import type { NetworkInspectInfo } from "dockerode"
import { startsSettled } from "./container-starts.ts"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { removeDeadBuilders } from "./image-build.ts"
import { HostAgent } from "./isolation-rules.ts"
import { isAlive, LABELS, ownerFromLabels, thisOwner, type Owner } from "./ownership.ts"
import { forgetRun, registeredRuns } from "./run-registry.ts"
import { stateFolder as ownStateFolder, sweepTemporaryFolders } from "./state-folder.ts"

/** A whole removal, in ms: Ctrl-C must leave nothing within 10 s. */
export const removalMsMax = 8_000
const againAfterMs = 100
const emptyLooksMin = 2
const agentStartsMax = 3
/**
 * An engine may go on counting an endpoint of a container that is long gone ("network has active endpoints", seen with
 * 20.10 after a kill -9 while a container was starting): it keeps that network until it is restarted.
 */
const keptAfterMs = 1_000
/** Longest that a removal waits for containers that this process is just starting. */
const startsMsMax = 2_000

interface Thing {
  kind: "container" | "network" | "volume"
  id: string
  labels: Record<string, string>
  /** Containers only. */
  image?: string
}

export interface SweepOptions {
  /** Where runs are noted (run-registry.ts); by default this clone's. */
  stateFolder?: string
  /** Also look for rules that nothing else tells of; starts a container even when there are none (`prune`). */
  thorough?: boolean
}

/** What a sweep removed, and the names of empty networks that the engine would not give up. */
export interface Swept { runs: string[]; builderContainers: number; temporaryFolders: number; keptNetworks: string[] }

/**
 * Removes what dead runs left: containers (also the builder's), networks, volumes, veth pairs, packet filter rules and
 * temporary folders. Nothing of a living run, nothing without our labels. Where there is nothing to remove it
 * only asks a few lists of the engine, and starts no container. Throws a LabFailure naming what stays.
 */
export async function sweep({ stateFolder = ownStateFolder, thorough = false }: SweepOptions = {}): Promise<Swept> {
  const [things, registered, builderContainers, temporaryFolders] = await Promise.all([
    labelledThings(), registeredRuns(stateFolder), removeDeadBuilders(), sweepTemporaryFolders(),
  ])
  const dead = new Map<string, string | undefined>()
  for (const { run, owner, image } of registered) if (!isAlive(owner)) dead.set(run, image)
  for (const { labels, image } of things) {
    const owner = ownerFromLabels(labels)
    const run = labels[LABELS.run]!
    if (owner && !isAlive(owner)) dead.set(run, image ?? dead.get(run))
  }
  const runs = [...dead.keys()]
  const keptNetworks = runs.length > 0 || thorough
    ? await removeRuns(runs, { image: [...dead.values()].find(Boolean), thorough }) : []
  await Promise.all(runs.map((run) => forgetRun(stateFolder, run)))
  return { runs, builderContainers, temporaryFolders, keptNetworks }
}

/**
 * Removes all that a run made, at its normal end, after a failure or at Ctrl-C, within 8 s; calling it twice is no
 * error. Containers go first and rules after them, so that the isolation holds to the end.
 */
export async function removeRun(
  run: string, { stateFolder = ownStateFolder, image }: { stateFolder?: string; /** The world's. */ image?: string } = {},
): Promise<void> {
  await startsSettled(startsMsMax)
  const noted = (await registeredRuns(stateFolder)).find((one) => one.run === run)
  await removeRuns([run], { image: image ?? noted?.image })
  await forgetRun(stateFolder, run)
}

/** Returns the names of networks that the engine keeps although nothing uses them. */
async function removeRuns(runs: readonly string[], options: RemovalOptions): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), removalMsMax)
  })
  const stop = new AbortController()
  try {
    const outcome = await Promise.race([removeUntilGone(runs, options, stop.signal), late])
    if (outcome !== "late") return outcome
  } finally {
    clearTimeout(timer)
    stop.abort()
  }
  throw new LabFailure(`Not all of ${runs.join(", ")} could be removed within ${removalMsMax} ms`, {
    where: `container engine: docker ps --all --filter label=${LABELS.run}`,
    remedy: "see whether the engine answers, then `npm run recette -- prune`",
  })
}

interface RemovalOptions { image?: string | undefined; thorough?: boolean }

/** Something may still be on its way into the engine when a run is stopped, so it looks until twice nothing is there. */
async function removeUntilGone(
  runs: readonly string[], { image, thorough = false }: RemovalOptions, signal: AbortSignal,
): Promise<string[]> {
  const kept = new Map<string, { name: string; sinceMs: number }>()
  const first = await thingsOf(runs)
  const starting = startAgent([first.find((thing) => thing.image)?.image, image])
  starting.catch(() => undefined) // thrown where it is awaited
  try {
    let emptyLooks = 0
    for (let things = first; emptyLooks < emptyLooksMin && !signal.aborted; things = await thingsOf(runs)) {
      if (emptyLooks > 0 || kept.size > 0) await pause(againAfterMs)
      const isKept = ({ id }: Thing) => performance.now() - (kept.get(id)?.sinceMs ?? Infinity) > keptAfterMs
      emptyLooks = things.every(isKept) ? emptyLooks + 1 : 0
      await removeAll(things.filter(({ kind }) => kind === "container"))
      const agent = await starting
      if (agent === "no image") return []
      if (agent !== "not allowed") await agent.removeRules(thorough ? await deadRunsWithRules(agent, runs) : runs)
      await removeAll(things.filter(({ kind }) => kind !== "container"))
      await noteEmptyNetworks(kept, things)
    }
    return [...kept.values()].map(({ name }) => name)
  } finally {
    const agent = await starting
    if (typeof agent !== "string") await agent.remove()
  }
}

/** Keeps in `kept` the networks of `things` that are still there although no container is on them, with the first time. */
async function noteEmptyNetworks(kept: Map<string, { name: string; sinceMs: number }>, things: readonly Thing[]): Promise<void> {
  const { container: { dockerode } } = await engine()
  for (const { kind, id } of things) {
    if (kind !== "network") continue
    const info = await dockerode.getNetwork(id).inspect().catch(() => undefined) as NetworkInspectInfo | undefined
    if (!info || Object.keys(info.Containers ?? {}).length > 0) kept.delete(id)
    else if (!kept.has(id)) kept.set(id, { name: info.Name, sinceMs: performance.now() })
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

/**
 * The agent is owned by this process and named after it, whatever run it removes: a later sweep finds it by that.
 * An engine that allows no agent took no rules either. Without an image of the world the networks are left as they
 * are: they keep the memory of the rules until a command has built one.
 */
async function startAgent(images: readonly (string | undefined)[]): Promise<HostAgent | "not allowed" | "no image"> {
  const owner: Owner = thisOwner()
  const run = `removal-${owner.pid}-${process.hrtime.bigint().toString(36)}`
  const { container: { dockerode } } = await engine()
  const built = (await dockerode.listImages({ filters: { reference: ["recette/world"] } })).map(({ Id }) => Id)
  for (const image of [...images, ...built]) {
    if (!image || !await dockerode.getImage(image).inspect().catch(() => undefined)) continue
    for (let attempt = 1; attempt <= agentStartsMax; attempt++) {
      const agent = await HostAgent.start({ run, owner, image, purpose: `removal-${attempt}` }).catch(() => undefined)
      if (agent) return agent
      await pause(againAfterMs)
    }
    return "not allowed"
  }
  return "no image"
}

async function thingsOf(runs: readonly string[]): Promise<Thing[]> {
  return (await labelledThings()).filter(({ labels }) => runs.includes(labels[LABELS.run] ?? ""))
}

async function labelledThings(): Promise<Thing[]> {
  const { container: { dockerode } } = await engine()
  const filters = { label: [LABELS.run] }
  const [containers, networks, { Volumes }] = await Promise.all([
    dockerode.listContainers({ all: true, filters }), dockerode.listNetworks({ filters }),
    dockerode.listVolumes({ filters }),
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

async function removeAll(things: readonly Thing[]): Promise<void> {
  await Promise.all(things.map(removeThing))
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
