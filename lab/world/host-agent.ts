/**
 * What a lab does on the host itself, from one container on the host's network with NET_ADMIN and NET_RAW alone:
 * packet filter rules, the veth pair to the outside double, and listeners that stand for the host's own services.
 * Requests and replies are lines of JSON.
 */
import { spawnSync } from "node:child_process"
import { createServer, type AddressInfo } from "node:net"
import { answerLines } from "./line-dialog.ts"
import { admitControl, counters, removeRules, runsWithRules, setRules } from "./packet-filter.ts"

export type HostRequest =
  | { set: { run: string; lab: string; outer: string } }
  | { counters: { run: string } }
  | { join: { run: string; device: string; peer: string; pid: number; start: number } }
  | { listen: { run: string; addresses: string[]; controlBridge: string } }
  | { remove: { runs: { run: string; device: string }[] } }
  | { list: true }

/** Blocks of four addresses in 198.51.100.0/24 (TEST-NET-2, RFC 5737). */
const blocks = 64

answerLines(async (request: HostRequest) => {
  if ("set" in request) return setRules(request.set.run, request.set), { set: true }
  if ("counters" in request) return { counters: counters(request.counters.run) }
  if ("join" in request) return join(request.join)
  if ("listen" in request) return listen(request.listen)
  if ("remove" in request) return remove(request.remove.runs)
  return { runs: [...new Set([...runsWithRules(), ...runsWithDevices()])] }
})

/**
 * Makes the veth pair and gives the host's end the first free /30. The route is what decides: the kernel refuses a
 * second one for the same block, so that labs that start together, or a user of those addresses, never share one.
 */
function join({ run, device, peer, pid, start }: { run: string; device: string; peer: string; pid: number; start: number }) {
  need(ip("link", "add", device, "type", "veth", "peer", "name", peer, "netns", String(pid)))
  need(ip("link", "set", "dev", device, "alias", `recette:${run}`))
  need(ip("link", "set", device, "up"))
  for (let tried = 0; tried < blocks; tried++) {
    const first = ((start + tried) % blocks) * 4
    const [net, router, address] = [first, first + 1, first + 2].map((last) => `198.51.100.${last}`)
    if (!isFree(net!, address!) || ip("route", "add", `${net}/30`, "dev", device).failure) continue
    need(ip("address", "add", `${router}/30`, "dev", device, "noprefixroute"))
    return { address, router, prefix: 30 }
  }
  ip("link", "delete", device)
  throw new Error("no block of 198.51.100.0/24 is free on this host")
}

/** No route of this host but the default one leads to the block. */
function isFree(net: string, address: string): boolean {
  const within = ip("-json", "route", "show", "table", "all", "root", `${net}/30`).stdout
  const leading = ip("-json", "route", "show", "table", "all", "match", address).stdout
  const routes = [within, leading].flatMap((text) => JSON.parse(text || "[]") as { dst: string }[])
  return routes.every(({ dst }) => dst === "default")
}

/** Listens on each address, and lets the control's bridge through the host's own firewall to these ports. */
async function listen({ run, addresses, controlBridge }: { run: string; addresses: string[]; controlBridge: string }) {
  const listeners = await Promise.all(addresses.map(listenOn))
  admitControl(run, controlBridge, listeners)
  return { listeners }
}

function listenOn(address: string): Promise<{ address: string; port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy())
    socket.end("220 host.test a service of the host\r\n")
  })
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(0, address, () => resolve({ address, port: (server.address() as AddressInfo).port }))
  })
}

function remove(runs: { run: string; device: string }[]) {
  for (const { run, device } of runs) {
    removeRules(run)
    ip("link", "delete", device)
  }
  return { removed: runs.length }
}

function runsWithDevices(): string[] {
  const links = JSON.parse(ip("-json", "link", "show").stdout || "[]") as { ifalias?: string }[]
  return links.flatMap(({ ifalias = "" }) => ifalias.startsWith("recette:") ? [ifalias.slice("recette:".length)] : [])
}

function ip(...parameters: string[]): { stdout: string; failure?: string } {
  const { status, stdout, stderr, error } = spawnSync("ip", parameters, { encoding: "utf8" })
  if (status === 0) return { stdout }
  return { stdout: stdout ?? "", failure: `ip ${parameters.join(" ")}: ${(stderr || error?.message || "").trim()}` }
}

function need({ failure }: { failure?: string }): void {
  if (failure) throw new Error(failure)
}
