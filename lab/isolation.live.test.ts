/**
 * Goal: every way out that the isolation proof must find is found, and named with its node and remedy.
 * Method: a bare lab (holders, a DNS, a gateway; no mail component) is broken between its making and its proof.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { removeRun, sweep } from "./clean-up.ts"
import { engine, execIn } from "./engine.ts"
import { eventually } from "./eventually.ts"
import type { LabHandle, NodeHandle } from "./handle.ts"
import { ensureImages } from "./images.ts"
import { HolderContainer } from "./inside-container.ts"
import {
  cutControl, deleteGatewayRules, deleteLabRules, forwardNames, joinDefaultBridge, type IsolationBreak,
} from "./isolation-breaks.ts"
import { proveIsolation } from "./isolation-proof.ts"
import { IsolationRefused, type IsolationRecord } from "./isolation-record.ts"
import { HostAgent, setRules, type IsolationPlace } from "./isolation-rules.ts"
import { makeNetworks } from "./network.ts"
import { makeDouble } from "./outside-double.ts"
import { LABELS, ownerLabels, thisOwner, type Owner } from "./ownership.ts"
import { platformNamed, type NodeDefinition } from "./platform.ts"
import { registerRun } from "./run-registry.ts"

const withinMs = 60_000
const owner = thisOwner()
const stateFolder = mkdtempSync(join(tmpdir(), "recette-isolation-"))
const definitions = platformNamed("ariel-pr").nodes.filter(({ name }) => ["dns", "postfix", "sympa"].includes(name))
let image = ""
let labs = 0

beforeAll(async () => {
  const { images } = await ensureImages([{ component: "world", generation: "debian-12", packages: null }])
  image = images["world"]!.tag
}, 600_000)

afterAll(() => rmSync(stateFolder, { recursive: true, force: true }))

describe("the proof of isolation", { timeout: withinMs }, () => {
  test("passes on a sound lab, with every node, probe, answer and time in its record", async () => {
    const record = await prove()

    expect(record).toMatchObject({ means: "rules", passed: true, failures: [] })
    expect(record.nodes.map(({ node }) => node)).toEqual(["dns", "postfix", "sympa", "gateway"])
    for (const { ipv6, probes } of record.nodes) {
      expect(ipv6).toBe("absent")
      expect(probes.filter(({ counterMoved }) => counterMoved).length).toBeGreaterThanOrEqual(5)
      for (const { ms } of probes.filter(({ answer }) => answer === "refused")) expect(ms).toBeLessThanOrEqual(100)
    }
    expect(record.controls).toHaveLength(7)
  })

  test("refuses a lab whose rules are deleted", async () => {
    const refused = await refusal(deleteLabRules)

    for (const node of ["dns", "postfix", "sympa"]) {
      expect(waysOut(refused, node)).toContainEqual(expect.stringMatching(/^host, lab bridge .*connected: 220 host/))
    }
    expect(refused.message).toMatch(/node dns: host, .*connected/)
    expect(refused.remedy).toContain("start the lab again")
  })

  test("refuses a lab where one node's holder is also on the default bridge", async () => {
    const refused = await refusal(joinDefaultBridge("sympa"))

    expect(nodesOf(refused)).toEqual(["sympa"])
    expect(refused.message).toContain("node sympa: it is also on network bridge, which is not the lab's")
    expect(refused.remedy).toContain("disconnect this one from the other network")
  })

  test("refuses a lab whose DNS forwards to the outside", async () => {
    const refused = await refusal(forwardNames)

    expect(nodesOf(refused)).toEqual(["dns"])
    expect(refused.message).toMatch(/node dns: the lab's DNS forwards: a name .* is answered 198\.51\.100\./)
    expect(refused.remedy).toContain("dns-server.ts")
  })

  test("refuses a lab whose gateway's rules are deleted", async () => {
    const refused = await refusal(deleteGatewayRules)

    expect(nodesOf(refused)).toEqual(["gateway"])
    expect(waysOut(refused, "gateway")).toContainEqual(expect.stringMatching(/^outside, SMTP .*connected: 220 outside/))
  })

  test("refuses a lab where the control does not get through", async () => {
    const refused = await refusal(cutControl)

    expect(nodesOf(refused)).toEqual(["control"])
    expect(refused.message).toContain("refusals inside prove nothing")
  })
})

test("where the host takes no rules the networks are inspected, and the record says so", async () => {
  const lab = await makeLab(owner, { agentImage: "recette/no-such-image:none" })
  try {
    const record = await proveIsolation(lab)
    expect(record).toMatchObject({ means: "inspection", passed: true, controls: [] })
    expect(record.reason).toMatch(/^no packet filter rules: .*no-such-image/)

    await joinDefaultBridge("postfix")(lab.handle, lab)
    await expect(proveIsolation(lab)).rejects.toThrow("node postfix: it is also on network bridge")
  } finally {
    await removeRun(lab.handle.run, { stateFolder })
  }
}, withinMs)

describe("clean-up", { timeout: withinMs }, () => {
  test("removes all of a dead run and nothing of a living one", async () => {
    const dead = await makeLab({ ...owner, startTicks: "1" })
    const living = await makeLab(owner)
    try {
      expect((await sweep({ stateFolder })).runs).toContain(dead.handle.run)

      expect(await leftOf(dead.handle.run)).toEqual({ containers: 0, networks: 0, rules: false })
      expect(await leftOf(living.handle.run)).toEqual({ containers: 9, networks: 2, rules: true })
    } finally {
      await removeRun(living.handle.run, { stateFolder })
      await removeRun(dead.handle.run, { stateFolder })
    }
    expect(await leftOf(living.handle.run)).toEqual({ containers: 0, networks: 0, rules: false })
  })

  test("takes a different block of addresses for each of two labs", async () => {
    const [one, other] = await Promise.all([makeLab(owner), makeLab(owner)])
    try {
      const addresses = [one, other].map(({ double }) => double.means === "rules" ? double.address : double.reason)
      expect(new Set(addresses).size).toBe(2)
      for (const lab of [one, other]) expect(await proveIsolation(lab)).toMatchObject({ passed: true })
    } finally {
      await Promise.all([one, other].map(({ handle }) => removeRun(handle.run, { stateFolder })))
    }
  })
})

async function prove(breakIt: IsolationBreak = async () => undefined): Promise<IsolationRecord> {
  const lab = await makeLab(owner)
  try {
    await breakIt(lab.handle, lab)
    return await proveIsolation(lab)
  } finally {
    await removeRun(lab.handle.run, { stateFolder })
  }
}

async function refusal(breakIt: IsolationBreak): Promise<IsolationRefused> {
  const outcome = await prove(breakIt).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(IsolationRefused)
  return outcome as IsolationRefused
}

function waysOut({ record }: IsolationRefused, node: string): string[] {
  return record.failures.filter((failure) => failure.node === node).map(({ wayOut }) => wayOut)
}

function nodesOf({ record }: IsolationRefused): string[] {
  return [...new Set(record.failures.map(({ node }) => node))]
}

/** A lab without mail components: three holders, a DNS that knows its own name, and a gateway that publishes nothing. */
async function makeLab(of: Owner, { agentImage = image } = {}) {
  const run = `isolation-${process.pid}-${++labs}`
  await registerRun({ run, owner: of, image }, stateFolder)
  const networks = await makeNetworks(run, of)
  const parts = { run, owner: of, image, ...networks }
  const rules = await setRules({ ...parts, image: agentImage })
  const dns = await hold(definitions[0]!, parts, "127.0.0.1")
  const others = await Promise.all(definitions.slice(1).map((node) => hold(node, parts, dns.address)))
  const nodes = [{ ...dns, containerId: await startDns(dns, parts) }, ...others]
  const gatewayId = await startGateway(parts, dns.address)
  const handle = {
    run, ...networks, gateway: { containerId: gatewayId, ports: {} },
    nodes: Object.fromEntries(nodes.map((node) => [node.name, node])),
  } as unknown as LabHandle
  return { handle, rules, double: await makeDouble(parts, rules, gatewayId) }
}

