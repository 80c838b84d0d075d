import { execIn } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle, NodeHandle } from "./handle.ts"
import { inspectIsolation, type Inspection } from "./isolation-inspection.ts"
import { controlProbes, inwardProbes, outwardProbes, refusedWithinMs, type Probe } from "./isolation-probes.ts"
import {
  IsolationRefused, type ControlRecord, type IsolationFailure, type IsolationRecord, type NodeRecord, type ProbeRecord,
} from "./isolation-record.ts"
import type { IsolationRules } from "./isolation-rules.ts"
import type { NoDouble, OutsideDouble } from "./outside-double.ts"
import type { RuleCounter } from "./world/packet-filter.ts"
import type { ProbeReply, ProbeRequest } from "./world/probe.ts"

/** Longest wait for one probe's answer, in ms: only a broken isolation takes that long. */
const waitMsMax = 1_500

/** A namespace with its probes, and the answers in the same order. */
interface Probed { node: string; probes: Probe[]; reply: ProbeReply }

/**
 * Shows that nothing gets out of this lab, and returns the content of `isolation.json`.
 * From every node's namespace and the gateway's: the outside double and the host are refused within 100 ms by the
 * lab's own rules, a name of the outside is not resolved, there is no IPv6; an ordinary container gets through to
 * all of it, and a neighbour inside answers. The lab's DNS must run.
 * Throws IsolationRefused (a LabFailure with the record) where any of it is not so. Without rules or double the
 * networks are inspected, and the record says `inspection` with the reason.
 */
export async function proveIsolation(
  { handle, rules, double }: { handle: LabHandle; rules: IsolationRules; double: OutsideDouble | NoDouble },
): Promise<IsolationRecord> {
  const inspection = await inspectIsolation(handle)
  const record = rules.means === "rules" && double.means === "rules"
    ? await proveByProbes(handle, rules, double, inspection)
    : proveByInspection(inspection, rules.means === "inspection" ? rules.reason : (double as NoDouble).reason)
  if (!record.passed) throw new IsolationRefused(record)
  return record
}

function proveByInspection({ failures, networks }: Inspection, reason: string): IsolationRecord {
  return {
    schema: "recette.isolation/v1", means: "inspection", reason, passed: failures.length === 0, failures, controls: [],
    nodes: Object.entries(networks).map(([node, names]) => ({ node, networks: names, ipv6: "not looked at", probes: [] })),
  }
}

async function proveByProbes(
  handle: LabHandle, { agent }: IsolationRules & { means: "rules" }, double: OutsideDouble, inspection: Inspection,
): Promise<IsolationRecord> {
  const before = await agent.counters(handle.run)
  const [inside, control] = await Promise.all([probeInside(handle, double, inspection), probeControl(double)])
  const [after, seen] = await Promise.all([agent.counters(handle.run), double.seen()])
  const moved = movedCounters(inside, before, after)
  const nodes = inside.map((probed) => nodeRecord(probed, inspection, moved))
  const failures = [
    ...inspection.failures,
    ...inside.flatMap((probed, place) => probeFailures(handle, probed, nodes[place]!)),
    ...reachedDouble(handle, inspection, seen),
    ...missingRules(handle, after),
    ...control.filter(({ passed }) => !passed).map(controlFailure),
  ]
  return {
    schema: "recette.isolation/v1", means: "rules", passed: failures.length === 0,
    failures: onePerWayOut(failures), nodes, controls: control,
  }
}

/** One process in each namespace, all at once: a node's in its holder, the gateway's in the container beside it. */
async function probeInside(handle: LabHandle, double: OutsideDouble, inspection: Inspection): Promise<Probed[]> {
  const dns = dnsOf(handle)
  const { port } = await double.gateway.ask<{ port: number }>({ listen: true })
  const neighbour = { name: "gateway", address: inspection.gatewayAddresses.lab, port }
  const nodes = Object.values(handle.nodes).map(async (node: NodeHandle) => {
    const probes = [
      ...outwardProbes({
        handle, double, dns, leavesBy: handle.network.bridge,
        asksEngineResolver: inspection.resolvesInside.has(node.name),
      }),
      ...inwardProbes(neighbour, dns),
    ]
    return { node: node.name, probes, reply: await probeIn(node, requestFor(probes)) }
  })
  const gatewayProbes = [
    ...outwardProbes({
      handle, double, dns, leavesBy: handle.outerNetwork.bridge, asksEngineResolver: inspection.resolvesInside.has("gateway"),
    }),
    ...inwardProbes({ name: "dns", address: dns.address, port: 53 }),
  ]
  const gateway = double.gateway.ask<ProbeReply>(requestFor(gatewayProbes))
  return [...await Promise.all(nodes), { node: "gateway", probes: gatewayProbes, reply: await gateway }]
}

