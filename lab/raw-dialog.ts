import { once } from "node:events"
import { createConnection } from "node:net"

const answerMsMax = 20_000

/** Says lines of a line protocol one by one, each after the answer to the one before, and breaks off: for tests of what a server makes of them. */
export async function sayTo(endpoint: { host: string; port: number }, lines: readonly string[]): Promise<void> {
  const socket = createConnection({ ...endpoint, timeout: answerMsMax })
  socket.once("timeout", () => socket.destroy(new Error(`no answer within ${answerMsMax} ms`)))
  try {
    await once(socket, "data")
    for (const line of lines) {
      socket.write(`${line}\r\n`)
      await once(socket, "data")
    }
  } finally {
    socket.destroy()
  }
}
