import { appendFileSync } from "node:fs"
import type { Socket } from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { PassThrough, type Readable } from "node:stream"
import type Dockerode from "dockerode"
import { engine } from "./engine.ts"

/**
 * Writes a container's output to the node's log from its first byte, and again from the first byte of each later start,
 * whoever stops and starts it; remembers the end of it.
 */
export class NodeLog {
  private folder: string
  private readonly node: string
  private tail = ""
  /** What it said while it started; it is kept for the logs of later releases (`moveTo`). */
  private beginning = ""
  private isStarting = true
  private ended: Promise<void> = Promise.resolve()
  constructor(folder: string, node: string) {
    this.folder = folder
    this.node = node
  }
  take(stream: Readable): void {
    appendFileSync(this.path(), "")
    this.ended = new Promise((resolve) => stream.once("close", resolve))
    stream.on("data", (chunk: Buffer | string) => {
      const text = chunk.toString()
      this.tail = (this.tail + text).slice(-4_000)
      if (this.isStarting) this.beginning += text
      try {
        appendFileSync(this.path(), text)
      } catch (cause) {
        stream.destroy(cause as Error)
      }
    })
    stream.on("error", () => this.tail += "\n(the log of this container broke off)\n")
  }
  /** The component has started. What it says when it is stopped and started again is taken as well, until its container is gone. */
  started(containerId: string): void {
    this.isStarting = false
    void this.takeLaterStarts(containerId).catch(() => undefined) // gone, and its log is whole
  }
  /** From now on it writes to another folder, whose log begins with what the component said while it started. */
  moveTo(folder: string): void {
    if (folder === this.folder) return
    this.folder = folder
    appendFileSync(this.path(), this.beginning)
  }
  lastLines(): string {
    return lastLines(this.tail)
  }

  private async takeLaterStarts(containerId: string): Promise<void> {
    const { container: { dockerode } } = await engine()
    const container = dockerode.getContainer(containerId)
    let restart: Restart | undefined = { endedAt: "", startedAt: engineTime((await container.inspect()).State.StartedAt) }
    for (;;) {
      await this.ended
      restart = await nextRestart(dockerode, containerId, restart.startedAt)
      if (restart === undefined) return
      const followed = await container.logs({ follow: true, stdout: true, stderr: true, since: restart.endedAt })
      const output = new PassThrough()
      container.modem.demuxStream(followed, output, output)
      followed.once("end", () => output.end())
      this.take(output)
    }
  }
  private path(): string {
    return join(this.folder, `${this.node}.log`)
  }
}

/** When a container ended, and when it was started again: seconds since the epoch with nine decimals, as the engine takes them. */
interface Restart { endedAt: string; startedAt: string }

/**
 * Waits until a container that started at `since` has ended and been started again; `undefined` once it is removed. By the
 * engine's events, which it also tells of the past.
 */
async function nextRestart(dockerode: Dockerode, containerId: string, since: string): Promise<Restart | undefined> {
  const filters = { type: ["container" as const], container: [containerId], event: ["start", "die", "destroy"] }
  const events = await dockerode.getEvents({ since: since as unknown as number, filters }) as Readable & { socket?: Socket }
  // Nobody waits for it at the end of a run.
  events.socket?.unref()
  let endedAt: string | undefined
  try {
    for await (const line of createInterface({ input: events })) {
      // As text: a number of JavaScript does not hold nanoseconds since the epoch.
      const [, action, seconds, nanoseconds] = /"Action":"(\w+)".*"timeNano":(\d+)(\d{9})/.exec(line) ?? []
      const at = `${seconds}.${nanoseconds}`
      if (action === "destroy") return undefined
      if (action === "die") endedAt = at
      else if (endedAt !== undefined) return { endedAt, startedAt: at }
    }
  } finally {
    events.destroy()
  }
  return undefined
}

/** The engine's own writing of a time, as it takes times. */
function engineTime(time: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(time) ?? []
  return `${Math.floor(Date.parse(time) / 1_000)}.${fraction.padEnd(9, "0")}`
}

/** The end of a log, for an error. */
export function lastLines(text: string): string {
  return text.split("\n").slice(-12).join("\n")
}
