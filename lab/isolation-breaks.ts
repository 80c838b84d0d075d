import { engine, execIn } from "./engine.ts"
import { eventually } from "./eventually.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle, NodeHandle } from "./handle.ts"

/** What a break needs of the rules and the double; those of `startLab` fit. */
export interface IsolationParts {
  rules: { means: "rules"; agent: { id: string } } | { means: "inspection" }
  double: { means: "rules"; address: string; control?: { id: string } } | { means: "inspection" }
}

/** Breaks a lab between its making and its proof: only tests do. */
export type IsolationBreak = (handle: LabHandle, parts: IsolationParts) => Promise<void>

const [dnsPort, forwarderPort] = [53, 5_353]
const listensMsMax = 15_000

/** The rules of the lab's bridge are deleted, as a firewall that reloads would. */
export const deleteLabRules: IsolationBreak = ({ run, network }, parts) => deleteRules(run, network.bridge, parts)

/** The rules of the gateway's outer bridge are deleted. */
export const deleteGatewayRules: IsolationBreak = ({ run, outerNetwork }, parts) =>
  deleteRules(run, outerNetwork.bridge, parts)

/** The holder of one node also joins the engine's default bridge. */
export function joinDefaultBridge(node: string): IsolationBreak {
  return async ({ nodes }) => {
    const { container: { dockerode } } = await engine()
    await dockerode.getNetwork("bridge").connect({ Container: nodes[node]!.holderId })
  }
}

/** The lab's DNS forwards to the outside double: in place of its server a forwarder runs in its namespace. */
export const forwardNames: IsolationBreak = async (handle, parts) => {
  await prepareForwarder(handle, parts)
  await replaceDns(handle)
}

/**
 * Starts the forwarder beside the lab's DNS, once that has its port; it waits until the DNS is gone. The packet filter lets
 * exactly its port through, so that nothing but the names gives it away.
 */
export const prepareForwarder: IsolationBreak = async ({ run, nodes, network }, parts) => {
  const { agent, double } = needRules(parts)
  const dns = nodes["dns"]!
  await listens(dns, dnsPort)
  const { container: { dockerode } } = await engine()
  const exec = await dockerode.getContainer(dns.holderId).exec({
    Cmd: ["/usr/local/bin/node", "--eval", forwarderProgram(dns.hostname, dns.address, double.address)],
  })
  await exec.start({ Detach: true })
  const comment = ["-m", "comment", "--comment", `recette:${run}`, "-j", "ACCEPT"]
  const port = String(forwarderPort)
  const way = ["-i", network.bridge, "-s", dns.address, "-d", double.address, "-p", "udp", "--sport", port]
  const back = ["-o", network.bridge, "-s", double.address, "-d", dns.address, "-p", "udp", "--dport", port]
  for (const rule of [way, back]) await filter(agent.id, "-I", "DOCKER-USER", "1", ...rule, ...comment)
}

/** Ends the lab's DNS, so that the forwarder takes its port. */
export async function replaceDns({ nodes }: LabHandle): Promise<void> {
  const dns = nodes["dns"]!
  const { container: { dockerode } } = await engine()
  await dockerode.getContainer(dns.containerId).kill()
  await listens(dns, forwarderPort)
}

/** Waits until somebody in the node's namespace has a port of UDP on every address. */
async function listens({ name, holderId }: NodeHandle, port: number): Promise<void> {
  const place = `00000000:${port.toString(16).toUpperCase().padStart(4, "0")} `
  await eventually(`port ${port} of UDP is taken in node ${name}`, async () =>
    (await execIn(holderId, ["cat", "/proc/net/udp"])).stdout.includes(place), { withinMs: listensMsMax })
}

/** An ordinary container is cut off from the double: then the lab's own refusals say nothing. */
export const cutControl: IsolationBreak = async ({ run }, parts) => {
  const { agent, double } = needRules(parts)
  const { container: { dockerode } } = await engine()
  const { NetworkSettings } = await dockerode.getContainer(double.control!.id).inspect()
  const rule = ["-s", NetworkSettings.Networks["bridge"]!.IPAddress, "-d", double.address]
  const comment = ["-m", "comment", "--comment", `recette:${run}`]
  await filter(agent.id, "-I", "DOCKER-USER", "1", ...rule, ...comment, "-j", "DROP")
}

function needRules({ rules, double }: IsolationParts) {
  if (rules.means === "rules" && double.means === "rules") return { agent: rules.agent, double }
  throw new LabFailure("This engine's host takes no rules, so that there is nothing to break", {
    where: "isolation", remedy: "run this test where rules and the outside double can be made",
  })
}

async function deleteRules(run: string, bridge: string, parts: IsolationParts): Promise<void> {
  const { agent } = needRules(parts)
  const rules = (await filter(agent.id, "--list-rules")).split("\n")
    .filter((line) => line.includes(`recette:${run}`) && line.includes(`-i ${bridge} `) && line.includes("REJECT"))
  for (const rule of rules) await filter(agent.id, ...rule.replace("-A ", "-D ").replaceAll("\"", "").split(" "))
}

/** The backend of the engine's own rules, by trying: one of the two knows the chain DOCKER-USER. */
async function filter(agentId: string, ...parameters: string[]): Promise<string> {
  const known = await execIn(agentId, ["iptables-nft", "--list-rules", "DOCKER-USER"])
  const program = known.exitCode === 0 ? "iptables-nft" : "iptables-legacy"
  const { exitCode, stdout, stderr } = await execIn(agentId, [program, "--wait", ...parameters])
  if (exitCode !== 0) throw new Error(`${program} ${parameters.join(" ")}: ${stderr}`)
  return stdout
}

/** Knows the lab's own name, and asks the outside for every other. It takes port 53 as soon as nobody else has it. */
function forwarderProgram(name: string, address: string, outside: string): string {
  return `
    const packet = require("/world/node_modules/dns-packet"), udp = require("dgram")
    const inside = udp.createSocket("udp4"), out = udp.createSocket("udp4"), asked = new Map()
    inside.on("message", (message, from) => {
      const { id, questions } = packet.decode(message), [question] = questions
      asked.set(id, from)
      if (question.name !== "${name}") return out.send(message, 53, "${outside}")
      const answers = question.type === "A" ? [{ type: "A", name: question.name, ttl: 1, data: "${address}" }] : []
      inside.send(packet.encode({ type: "response", id, flags: 0x400, questions, answers }), from.port, from.address)
    })
    out.on("message", (message) => {
      const { port, address } = asked.get(message.readUInt16BE(0)) ?? {}
      if (port) inside.send(message, port, address)
    })
    out.on("error", () => {})
    const tcp = require("net").createServer((socket) => socket.on("error", () => socket.destroy()))
    inside.on("error", () => setTimeout(() => inside.bind(53), 10))
    tcp.on("error", () => setTimeout(() => tcp.listen(53), 10))
    tcp.on("listening", () => inside.bind(53))
    inside.on("listening", () => out.bind(${forwarderPort}))
    tcp.listen(53)`
}
