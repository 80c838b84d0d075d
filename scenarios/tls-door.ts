import { once } from "node:events"
import { connect, type Socket } from "node:net"
import { connect as connectTls, type ConnectionOptions, type PeerCertificate } from "node:tls"
import { ClaimFailed } from "./claim-failed.ts"
import type { Services } from "./services.ts"

/** How a handshake ended. */
export interface Handshake {
  /** What the server has shown, where it came to that. */
  certificate: PeerCertificate | undefined
  /** Version of TLS that was agreed on, for example `TLSv1.3`. */
  version: string | undefined
  /** Why there is no connection, or why the certificate is not believed. */
  error: Error | undefined
}

const answerMsMax = 20_000
/** What a client says in clear until TLS begins: each line with what ends the answer to it. */
const smtp = [["", /^220 .*\r\n/m], ["EHLO client.internet.test\r\n", /^250 .*\r\n/m], ["STARTTLS\r\n", /^\d{3} .*\r\n/m]] as const
const imap = [["", /^\* OK .*\r\n/m], ["a STARTTLS\r\n", /^a .*\r\n/m]] as const

/** A port of the platform behind which TLS begins, for clients that look at nothing else. */
export class TlsDoor {
  readonly port: number
  /** By which name clients know it. */
  readonly hostname: string
  private readonly endpoint: { host: string; port: number }
  private readonly inClear: readonly (readonly [string, RegExp])[]
  constructor(port: number, hostname: string, endpoint: TlsDoor["endpoint"], inClear: TlsDoor["inClear"] = []) {
    this.port = port
    this.hostname = hostname
    this.endpoint = endpoint
    this.inClear = inClear
  }

  /**
   * Connects, starts TLS, and leaves. By default for a client that knows the lab's root authority and believes nothing
   * else. Throws ClaimFailed where TLS is not offered at all, or the door does not answer.
   */
  async shake(options: ConnectionOptions): Promise<Handshake> {
    const plain = await this.open()
    const secure = connectTls({ servername: this.hostname, ...options, socket: plain })
    const { promise, resolve } = Promise.withResolvers<Error | undefined>()
    for (const socket of [plain, secure]) socket.on("error", resolve)
    secure.once("close", () => resolve(new Error("the server closed the connection during the handshake")))
    secure.once("secureConnect", () => resolve(undefined))
    const error = await promise
    const certificate = secure.getPeerCertificate()
    const handshake = {
      certificate: certificate && "raw" in certificate ? certificate : undefined, version: secure.getProtocol() ?? undefined, error,
    }
    secure.destroy()
    return handshake
  }

  private async open(): Promise<Socket> {
    const socket = connect(this.endpoint)
    socket.setTimeout(answerMsMax, () => socket.destroy(new Error(`no answer within ${answerMsMax} ms`)))
    const { promise: gone, reject } = Promise.withResolvers<never>()
    gone.catch(() => undefined)
    socket.on("error", reject)
    socket.on("close", () => reject(new Error("the server closed the connection")))
    let heard = ""
    try {
      await Promise.race([once(socket, "connect"), gone])
      for (const [line, end] of this.inClear) {
        socket.write(line)
        for (heard = ""; !end.test(heard);) heard += String((await Promise.race([once(socket, "data"), gone]))[0])
      }
    } catch (cause) {
      throw new ClaimFailed(`Port ${this.port} does not answer: ${(cause as Error).message}, after ${JSON.stringify(heard)}`, { cause })
    }
    if (this.inClear.length === 0 || /^(220|a OK) /m.test(heard)) return socket
    socket.destroy()
    throw new ClaimFailed(`Port ${this.port} starts no TLS: ${heard.trim()}`)
  }
}

/** Where the edge takes mail, from servers and from accounts. */
export function edgeDoors({ postfix }: Services): TlsDoor[] {
  return [new TlsDoor(25, postfix.node.hostname, postfix.endpointFor("smtp"), smtp),
    new TlsDoor(587, postfix.node.hostname, postfix.endpointFor("submission"), smtp)]
}

/** Where mailboxes are read. */
export function mailboxDoors({ dovecot }: Services): TlsDoor[] {
  return [new TlsDoor(143, dovecot.node.hostname, dovecot.endpointFor("imap"), imap),
    new TlsDoor(993, dovecot.node.hostname, dovecot.endpointFor("imaps"))]
}

/** All of the platform's. */
export function allDoors(services: Services): TlsDoor[] {
  return [...edgeDoors(services), ...mailboxDoors(services),
    ...services.hasLists ? [new TlsDoor(443, "listes.education.test", services.sympa.endpointFor("https"))] : []]
}
