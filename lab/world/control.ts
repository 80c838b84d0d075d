import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { Readable } from "node:stream"

/** A wrong request of the lab's own test process: answered with 400 and this text. */
export class WrongRequest extends Error { override readonly name = "WrongRequest" }

export interface ControlRequest {
  /** Path after the route's own name, decoded, for example `ac-lyon.test` of `/behaviours/ac-lyon.test`. */
  rest: string
  query: URLSearchParams
  /** Parsed JSON, `undefined` where the request had no body. */
  body: unknown
}

/** What is returned is sent as JSON; a Buffer or what a stream gives is sent as it is; `undefined` is a 404. */
export type ControlHandler = (request: ControlRequest) => unknown

const bodyBytesMax = 64 * 1024 * 1024

/**
 * The HTTP control of a program of the world. Routes are `"GET /name"`; the rest of the path goes to the handler.
 * Answers are JSON; an unknown route is 404, a wrong request 400, a failing handler 500, each with `{ error }`.
 */
export function controlServer(routes: Readonly<Record<string, ControlHandler>>): Server {
  return createServer((request, response) => {
    void answer(routes, request).then(
      ({ status, content }) => send(response, status, content),
      (error: unknown) => {
        const status = error instanceof WrongRequest ? 400 : 500
        send(response, status, { error: error instanceof Error ? error.message : String(error) })
      })
  })
}

async function answer(routes: Readonly<Record<string, ControlHandler>>, request: IncomingMessage) {
  const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://control")
  const [, name = "", rest = ""] = /^\/([^/]*)\/?(.*)$/.exec(pathname) ?? []
  const handler = routes[`${request.method} /${name}`]
  if (!handler) return { status: 404, content: { error: `no route ${request.method} /${name}` } }
  const content = await handler({ rest: decodeURIComponent(rest), query, body: await jsonOf(request) })
  return content === undefined
    ? { status: 404, content: { error: `nothing at ${pathname}` } }
    : { status: 200, content }
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) throw new WrongRequest(`the body is larger than ${bodyBytesMax} bytes`)
    chunks.push(chunk)
  }
  if (bytes === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"))
  } catch (cause) {
    throw new WrongRequest(`the body is not JSON: ${String(cause)}`, { cause })
  }
}

function send(response: ServerResponse, status: number, content: unknown): void {
  if (content instanceof Readable) {
    response.writeHead(status, { "content-type": "application/octet-stream" })
    // Without the length, an answer that breaks off is told by the missing last chunk.
    content.on("error", () => response.destroy()).pipe(response)
    return
  }
  const raw = Buffer.isBuffer(content)
  response.writeHead(status, { "content-type": raw ? "application/octet-stream" : "application/json" })
  response.end(raw ? content : JSON.stringify(content))
}
