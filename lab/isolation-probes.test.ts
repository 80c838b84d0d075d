import { expect, test } from "vitest"
import type { LabHandle, NodeHandle } from "./handle.ts"
import { controlProbes, inwardProbes, outwardProbes } from "./isolation-probes.ts"
import { IsolationRefused, type IsolationFailure } from "./isolation-record.ts"
import { vethName } from "./isolation-rules.ts"
import type { OutsideDouble } from "./outside-double.ts"

const handle = { network: { bridge: "br-lab" }, outerNetwork: { bridge: "br-outer" } } as LabHandle
const dns = { address: "172.18.0.2", hostname: "dns.lab.test" } as NodeHandle
const double = {
  address: "198.51.100.2", name: "x.outside.test",
  hostListeners: {
    router: { address: "198.51.100.1", port: 4_001 }, lab: { address: "172.18.0.1", port: 4_002 },
    outer: { address: "172.19.0.1", port: 4_003 },
  },
} as OutsideDouble
const answered = (answer: string, ms = 3) => ({ answer, ms, attempts: 1 })

test("a node's refusals are counted by the lab bridge's rules, the gateway's by both", () => {
  const bridges = (leavesBy: string) => outwardProbes({ handle, double, dns, leavesBy, asksEngineResolver: true })
    .flatMap(({ rule }) => rule ? [`${rule.towards} ${rule.bridge} ${rule.protocol}`] : [])

  expect(bridges("br-lab")).toEqual([
    "outside br-lab tcp", "outside br-lab tcp", "outside br-lab any", "host br-lab tcp", "host br-lab tcp",
  ])
  expect(bridges("br-outer")).toEqual([
    "outside br-outer tcp", "outside br-outer tcp", "outside br-outer any", "host br-outer tcp", "host br-lab tcp",
    "host br-outer tcp",
  ])
})

test("a refusal passes within 100 ms; a connection, a silence and a slow refusal do not", () => {
  const [smtp] = outwardProbes({ handle, double, dns, leavesBy: "br-lab", asksEngineResolver: false })

  expect(smtp!.passes(answered("refused", 100))).toBe(true)
  expect(smtp!.passes(answered("no route", 1))).toBe(true)
  expect(smtp!.passes(answered("refused", 100.1))).toBe(false)
  expect(smtp!.passes(answered("no answer", 1_500))).toBe(false)
  expect(smtp!.passes(answered("connected: 220 outside.test"))).toBe(false)
  expect(smtp!.wayOut("no answer")).toBe("outside, SMTP (tcp 198.51.100.2:25): no answer, in place of refused within 100 ms")
})

test("a name may be answered with any address but the outside's", () => {
  const probes = outwardProbes({ handle, double, dns, leavesBy: "br-lab", asksEngineResolver: true })
  const names = probes.filter(({ probe }) => probe.startsWith("outside name"))

  expect(names.map(({ target }) => target)).toEqual([
    "x.outside.test", "dns 172.18.0.2:53 x.outside.test", "dns 127.0.0.11:53 x.outside.test",
  ])
  for (const { passes } of names) {
    expect(passes(answered("no such name"))).toBe(true)
    expect(passes(answered("answered 172.18.0.9"))).toBe(true)
    expect(passes(answered("answered 172.18.0.9 198.51.100.2"))).toBe(false)
  }
})

test("the engine's resolver is not asked where it would ask the host's", () => {
  const probes = outwardProbes({ handle, double, dns, leavesBy: "br-lab", asksEngineResolver: false })

  expect(probes.map(({ target }) => target).join(" ")).not.toContain("127.0.0.11")
})

test("the controls pass only where the double or the host itself answers", () => {
  const probes = [...controlProbes(double), ...inwardProbes({ name: "gateway", address: "172.18.0.9", port: 4_004 }, dns)]

  expect(probes).toHaveLength(9)
  for (const { passes } of probes) expect(passes(answered("refused"))).toBe(false)
  expect(probes[0]!.passes(answered("connected: 220 another.test"))).toBe(false)
  expect(probes[0]!.passes(answered("connected: 220 outside.test ESMTP"))).toBe(true)
  expect(probes[8]!.passes(answered("answered 172.18.0.2"))).toBe(true)
})

test("a refusal to run names the first way out of three nodes, and every node", () => {
  const failures: IsolationFailure[] = ["dns", "dns", "sympa", "postfix", "gateway"]
    .map((node, place) => ({ node, wayOut: `way ${place}`, remedy: `mend ${node}` }))
  const refused = new IsolationRefused({
    schema: "recette.isolation/v1", means: "rules", passed: false, failures, nodes: [], controls: [],
  })

  expect(refused.message).toBe("This lab is not isolated, so no scenario runs in it: "
    + "node dns: way 0 (and 1 more); node sympa: way 2; node postfix: way 3; and 1 more nodes\n"
    + "  where: node dns, sympa, postfix, gateway; isolation.json\n"
    + "  what to do: mend dns; mend sympa; mend postfix")
})

test("the name of a run's veth pair fits the kernel's 15 characters and differs between runs", () => {
  expect(vethName("20261123-214407-k3f9")).toMatch(/^rct-[0-9a-f]{10}$/)
  expect(vethName("20261123-214407-k3f9")).not.toBe(vethName("20261123-214407-k3fa"))
})
