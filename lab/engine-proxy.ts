import { connect, createServer, type Server, type Socket } from "node:net"
import { join } from "node:path"
import { inheritedEnvironment } from "./settings.ts"

const usualSocket = "unix:///var/run/docker.sock"

/** A second way to the engine that a test can close, for good, while the engine goes on. */
export class EngineProxy {
  /** As DOCKER_HOST. */
  readonly address: string
  private readonly server: Server
  private readonly sockets = new Set<Socket>()

  private constructor(path: string) {
    this.address = `unix://${path}`
    this.server = createServer({ allowHalfOpen: true }, (client) => {
      const engine = connect({ ...engineAddress(), allowHalfOpen: true })
      for (const [one, other] of [[client, engine], [engine, client]] as const) {
        this.sockets.add(one)
        one.on("error", () => other.destroy()).on("close", () => this.sockets.delete(one)).pipe(other)
      }
    })
  }

  /** Listens on a socket in `folder`. */
  static async in(folder: string): Promise<EngineProxy> {
    const path = join(folder, "engine.sock")
    const proxy = new EngineProxy(path)
    await new Promise<void>((resolve, reject) => proxy.server.once("error", reject).listen(path, resolve))
    return proxy
  }

  /** Ends every dialog and takes no new one. */
  close(): void {
    this.server.close()
    for (const socket of this.sockets) socket.destroy()
  }
}

function engineAddress(): { path: string } | { host: string; port: number } {
  const { DOCKER_HOST: given = usualSocket } = inheritedEnvironment()
  const path = /^unix:\/\/(.+)$/.exec(given)?.[1]
  if (path !== undefined) return { path }
  const { hostname, port } = new URL(given.replace(/^tcp:/, "http:"))
  return { host: hostname, port: Number(port) }
}
