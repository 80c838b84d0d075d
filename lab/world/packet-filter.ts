/**
 * Packet filter rules of labs, set from a container on the host's network (NET_ADMIN, NET_RAW).
 * Every rule carries the comment `recette:<run>`; listing, counting and removing go by it alone.
 * Rejecting beats dropping: a component that tries to get out must fail at once, not hang.
 */
import { spawnSync } from "node:child_process"

export interface RuleCounter {
  family: "ipv4" | "ipv6"
  /** `host` is the chain INPUT, `outside` the chain for forwarded packets. */
  towards: "host" | "outside"
  bridge: string
  protocol: "tcp" | "any"
  packets: number
}

/** One packet filter program, with the chain that forwarded packets pass first. */
interface Backend { family: "ipv4" | "ipv6"; program: string; forward: string }

const inOrder = ["nft", "legacy"] as const
const removalsMax = 5

/** The programs that the engine's own rules are made with: those that know its chain DOCKER-USER. */
export function backends(): Backend[] {
  const found = [backendOf("ipv4", "iptables"), backendOf("ipv6", "ip6tables")]
  if (!found[0]) throw new Error("no packet filter: neither iptables-nft nor iptables-legacy can list its rules here")
  return found.filter((backend) => backend !== undefined)
}

function backendOf(family: "ipv4" | "ipv6", base: string): Backend | undefined {
  for (const variant of inOrder) {
    const program = `${base}-${variant}`
    if (run(program, ["--wait", "--list-rules", "DOCKER-USER"]).ok) return { family, program, forward: "DOCKER-USER" }
  }
  for (const variant of inOrder) {
    const program = `${base}-${variant}`
    if (run(program, ["--wait", "--list-rules", "FORWARD"]).ok) return { family, program, forward: "FORWARD" }
  }
  return undefined
}

/**
 * Rejects what comes from the lab's bridge towards the host and the outside, and from the outer bridge all but
 * replies. Neighbours on one bridge pass, also where bridged packets are filtered (bridge-nf-call-iptables).
 */
export function setRules(runId: string, { lab, outer }: { lab: string; outer: string }): void {
  for (const backend of backends()) {
    const rules = [...rejections(backend, lab, runId, ""),
      ...rejections(backend, outer, runId, "-m conntrack ! --ctstate ESTABLISHED,RELATED ")]
    apply(backend, rules.map(({ chain, rule }, place) =>
      `-I ${chain} ${rules.slice(0, place).filter((before) => before.chain === chain).length + 1} ${rule}`))
  }
}

function rejections({ family, forward }: Backend, bridge: string, runId: string, state: string) {
  const icmp = family === "ipv4" ? "icmp-port-unreachable" : "icmp6-port-unreachable"
  const places = [
    { chain: "INPUT", from: `-i ${bridge} ` }, { chain: forward, from: `-i ${bridge} ! -o ${bridge} ` },
  ]
  return places.flatMap(({ chain, from }) => [
    { chain, rule: `${from}-p tcp ${state}${comment(runId)} -j REJECT --reject-with tcp-reset` },
    { chain, rule: `${from}${state}${comment(runId)} -j REJECT --reject-with ${icmp}` },
  ])
}

/** Lets the control's bridge reach one listener of ours on the host, where the host's own firewall would not. */
export function admitControl(runId: string, bridge: string, listeners: readonly { address: string; port: number }[]): void {
  apply(backends()[0]!, listeners.map(({ address, port }) =>
    `-I INPUT 1 -i ${bridge} -d ${address} -p tcp --dport ${port} ${comment(runId)} -j ACCEPT`))
}

/** Packets that each rejecting rule of the run has met since it was set. */
export function counters(runId: string): RuleCounter[] {
  return backends().flatMap(({ family, program }) => saved(program)
    .filter((line) => carries(line, runId) && line.includes("-j REJECT"))
    .map((line) => ({
      family,
      towards: line.includes("-A INPUT ") ? "host" as const : "outside" as const,
      bridge: /(?<!! )-i (\S+)/.exec(line)?.[1] ?? "",
      protocol: line.includes("-p tcp") ? "tcp" as const : "any" as const,
      packets: Number(/^\[(\d+):/.exec(line)?.[1] ?? 0),
    })))
}

/** Removes every rule of the run. Another lab may change the same chains meanwhile, so it looks again. */
export function removeRules(runId: string): void {
  for (const { program } of backends()) {
    for (let attempt = 1; ; attempt++) {
      const rules = saved(program).filter((line) => carries(line, runId))
      if (rules.length === 0) break
      if (attempt > removalsMax) throw new Error(`${program}: ${rules.length} rules of run ${runId} stay: ${rules[0]}`)
      const lines = rules.map((line) => line.replace(/^\[\d+:\d+\] -A /, "-D "))
      run(`${program}-restore`, ["--noflush", "--wait"], `*filter\n${lines.join("\n")}\nCOMMIT\n`)
    }
  }
}

/** Run ids that have a rule in any packet filter of this host. */
export function runsWithRules(): string[] {
  const text = backends().flatMap(({ program }) => saved(program)).join("\n")
  return [...new Set([...text.matchAll(/--comment "?recette:([\w.-]+)"?/g)].map((match) => match[1]!))]
}

function comment(runId: string): string {
  return `-m comment --comment "recette:${runId}"`
}

function carries(line: string, runId: string): boolean {
  return new RegExp(`--comment "?recette:${runId.replaceAll(".", "\\.")}"?( |$)`).test(line)
}

function saved(program: string): string[] {
  const { ok, stdout, stderr } = run(`${program}-save`, ["--counters", "--table", "filter"])
  if (!ok) throw new Error(`${program}-save: ${stderr}`)
  return stdout.split("\n").filter((line) => line.includes("recette:"))
}

function apply({ program }: Backend, lines: readonly string[]): void {
  const { ok, stderr } = run(`${program}-restore`, ["--noflush", "--wait"], `*filter\n${lines.join("\n")}\nCOMMIT\n`)
  if (!ok) throw new Error(`${program}-restore: ${stderr}`)
}

function run(program: string, parameters: string[], input = ""): { ok: boolean; stdout: string; stderr: string } {
  const { status, stdout, stderr, error } = spawnSync(program, parameters, { input, encoding: "utf8" })
  return { ok: status === 0, stdout: stdout ?? "", stderr: (stderr || error?.message || "").trim() }
}
