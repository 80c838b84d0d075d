import { spawn } from "node:child_process"
import { createWriteStream } from "node:fs"
import type { Readable } from "node:stream"
import { setTimeout as pause } from "node:timers/promises"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { isAlive, LABELS, thisOwner, type Owner } from "./ownership.ts"
import { settings } from "./settings.ts"
import { logFile } from "./state-folder.ts"

const imageLabel = "recette.image"
const lastLinesMax = 12
/** Ctrl-C ends everything within 10 s. */
const ownBuildersMsMax = 5_000
const againAfterMs = 100
const emptyLooksMin = 2
const colors = /\x1b\[\d*m/g
const ownerHost = /^owner-(\d+)-(\d+)-(\w+)-(\w+)-([0-9a-z-]+)\.recette\.invalid:/

export interface BuildRequest {
  /** What it builds: in the label `recette.image`, in the log's name and in errors. */
  component: string
  /** Folder with the Dockerfile and everything that it copies. */
  folder: string
  tag: string
  buildArguments: Record<string, string>
  labels?: Record<string, string>
  signal?: AbortSignal | undefined
}

/** A build that failed. `output` is everything that it printed. */
export class BuildFailure extends LabFailure {
  readonly output: string
  constructor(component: string, reason: string, output: string, log: string) {
    super(`The image of ${component} could not be built: ${reason}\n${lastLines(output)}`, {
      where: log, remedy: "read that log; proxy, certificate authority and mirrors stand in .recette.env.example",
    })
    this.output = output
  }
}

/**
 * Builds an image with the engine's classic builder; its output goes to `.recette/log/image-<component>.log`.
 * Whoever closes the connection ends the build and its container, also by dying: the engine sees to it.
 */
export async function buildImage({ component, folder, tag, buildArguments, labels = {}, signal }: BuildRequest): Promise<void> {
  const { container: { dockerode } } = await engine()
  const log = await logFile(`image-${component}`)
  const context = packFolder(folder)
  const stream = await dockerode.buildImage(context, {
    t: tag, rm: true, forcerm: true, extrahosts: ownerMark(thisOwner()),
    buildargs: { ...proxyArguments(), ...buildArguments },
    labels: { ...labels, [LABELS.role]: "image", [imageLabel]: component },
    ...(signal ? { abortSignal: signal } : {}),
  } as object) as Readable
  const { error, output } = await followBuild(stream, log, signal).finally(() => signal?.aborted && removeOwnBuilders())
  if (error !== undefined) throw new BuildFailure(component, shortReason(error), output, log)
}

/**
 * The engine's stream of JSON lines, written as text to `log`. Returns the engine's error, if there was one.
 * Rejects with the abort's reason when `signal` aborts.
 */
export async function followBuild(
  stream: Readable, log: string, signal?: AbortSignal,
): Promise<{ error: string | undefined; output: string }> {
  const abort = () => stream.destroy(signal?.reason as Error)
  signal?.addEventListener("abort", abort, { once: true })
  const file = createWriteStream(log)
  let rest = ""
  let output = ""
  let error: string | undefined
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split("\n")
      rest = lines.pop() ?? ""
      for (const line of lines.filter((text) => text.trim() !== "")) {
        const event = JSON.parse(line) as { stream?: string; status?: string; error?: string }
        const text = (event.stream ?? (event.status ? `${event.status}\n` : "")).replaceAll(colors, "")
        error ??= event.error
        output += text
        file.write(event.error ? `${event.error}\n` : text)
      }
    }
    signal?.throwIfAborted()
  } finally {
    signal?.removeEventListener("abort", abort)
    await new Promise<void>((resolve) => file.end(resolve))
  }
  return { error, output }
}

/** Removes the containers of builds whose owner is dead (an engine that was stopped leaves them); returns how many. */
export async function removeDeadBuilders(): Promise<number> {
  return removeBuilders((owner) => !isAlive(owner))
}

