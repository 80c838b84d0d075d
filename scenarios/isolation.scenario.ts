import { academies } from "../fixtures/academies.ts"
import type { LabHandle } from "../lab/handle.ts"
import { proveAgain } from "./isolation-again.ts"
import { expect, test } from "./test.ts"

// Nothing leaves the lab: probed again while scenarios run. What the lab's internet holds was addressed to it.

test("at this moment no node opens an IPv4 connection to the outside, while an ordinary container does",
  { meta: { requirements: ["ISO-01"] } }, async ({ lab }) => {
    const { probes, controls } = await probesNamed(lab.handle, "outside, ")

    expect(probes.filter(({ passed }) => !passed)).toEqual([])
    expect(controls.filter(({ passed }) => !passed)).toEqual([])
  })

test("at this moment no node has a way out by IPv6",
  { meta: { requirements: ["ISO-02"] } }, async ({ lab }) => {
    const { nodes, means } = await proveAgain(lab.handle)

    if (means === "rules") expect(nodes.filter(({ ipv6 }) => ipv6 !== "absent").map(({ node }) => node)).toEqual([])
  })

test("at this moment no node resolves a name of the outside, while an ordinary container does",
  { meta: { requirements: ["ISO-03"] } }, async ({ lab }) => {
    const { probes, controls } = await probesNamed(lab.handle, "outside name, ")

    expect(probes.filter(({ passed }) => !passed)).toEqual([])
    expect(controls.filter(({ passed }) => !passed)).toEqual([])
  })

test("at this moment no node reaches the host, while an ordinary container does",
  { meta: { requirements: ["ISO-04"] } }, async ({ lab }) => {
    const { probes, controls } = await probesNamed(lab.handle, "host, ")

    expect(probes.filter(({ passed }) => !passed)).toEqual([])
    expect(controls.filter(({ passed }) => !passed)).toEqual([])
  })

test("the lab's internet and each academy hold only what was addressed to them",
  { meta: { requirements: ["ISO-05"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dsi")
    const [agent] = scene.people("ac-bordeaux.test").map(({ address }) => address)
    const elsewhere = scene.stranger()

    const mail = await scene.send({ from: sender, to: [agent!, elsewhere] })
    await expect(mail).toHaveReachedExactly(scene, [agent!, elsewhere])

    // Server by server: a lab on which scenarios run again and again holds more than one answer does.
    const [internet, ...atAcademies] = await Promise.all([
      lab.internet.acceptances(), ...academies.map(async ({ domain }) => lab.academies.acceptances({ server: `mx.${domain}` })),
    ])
    // Strangers of scenarios are at domains of the scenarios' own (scene.ts, sending-domain.ts); one domain has a route of its own.
    expect(internet.filter(({ domain }) => !/^(t[a-z0-9]{8}\.example|[a-z]+-t[a-z0-9]{8}|siec\.education)\.test$/.test(domain)).map(({ recipient }) => recipient)).toEqual([])
    expect(atAcademies.flat().map(({ recipient }) => recipient)).toContain(agent)
    expect(atAcademies.flat().filter(({ domain, server }) => server !== `mx.${domain}`).map(({ recipient }) => recipient)).toEqual([])
  })

/** The probes of one kind from every node and the gateway; none of them may be missing where packet filter rules hold. */
async function probesNamed(handle: LabHandle, prefix: string) {
  const { means, nodes, controls, failures } = await proveAgain(handle)
  const probes = nodes.flatMap(({ node, probes }) => probes.map((probe) => ({ node, ...probe })))
    .filter(({ probe }) => probe.startsWith(prefix))
  if (means === "rules") {
    expect(new Set(probes.map(({ node }) => node))).toEqual(new Set([...Object.keys(handle.nodes), "gateway"]))
  } else {
    expect(failures, "by inspection only").toEqual([])
  }
  return { probes, controls: controls.filter(({ probe }) => probe.startsWith(prefix)) }
}
