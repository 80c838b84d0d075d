import type { LabHandle, NodeHandle } from "./handle.ts"
import type { OutsideDouble } from "./outside-double.ts"
import type { ProbeAnswer, ProbeQuestion } from "./world/probe.ts"
import type { RuleCounter } from "./world/packet-filter.ts"

/** A refusal takes at most this long, in ms (ARCHITECTURE 4). */
export const refusedWithinMs = 100

type RuleKey = Pick<RuleCounter, "towards" | "bridge" | "protocol">

/** One probe with what it must answer. */
export interface Probe {
  probe: string
  target: string
  expected: string
  question: ProbeQuestion
  passes: (answer: ProbeAnswer) => boolean
  /** The rule that refuses this probe. */
  rule?: RuleKey
  /** What is wrong where it does not pass, after "node x: ". */
  wayOut: (answer: string) => string
}

interface InsideOptions {
  handle: LabHandle
  double: OutsideDouble
  dns: NodeHandle
  /** Bridge by which this namespace leaves: the lab's, or the gateway's outer one. */
  leavesBy: string
  asksEngineResolver: boolean
}

/** What a node's namespace, or the gateway's, must not reach. */
export function outwardProbes({ handle, double, dns, leavesBy, asksEngineResolver }: InsideOptions): Probe[] {
  const { router, lab, outer } = double.hostListeners
  const outside = (protocol: "tcp" | "any") => ({ towards: "outside" as const, bridge: leavesBy, protocol })
  const host = (bridge: string) => ({ towards: "host" as const, bridge, protocol: "tcp" as const })
  const ask = (server: string, mayBeLost = false): ProbeQuestion => ({ kind: "ask", server, name: double.name, mayBeLost })
  return [
    refused("outside, SMTP", connectTo(double.address, 25), outside("tcp")),
    refused("outside, DNS over TCP", connectTo(double.address, 53), outside("tcp")),
    refused("outside, DNS over UDP", ask(double.address, true), outside("any")),
    refused("host, outside address", connectTo(router.address, router.port), host(leavesBy)),
    refused("host, lab bridge", connectTo(lab.address, lab.port), host(handle.network.bridge)),
    ...leavesBy === handle.outerNetwork.bridge
      ? [refused("host, outer bridge", connectTo(outer.address, outer.port), host(leavesBy))] : [],
    unknown("outside name, own resolver", { kind: "look-up", name: double.name }, double.address),
    unknown("outside name, lab's DNS", ask(dns.address), double.address),
    ...asksEngineResolver ? [unknown("outside name, engine's resolver", ask("127.0.0.11"), double.address)] : [],
  ]
}

/** What a namespace must reach, or its refusals say nothing: a neighbour, and (for a node) the lab's DNS by its resolver. */
export function inwardProbes(neighbour: { name: string; address: string; port: number }, dns?: NodeHandle): Probe[] {
  const connection = reached(`neighbour ${neighbour.name}`, connectTo(neighbour.address, neighbour.port), /^connected/)
  if (!dns) return [connection]
  const ownName: ProbeQuestion = { kind: "look-up", name: dns.hostname }
  return [connection, reached("inside name, own resolver", ownName, new RegExp(`^answered ${dns.address}$`))]
}

/** The same as the outward probes, from an ordinary network: each must get through to the double or to the host. */
export function controlProbes({ address, name, hostListeners }: OutsideDouble): Probe[] {
  const ours = new RegExp(`^answered ${address}$`)
  return [
    reached("outside, SMTP", greetedBy(address, 25), /^connected: 220 outside\.test/),
    reached("outside, DNS over TCP", connectTo(address, 53), /^connected/),
    reached("outside, DNS over UDP", { kind: "ask", server: address, name }, ours),
    reached("outside name, own resolver", { kind: "look-up", name }, ours),
    ...Object.entries(hostListeners).map(([where, { address: host, port }]) =>
      reached(`host, ${where} address`, greetedBy(host, port), /^connected: 220 host\.test/)),
  ]
}

function connectTo(host: string, port: number): ProbeQuestion {
  return { kind: "connect", host, port }
}

function greetedBy(host: string, port: number): ProbeQuestion {
  return { kind: "connect", host, port, greets: true }
}

function refused(probe: string, question: ProbeQuestion, rule: RuleKey): Probe {
  const target = targetOf(question)
  return {
    probe, target, question, rule, expected: `refused within ${refusedWithinMs} ms`,
    passes: ({ answer, ms }) => (answer === "refused" || answer === "no route") && ms <= refusedWithinMs,
    wayOut: (answer) => `${probe} (${target}): ${answer}, in place of refused within ${refusedWithinMs} ms`,
  }
}

function unknown(probe: string, question: ProbeQuestion, forbidden: string): Probe {
  const target = targetOf(question)
  return {
    probe, target, question, expected: `not ${forbidden}`,
    passes: ({ answer }) => !answer.startsWith("answered ") || !answer.split(" ").includes(forbidden),
    wayOut: (answer) => `${probe} (${target}): ${answer}, which only the outside knows`,
  }
}

function reached(probe: string, question: ProbeQuestion, expected: RegExp): Probe {
  const target = targetOf(question)
  const wanted = expected.source.replaceAll(/[\\^$]/g, "")
  return {
    probe, target, question, expected: wanted, passes: ({ answer }) => expected.test(answer),
    wayOut: (answer) => `${probe} (${target}): ${answer}, in place of ${wanted}, so that its refusals prove nothing`,
  }
}

function targetOf(question: ProbeQuestion): string {
  switch (question.kind) {
    case "connect": return `tcp ${question.host}:${question.port}`
    case "ask": return `dns ${question.server}:53 ${question.name}`
    case "look-up": return question.name
  }
}