/**
 * Removes the containers of this process's builds after they were aborted. The engine does that itself, some time
 * after the connection was closed, when this process may be gone already.
 */
async function removeOwnBuilders(): Promise<void> {
  const { pid, startTicks, bootId, pidNamespace } = thisOwner()
  const isOwn = (owner: Owner): boolean => owner.pid === pid && owner.startTicks === startTicks
    && owner.bootId === bootId && owner.pidNamespace === pidNamespace
  const deadline = performance.now() + ownBuildersMsMax
  for (let emptyLooks = 0; emptyLooks < emptyLooksMin && performance.now() < deadline;) {
    emptyLooks = await removeBuilders(isOwn) === 0 ? emptyLooks + 1 : 0
    await pause(againAfterMs)
  }
}

/** Removes the containers of builds with such an owner; returns how many there were, also those that go by themselves. */
async function removeBuilders(isToGo: (owner: Owner) => boolean): Promise<number> {
  const { container: { dockerode } } = await engine()
  const builders = await dockerode.listContainers({ all: true, filters: { label: [`${LABELS.role}=builder`] } })
  const removed = await Promise.all(builders.map(async ({ Id }) => {
    try {
      const { HostConfig } = await dockerode.getContainer(Id).inspect()
      const owner = builderOwner((HostConfig.ExtraHosts as string[] | null) ?? [])
      if (owner === undefined || !isToGo(owner)) return 0
      await dockerode.getContainer(Id).remove({ force: true, v: true })
    } catch (error) {
      const { statusCode = 0 } = error as { statusCode?: number }
      if (statusCode === 404) return 0
      if (statusCode !== 409) throw error // that one is being removed
    }
    return 1
  }))
  return removed.filter((count) => count > 0).length
}

/**
 * Marks a build's containers with their owner as an extra host: labels and build arguments would be part of the layers,
 * so that no layer of another run could be used again; extra hosts are not.
 */
export function ownerMark({ pid, startTicks, pidNamespace, machine, bootId }: Owner): string {
  return `owner-${pid}-${startTicks}-${pidNamespace}-${machine}-${bootId}.recette.invalid:127.0.0.1`
}

export function builderOwner(extraHosts: readonly string[]): Owner | undefined {
  for (const host of extraHosts) {
    const [, pid, startTicks, pidNamespace, machine, bootId] = ownerHost.exec(host) ?? []
    if (pid && startTicks && pidNamespace && machine && bootId) {
      return { pid: Number(pid), startTicks, pidNamespace, machine, bootId }
    }
  }
  return undefined
}

/** Proxies as the builder's predefined arguments, which are no part of the image. */
export function proxyArguments(): Record<string, string> {
  const { httpProxy, httpsProxy, noProxy } = settings()
  const proxies = { http_proxy: httpProxy, https_proxy: httpsProxy, no_proxy: noProxy }
  return Object.fromEntries(Object.entries(proxies)
    .flatMap(([name, value]) => value === undefined ? [] : [[name, value], [name.toUpperCase(), value]]))
}

/** The folder as a tar stream, the same for every user and umask. */
function packFolder(folder: string): Readable {
  const tar = spawn("tar", [
    "--create", "--file=-", `--directory=${folder}`, "--sort=name", "--owner=0", "--group=0", "--numeric-owner",
    "--mode=u+rwX,go+rX,go-w", ".",
  ], { stdio: ["ignore", "pipe", "ignore"] })
  tar.once("error", (cause) => tar.stdout.destroy(cause))
  return tar.stdout
}

/** The engine repeats the whole command; its end says it all. */
function shortReason(error: string): string {
  const code = /returned a non-zero code: (\d+)$/.exec(error)?.[1]
  return code === undefined ? error : `a command of its Dockerfile ended with ${code}`
}

function lastLines(output: string): string {
  return output.trimEnd().split("\n").slice(-lastLinesMax).join("\n")
}