async function hold(
  node: NodeDefinition, { run, owner: of, network }: IsolationPlace, resolver: string,
): Promise<NodeHandle> {
  const place = { run, owner: of, network, logsFolder: stateFolder }
  const holder = await new HolderContainer(image, place, node, resolver).start()
  return {
    name: node.name, component: node.component, hostname: node.hostname, containerId: "",
    holderId: holder.getId(), address: holder.getIpAddress(network.name),
  }
}

async function startDns({ holderId, hostname, address }: NodeHandle, { run, owner: of }: IsolationPlace): Promise<string> {
  const program = `
    const packet = require("/world/node_modules/dns-packet"), socket = require("dgram").createSocket("udp4")
    socket.on("message", (message, { port, address }) => {
      const { id, questions } = packet.decode(message), [{ name, type }] = questions
      const answers = name === "${hostname}" && type === "A" ? [{ type, name, ttl: 1, data: "${address}" }] : []
      const flags = answers.length ? 0x400 : 0x403
      socket.send(packet.encode({ type: "response", id, flags, questions, answers }), port, address)
    })
    require("net").createServer((socket) => socket.on("error", () => socket.destroy())).listen(53, () => socket.bind(53))`
  const id = await startPlain(run, of, "dns", ["node", "--eval", program], { NetworkMode: `container:${holderId}` })
  await eventually("the DNS of the bare lab listens", async () =>
    (await execIn(holderId, ["cat", "/proc/net/udp"])).stdout.includes("00000000:0035 "), { withinMs: 5_000 })
  return id
}

async function startGateway({ run, owner: of, network, outerNetwork }: IsolationPlace, resolver: string): Promise<string> {
  const { container: { dockerode } } = await engine()
  const id = await startPlain(run, of, "gateway", ["sleep", "infinity"], { NetworkMode: network.name, Dns: [resolver] })
  await dockerode.getNetwork(outerNetwork.id).connect({ Container: id })
  return id
}

async function startPlain(
  run: string, of: Owner, role: string, command: string[], hostConfig: object,
): Promise<string> {
  const { container: { dockerode } } = await engine()
  const container = await dockerode.createContainer({
    name: `recette-${run}-${role}`, Image: image, Cmd: command, StopSignal: "SIGKILL",
    Labels: { ...ownerLabels(run, of), [LABELS.role]: role }, HostConfig: hostConfig,
  })
  await container.start()
  return container.id
}

async function leftOf(run: string): Promise<{ containers: number; networks: number; rules: boolean }> {
  const { container: { dockerode } } = await engine()
  const filters = { label: [`${LABELS.run}=${run}`] }
  const agent = await HostAgent.start({ run: `look-${process.pid}`, owner, image, purpose: "look" })
  try {
    return {
      containers: (await dockerode.listContainers({ all: true, filters })).length,
      networks: (await dockerode.listNetworks({ filters })).length, rules: (await agent.runs()).includes(run),
    }
  } finally {
    await agent.remove()
  }
}

