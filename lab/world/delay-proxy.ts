/**
 * Delays what one node asks of another: its connections to one address and port are led through a proxy in the node's
 * own network namespace, which holds every answer back. Run as root with NET_ADMIN; the connections of user root, the
 * proxy's own among them, pass undelayed, and all do once it is stopped. Requests and replies are lines of JSON.
 */
import { spawnSync } from "node:child_process"
import { createServer, connect, type AddressInfo, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { answerLines } from "./line-dialog.ts"

export type DelayRequest = { start: { address: string; port: number; delayMs: number } } | { stop: true }

const programs = ["iptables-nft", "iptables-legacy"]

let led: { address: string; port: number; to: number } | undefined

answerLines(async (request: DelayRequest) => {
  if ("stop" in request) {
    if (led) redirect("--delete", led)
    return { stopped: true }
  }
  const { address, port, delayMs } = request.start
  const server = createServer({ noDelay: true }, (client) => carry(client, { address, port, delayMs }))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  led = { address, port, to: (server.address() as AddressInfo).port }
  redirect("--append", led)
  return { started: true }
})

function carry(client: Socket, { address, port, delayMs }: { address: string; port: number; delayMs: number }): void {
  const server = connect({ host: address, port, noDelay: true })
  client.pipe(server)
  let before = Promise.resolve()
  const later = (what: () => void) => {
    const due = pause(delayMs)
    before = before.then(() => due).then(what)
  }
  server.on("data", (chunk: Buffer) => later(() => client.write(chunk)))
  server.on("end", () => later(() => client.end()))
  client.on("error", () => server.destroy())
  server.on("error", () => client.destroy())
  client.on("close", () => server.destroy())
}

function redirect(change: "--append" | "--delete", { address, port, to }: { address: string; port: number; to: number }): void {
  const rule = ["--table", "nat", "--wait", change, "OUTPUT", "--protocol", "tcp", "--destination", address, "--dport", String(port),
    "--match", "owner", "!", "--uid-owner", "0", "--jump", "REDIRECT", "--to-ports", String(to)]
  const failures: string[] = []
  for (const program of programs) {
    const { status, stderr, error } = spawnSync(program, rule, { encoding: "utf8" })
    if (status === 0) return
    failures.push(`${program}: ${(stderr || error?.message || "").trim()}`)
  }
  throw new Error(`connections cannot be redirected here: ${failures.join("; ")}`)
}