function dnsOf(handle: LabHandle): NodeHandle {
  const dns = Object.values(handle.nodes).find(({ component }) => component === "dns")
  if (dns) return dns
  throw new LabFailure("This lab has no node dns", {
    where: "lab.json", remedy: "add one to the platform (lab/platform.ts)",
  })
}

async function probeControl(double: OutsideDouble): Promise<ControlRecord[]> {
  const probes = controlProbes(double)
  const { answers } = await double.control.ask<ProbeReply>(requestFor(probes, double.address))
  return probes.map(({ probe, target, passes }, place) => {
    const { answer, ms } = answers[place]!
    return { probe, target, answer, ms, passed: passes(answers[place]!) }
  })
}

function requestFor(probes: readonly Probe[], resolver?: string): ProbeRequest {
  return {
    questions: probes.map(({ question }) => question), waitMsMax, promptMsMax: refusedWithinMs, ...resolver ? { resolver } : {},
  }
}

async function probeIn({ name, holderId }: NodeHandle, request: ProbeRequest): Promise<ProbeReply> {
  const { exitCode, stdout, stderr } = await execIn(
    holderId, ["/usr/local/bin/node", "/world/probe.ts", JSON.stringify(request)], {}, `holder of node ${name}`)
  if (exitCode === 0) return JSON.parse(stdout) as ProbeReply
  throw new LabFailure(`The isolation probe in node ${name} ended with ${exitCode}: ${stderr.trim()}`, {
    where: `holder of node ${name}`, remedy: "build the image of the world anew: its holder runs /world/probe.ts",
  })
}

/**
 * For each rule whether its counter has met at least every refused probe that was sent to it. Components may have
 * tried to get out in the same moment and moved it further, hence "at least".
 */
function movedCounters(
  inside: readonly Probed[], before: readonly RuleCounter[], after: readonly RuleCounter[],
): Map<string, boolean> {
  const sent = new Map<string, number>()
  for (const { probes, reply } of inside) {
    probes.forEach(({ rule }, place) => {
      const { answer, attempts } = reply.answers[place]!
      if (rule && answer === "refused") sent.set(keyOf(rule), (sent.get(keyOf(rule)) ?? 0) + attempts)
    })
  }
  const packets = (counters: readonly RuleCounter[], key: string) =>
    counters.find((counter) => counter.family === "ipv4" && keyOf(counter) === key)?.packets
  return new Map([...sent].map(([key, count]) => {
    const end = packets(after, key)
    return [key, end !== undefined && end - (packets(before, key) ?? 0) >= count]
  }))
}

function keyOf({ towards, bridge, protocol }: NonNullable<Probe["rule"]>): string {
  return `${towards} ${bridge} ${protocol}`
}

function nodeRecord({ node, probes, reply }: Probed, { networks }: Inspection, moved: Map<string, boolean>): NodeRecord {
  return {
    node, networks: networks[node] ?? [],
    ipv6: reply.ipv6.addresses.length === 0 && !reply.ipv6.defaultRoute ? "absent" : "present",
    probes: probes.map(({ probe, target, expected, passes, rule }, place) => {
      const { answer, ms } = reply.answers[place]!
      const counted = rule && answer === "refused" ? { counterMoved: moved.get(keyOf(rule)) ?? false } : {}
      const passed = passes(reply.answers[place]!) && counted.counterMoved !== false
      return { probe, target, expected, answer, ms, ...counted, passed }
    }),
  }
}

