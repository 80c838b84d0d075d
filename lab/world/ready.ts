import { createSocket } from "node:dgram"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import type { CatcherConfiguration } from "./mail-catcher.ts"

const replyMsMax = 2_000

/** One protocol dialog with one part of the world; throws where it does not go as it should. */
const dialogs: Record<string, () => Promise<void>> = {
  async dns() {
    const socket = createSocket("udp4")
    // Header with RD and one question: the root's SOA.
    socket.send(Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1]), 53, "127.0.0.1")
    const [reply] = await once(socket, "message", { signal: AbortSignal.timeout(replyMsMax) }) as [Buffer]
    socket.close()
    expect((reply[3]! & 15) === 0, `response code ${reply[3]! & 15} for the root`)
  },

  async mail() {
    const { listeners } = JSON.parse(readFileSync("/recette/catcher.json", "utf8")) as CatcherConfiguration
    const health = await fetch("http://127.0.0.1:8080/health", { signal: AbortSignal.timeout(replyMsMax) })
    const { listeners: open } = await health.json() as { listeners: number }
    // A server may be down on purpose later on; at least one must greet.
    expect(open > 0, "no mail server listens")
    const outcomes = await Promise.allSettled(listeners.map(({ address, port }) =>
      talk(address === "0.0.0.0" ? "127.0.0.1" : address, port, "QUIT\r\n", /^220 .*\r\n221 /)))
    const greeted = outcomes.filter(({ status }) => status === "fulfilled").length
    expect(greeted > 0, `no mail server greets: ${String(outcomes.map((outcome) => "reason" in outcome && outcome.reason))}`)
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

const part = process.argv[2] ?? ""
const dialog = dialogs[part]
if (!dialog) throw new Error(`no part ${part}; use ${Object.keys(dialogs).join(", ")}`)
try {
  await dialog()
  process.exit(0)
} catch (error) {
  console.error(`${part}: ${error instanceof Error ? error.message : String(error)}`)
  process.exit(1)
}
