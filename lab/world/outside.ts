/**
 * The outside double: what a lab's nodes are probed against in place of the real outside.
 * It runs in a namespace without network until one end of a veth pair is put there; then it takes its address and
 * answers as a mail server (TCP 25) and as a name server (TCP and UDP 53) that knows one name, with its own address.
 * Requests and replies are lines of JSON.
 */
import { spawnSync } from "node:child_process"
import { createSocket } from "node:dgram"
import { createServer, type Socket } from "node:net"
import { answerLines } from "./line-dialog.ts"

interface Configuration { device: string; address: string; router: string; prefix: number; name: string }

/** What reached the double: by source address, since the host does not hide it. */
const seen: { what: "smtp" | "dns-tcp" | "dns-udp"; from: string }[] = []

answerLines(async ({ configure }: { configure?: Configuration; seen?: true }) => {
  if (!configure) return { seen }
  const { device, address, router, prefix } = configure
  ip("address", "add", `${address}/${prefix}`, "dev", device)
  ip("link", "set", device, "up")
  ip("route", "add", "default", "via", router)
  await Promise.all([listenSmtp(), listenDnsTcp(configure), listenDnsUdp(configure)])
  return { ready: true }
})

function listenSmtp(): Promise<void> {
  return listenTcp(25, "smtp", (socket) => socket.write("220 outside.test ESMTP outside double of a lab\r\n"))
}

function listenDnsTcp(configuration: Configuration): Promise<void> {
  return listenTcp(53, "dns-tcp", (socket) => socket.on("data", (data: Buffer) => {
    const answer = answerTo(data.subarray(2), configuration)
    socket.write(Buffer.concat([Buffer.from([answer.length >> 8, answer.length & 255]), answer]))
  }))
}

function listenTcp(port: number, what: "smtp" | "dns-tcp", greet: (socket: Socket) => void): Promise<void> {
  const server = createServer((socket) => {
    seen.push({ what, from: socket.remoteAddress ?? "" })
    socket.on("error", () => socket.destroy())
    greet(socket)
  })
  return new Promise((resolve, reject) => server.once("error", reject).listen(port, "0.0.0.0", resolve))
}

function listenDnsUdp(configuration: Configuration): Promise<void> {
  const socket = createSocket("udp4")
  socket.on("message", (query, { address, port }) => {
    seen.push({ what: "dns-udp", from: address })
    socket.send(answerTo(query, configuration), port, address)
  })
  return new Promise((resolve, reject) => socket.once("error", reject).bind(53, "0.0.0.0", resolve))
}

/** A reply to one question (RFC 1035 4.1): the address for the one known name, else "no such name". */
export function answerTo(query: Buffer, { name, address }: Pick<Configuration, "name" | "address">): Buffer {
  let end = 12
  const labels: string[] = []
  while (query[end]) {
    labels.push(query.subarray(end + 1, end + 1 + query[end]!).toString("latin1"))
    end += query[end]! + 1
  }
  const question = query.subarray(12, end + 5)
  const known = labels.join(".").toLowerCase() === name
  const ofAddress = known && query.readUInt16BE(end + 1) === 1
  const header = Buffer.from([query[0]!, query[1]!, 0x85, known ? 0x80 : 0x83, 0, 1, 0, ofAddress ? 1 : 0, 0, 0, 0, 0])
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split(".").map(Number)]
  return Buffer.concat([header, question, Buffer.from(ofAddress ? record : [])])
}

function ip(...parameters: string[]): void {
  const { status, stderr } = spawnSync("ip", parameters, { encoding: "utf8" })
  if (status !== 0) throw new Error(`ip ${parameters.join(" ")}: ${stderr.trim()}`)
}