/** What got through comes before what merely hung: the first way out of a node is the one that its message shows. */
function probeFailures(handle: LabHandle, probed: Probed, record: NodeRecord): IsolationFailure[] {
  const { node, probes, reply } = probed
  const failed = probes.map((probe, place) => ({ probe, outcome: record.probes[place]! }))
    .filter(({ outcome }) => !outcome.passed)
    .sort((one, other) => Number(gotThrough(other.outcome)) - Number(gotThrough(one.outcome)))
  const forwards = failed.some(({ probe }) => probe.probe === "outside name, lab's DNS")
  const ipv6 = record.ipv6 === "absent" ? [] : [{
    node, wayOut: `it has IPv6 (${reply.ipv6.addresses.join(", ") || "a default route"}), which no network of a lab has`,
    remedy: "make the lab's networks without IPv6 (lab/network.ts), and disconnect this container from any other",
  }]
  return [...ipv6, ...failed.map(({ probe, outcome: { answer, counterMoved } }) => {
    if (probe.probe.startsWith("outside name") && forwards) return forwardingFailure(dnsOf(handle).name, answer)
    const byAnother = `${probe.probe} (${probe.target}): refused, but not by the lab's own rule`
    return {
      node, remedy: remedyFor(handle.run, probe), wayOut: counterMoved === false ? byAnother : probe.wayOut(answer),
    }
  })]
}

function gotThrough({ answer }: ProbeRecord): boolean {
  return answer.startsWith("connected") || answer.startsWith("answered")
}

function forwardingFailure(dns: string, answer: string): IsolationFailure {
  return {
    node: dns, wayOut: `the lab's DNS forwards: a name that only the outside knows is ${answer}`,
    remedy: "let nothing but lab/world/dns-server.ts answer on port 53 of node dns (it forwards nothing), and start the lab again",
  }
}

function remedyFor(run: string, { probe, rule }: Probe): string {
  if (rule) {
    return `see what deletes or precedes the rules with comment recette:${run} (iptables --list-rules), such as a firewall `
      + "that reloads, then start the lab again"
  }
  if (probe.startsWith("outside name")) return "give this node the lab's DNS as its only resolver, and start the lab again"
  return "read logs/dns.log, and see whether something filters traffic between containers of one network"
}

/** The rules are looked for by themselves too, since an engine's own rules may hide that one is missing. */
function missingRules({ nodes, network, outerNetwork }: LabHandle, counters: readonly RuleCounter[]): IsolationFailure[] {
  const there = new Set(counters.filter(({ family }) => family === "ipv4").map(keyOf))
  const leaving = [
    ...Object.keys(nodes).map((node) => ({ node, bridge: network.bridge })),
    { node: "gateway", bridge: outerNetwork.bridge },
  ]
  return leaving.flatMap(({ node, bridge }) => (["host", "outside"] as const).flatMap((towards) => (["tcp", "any"] as const)
    .filter((protocol) => !there.has(keyOf({ towards, bridge, protocol })))
    .map((protocol) => ({
      node,
      wayOut: `the rule that rejects ${protocol === "tcp" ? "TCP" : "all else"} from ${bridge} to the ${towards} is gone`,
      remedy: "see what deletes packet filter rules on this host, such as a firewall that reloads, then start the lab again",
    }))))
}

/** Whatever the probes were told: who of the lab has really been seen by the double. */
function reachedDouble(
  handle: LabHandle, { gatewayAddresses }: Inspection, seen: Awaited<ReturnType<OutsideDouble["seen"]>>,
): IsolationFailure[] {
  const names = new Map([
    ...Object.values(handle.nodes).map(({ name, address }) => [address, name] as const),
    ...Object.values(gatewayAddresses).map((address) => [address, "gateway"] as const),
  ])
  return seen.filter(({ from }) => names.has(from)).map(({ what, from }) => ({
    node: names.get(from)!, wayOut: `the outside double was reached by ${what} from ${from}`,
    remedy: "see what lets this address pass before the lab's rules (iptables --list-rules), then start the lab again",
  }))
}

function controlFailure({ probe, target, answer }: ControlRecord): IsolationFailure {
  return {
    node: "control",
    wayOut: `an ordinary container does not get through (${probe}, ${target}: ${answer}), so that refusals inside prove nothing`,
    remedy: "see that the engine's default bridge works and that this host's firewall lets its containers through",
  }
}

function onePerWayOut(failures: readonly IsolationFailure[]): IsolationFailure[] {
  return [...new Map(failures.map((failure) => [`${failure.node} ${failure.wayOut}`, failure])).values()]
}
