import { open, readFile } from "node:fs/promises"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { LabFailure } from "./failure.ts"
import type { LabObserver } from "./lab-observer.ts"
import { mapNews } from "./map-news.ts"
import { mapPage, type MapSubject } from "./map-page.ts"

const host = "127.0.0.1"
const lookEveryMs = 2_000
const watchersMax = 16
const logBytesMax = 16_384
const logLinesMax = 60
const assets = { "/map.css": "text/css", "/map.js": "text/javascript" } as const
/** Nothing but its own files, and nobody may frame it. */
const headers = {
  "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
}

export interface MapServerOptions extends MapSubject { lang: "fr" | "en"; observer: Pick<LabObserver, "look"> }

/**
 * Serves the page of a lab on a free port of 127.0.0.1 until it is disposed of. It answers GET alone, and only where the
 * Host header is its own address: a page elsewhere whose name has been turned to 127.0.0.1 gets nothing (DNS rebinding).
 * The lab is looked at every 2 s while somebody watches, and not at all else.
 */
export async function serveMap(options: MapServerOptions): Promise<{ url: string } & AsyncDisposable> {
  const watchers = new Watchers(options.observer)
  const server = createServer((request, response) => {
    const port = (server.address() as AddressInfo | null)?.port
    answer(request, response, { ...options, watchers, hosts: [`${host}:${port}`, `localhost:${port}`] }).catch((error: unknown) => {
      if (!response.headersSent) plain(response, 500, (error as Error).message)
      else response.destroy()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(new LabFailure(`The page of the lab cannot be served: ${cause.message}`, {
      where: `${host}, a free port`, remedy: "see whether this machine has free ports and a loopback interface", cause,
    })))
    server.listen({ host, port: 0 }, resolve)
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      watchers.end()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface Served extends MapServerOptions { watchers: Watchers; hosts: string[] }

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  if (!served.hosts.includes(request.headers.host ?? "")) return plain(response, 403, `this page answers for ${served.hosts[0]} alone`)
  if (request.method !== "GET") return plain(response.setHeader("Allow", "GET"), 405, "only GET is served")
  const { pathname, searchParams } = new URL(request.url ?? "/", `http://${served.hosts[0]}`)
  const lang = searchParams.get("lang") === "fr" ? "fr" : searchParams.get("lang") === "en" ? "en" : served.lang
  if (pathname === "/") return send(response, "text/html", mapPage(served, lang))
  if (pathname === "/events") return served.watchers.add(response, lang)
  if (pathname in assets) return send(response, assets[pathname as keyof typeof assets], await readFile(join(import.meta.dirname, "map", pathname), "utf8"))
  const name = /^\/log\/([a-z0-9-]+)$/.exec(pathname)?.[1]
  // A key of the handle, so that no path of this machine can be asked for.
  if (name !== undefined && Object.hasOwn(served.handle.nodes, name)) return send(response, "text/plain", await lastLines(join(served.handle.resultsFolder, "logs", `${name}.log`)))
  plain(response, 404, "there is nothing of that name")
}

/** The end of a log, without control characters; empty where there is none. */
async function lastLines(path: string): Promise<string> {
  const file = await open(path).catch(() => undefined)
  if (!file) return ""
  try {
    const { size } = await file.stat()
    const start = Math.max(0, size - logBytesMax)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(logBytesMax), 0, logBytesMax, start)
    const lines = buffer.subarray(0, bytesRead).toString("utf8").replaceAll(/[^\P{Cc}\n\t]/gu, "").trimEnd().split("\n")
    return lines.slice(start > 0 ? 1 : 0).slice(-logLinesMax).join("\n")
  } finally {
    await file.close()
  }
}

function send(response: ServerResponse, type: string, text: string): void {
  response.writeHead(200, { ...headers, "Content-Type": `${type}; charset=utf-8` }).end(text)
}

function plain(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { ...headers, "Content-Type": "text/plain; charset=utf-8" }).end(`${text}\n`)
}

/** Those who have the page open: one look serves them all. */
class Watchers {
  private readonly observer: Pick<LabObserver, "look">
  private readonly open = new Map<ServerResponse, "fr" | "en">()
  private timer: NodeJS.Timeout | undefined
  private isLooking = false
  constructor(observer: Pick<LabObserver, "look">) {
    this.observer = observer
  }

  add(response: ServerResponse, lang: "fr" | "en"): void {
    if (this.open.size >= watchersMax) return plain(response, 503, `the page is open ${watchersMax} times already`)
    response.writeHead(200, { ...headers, "Content-Type": "text/event-stream; charset=utf-8" }).write(`retry: ${lookEveryMs}\n\n`)
    this.open.set(response, lang)
    response.once("close", () => this.leave(response))
    this.timer ??= setInterval(() => void this.tell(), lookEveryMs)
    void this.tell()
  }

  end(): void {
    clearInterval(this.timer)
    this.timer = undefined
    for (const response of this.open.keys()) response.end()
    this.open.clear()
  }

  private leave(response: ServerResponse): void {
    this.open.delete(response)
    if (this.open.size === 0) this.end()
  }

  /** A look that is not possible (the engine does not answer) tells nothing: the page sees that its news are old. */
  private async tell(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    try {
      const condition = await this.observer.look()
      for (const [response, lang] of this.open) response.write(`data: ${JSON.stringify(mapNews(condition, lang))}\n\n`)
    } catch (error) {
      for (const response of this.open.keys()) response.write(`: ${(error as Error).name}\n\n`)
    } finally {
      this.isLooking = false
    }
  }
}
