import { createSocket } from "node:dgram"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import type { CatcherConfiguration } from "./mail-catcher.ts"

const replyMsMax = 2_000
/** A datagram to a port that is not open yet is answered by nobody: the next try must come soon. */
const datagramMsMax = 200
/** Repeated in here, so that a start costs one process and not one for each attempt. */
const readyMsMax = 3_000
const everyMs = 40

/** One protocol dialog with one part of the world; throws where it does not go as it should. */
const dialogs: Record<string, () => Promise<void>> = {
  async dns() {
    const socket = createSocket("udp4")
    // Header with RD and one question: the root's SOA.
    socket.send(Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]), 53, "127.0.0.1")
    try {
      const [reply] = await once(socket, "message", { signal: AbortSignal.timeout(datagramMsMax) }) as [Buffer]
      expect((reply[3]! & 15) === 0, `response code ${reply[3]! & 15} for the root`)
    } finally {
      socket.close()
    }
  },

  /** A server may be down on purpose later on; at least one must listen, and the first that does must greet. */
  async mail() {
    await talk("127.0.0.1", 8080, "GET /health HTTP/1.0\r\n\r\n", /"listeners":[1-9]/)
    const { listeners } = JSON.parse(readFileSync("/recette/catcher.json", "utf8")) as CatcherConfiguration
    await Promise.any(listeners.map(({ address, port }) =>
      talk(address === "0.0.0.0" ? "127.0.0.1" : address, port, "QUIT\r\n", /^220 .*\r\n221 /)))
  },

  async gateway() {
    await talk("127.0.0.1", 8404, "GET /up HTTP/1.0\r\n\r\n", /^HTTP\/1\.\d 200/)
  },
}

async function talk(host: string, port: number, say: string, wanted: RegExp): Promise<void> {
  const socket = connect({ host, port })
  socket.setTimeout(replyMsMax, () => socket.destroy(new Error(`${host}:${port} did not answer in ${replyMsMax} ms`)))
  let heard = ""
  socket.write(say)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    heard += chunk.toString("latin1")
    if (wanted.test(heard)) return
  }
  throw new Error(`${host}:${port} said ${heard.trim() || "nothing"}`)
}

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise)
}

function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join("; ")
  return error instanceof Error ? error.message : String(error)
}

if (import.meta.main) {
  const part = process.argv[2] ?? ""
  const dialog = dialogs[part]
  if (!dialog) throw new Error(`no part ${part}; use ${Object.keys(dialogs).join(", ")}`)
  const deadline = performance.now() + readyMsMax
  for (;;) {
    try {
      await dialog()
      process.exit(0)
    } catch (error) {
      if (performance.now() < deadline) await pause(everyMs)
      else {
        console.error(`${part}: ${reason(error)}`)
        process.exit(1)
      }
    }
  }
}
