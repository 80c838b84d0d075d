import { createWriteStream } from "node:fs"
import { rename } from "node:fs/promises"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { LabFailure } from "./failure.ts"

const answerMsMax = 60_000

/** The HTTP control of a node of the world, reached through the gateway. */
export class WorldControl {
  private readonly base: string
  private readonly node: string
  constructor({ host, port }: { host: string; port: number }, node: string) {
    this.base = `http://${host}:${port}`
    this.node = node
  }

  /** The JSON that the node answers. Throws a LabFailure with its own words when it does not answer with 200. */
  async json<T>(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
    return await (await this.ask(method, path, body)).json() as T
  }

  /** The raw answer of a GET. */
  async bytes(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.ask("GET", path)).arrayBuffer())
  }

  /** Writes the raw answer of a GET to a file, whole or not at all, without holding it in memory. */
  async download(path: string, target: string): Promise<void> {
    const { body } = await this.ask("GET", path)
    const partial = `${target}.part`
    try {
      await pipeline(Readable.fromWeb(body!), createWriteStream(partial))
      await rename(partial, target)
    } catch (cause) {
      throw new LabFailure(`${path} of node ${this.node} could not be fetched: ${(cause as Error).message}`, {
        where: target, remedy: "see whether that node still runs, and whether the disk has room", cause,
      })
    }
  }

  private async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const response = await this.fetch(method, path, body)
    if (response.ok) return response
    const { error = "" } = await response.json().catch(() => ({})) as { error?: string }
    throw new LabFailure(`Node ${this.node} refused ${method} ${path}: ${response.status} ${error}`, {
      where: `control of node ${this.node}`, remedy: "mend that request of the scenario; the text says what is allowed",
    })
  }

  private async fetch(method: string, path: string, body: unknown): Promise<Response> {
    try {
      return await fetch(this.base + path, {
        method, signal: AbortSignal.timeout(answerMsMax),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      throw new LabFailure(`The control of node ${this.node} does not answer (${method} ${path})`, {
        where: `node ${this.node}, logs/${this.node}.log, and logs/gateway.log`,
        remedy: "see whether that node and the gateway still run", cause,
      })
    }
  }
}

/** `?name=value&…` of what is given, empty without any. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return given.length === 0 ? "" : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join("&")}`
}
