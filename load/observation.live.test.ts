import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventually } from "../lab/eventually.ts"
import { StartedInsideContainer } from "../lab/inside-container.ts"
import { LivingLab } from "../lab/living-lab.ts"
import { NodeSample } from "../lab/node-sampler.ts"
import { Observation, type ObservedLine } from "./observation.ts"

// The looks at the nodes of a real lab: what they see, what they cost, and that nothing of them stays.

const script = readFileSync(join(import.meta.dirname, "../lab/node-sampler.pl"), "utf8")
let lab: LivingLab
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-observation-"))
  lab = await LivingLab.start()
})
afterAll(async () => {
  await lab?.end()
  rmSync(folder, { recursive: true, force: true })
})

const path = () => join(folder, "observation.ndjson")
const linesOf = () => readFileSync(path(), "utf8").trim().split("\n").map((line) => JSON.parse(line) as ObservedLine)

test("counts what waits: by depth, below folders of one letter, without what is bad, locked or hidden", async () => {
  const postfix = new StartedInsideContainer(lab.handle, "postfix")
  await postfix.run(["sh", "-c", `mkdir -p /tmp/q/deep/packet.1 /tmp/q/deep/packet.2 /tmp/q/hashed/A /tmp/q/hashed/B /tmp/q/flat/bad
    touch /tmp/q/deep/packet.1/f1 /tmp/q/deep/packet.1/f2 /tmp/q/deep/packet.2/f1 /tmp/q/hashed/A/QUEUEID1 /tmp/q/hashed/B/QUEUEID2
    touch /tmp/q/flat/one@a /tmp/q/flat/two@b /tmp/q/flat/two@b,lock,2 /tmp/q/flat/.hidden /tmp/q/flat/bad/three`])
  const queue = (name: string, depth: number) => ["queue", name, String(depth), `/tmp/q/${name}`]
  const line = await postfix.exec(["perl", "-", "1000", "5", "0", ...queue("deep", 1), ...queue("hashed", 0), ...queue("flat", 0), ...queue("absent", 0)], { input: script })
  expect(NodeSample.parse(JSON.parse(line.stdout.split("\n")[0]!)).queues).toEqual({ deep: 3, hashed: 2, flat: 2, absent: 0 })
})

test("sees every node again and again, in the ledger's time, for less than 2 % of a core, and leaves no process behind", async () => {
  const beganUs = Date.now() * 1_000
  const observation = await Observation.start(lab.handle, path())
  const names = Object.keys(lab.handle.nodes).sort()
  await eventually("each node has been looked at ten times", async () => {
    const looks = Map.groupBy(linesOf(), ({ node }) => node)
    return names.every((name) => (looks.get(name)?.length ?? 0) >= 10)
  }, { withinMs: 60_000, everyMs: 2_000 })
  const cost = await observation.end()
  expect(cost.gaps).toEqual([])
  expect(cost.percentOfCore).toBeLessThan(2)
  const looks = linesOf()
  expect([...new Set(looks.map(({ node }) => node))].sort()).toEqual(names)
  for (const { atUs, memoryBytes, cpuNs } of looks) {
    expect(atUs).toBeGreaterThan(beganUs - 1_000_000)
    expect(atUs).toBeLessThan(Date.now() * 1_000 + 1_000_000)
    expect(memoryBytes * cpuNs).toBeGreaterThan(0)
  }
  expect(looks.find(({ node, programs }) => node === "postfix" && programs)?.programs?.["master"]?.[0]).toBe(1)
  expect(looks.filter(({ machine }) => machine).every(({ node }) => node === "postfix")).toBe(true)
  await eventually("no sampler runs in postfix", async () =>
    (await new StartedInsideContainer(lab.handle, "postfix").exec(["pidof", "perl"])).stdout.trim() === "", { withinMs: 5_000 })
})

test("a node that stops is a gap, and the others are seen on", async () => {
  const observation = await Observation.start(lab.handle, path())
  const internet = new StartedInsideContainer(lab.handle, "internet")
  await eventually("it is seen", async () => linesOf().some(({ node }) => node === "internet"), { withinMs: 30_000, everyMs: 1_000 })
  await internet.stop()
  const before = linesOf().filter(({ node }) => node === "postfix").length
  await eventually("another one is seen on", async () => linesOf().filter(({ node }) => node === "postfix").length > before + 2, { withinMs: 30_000, everyMs: 1_000 })
  expect((await observation.end()).gaps.map(({ node }) => node)).toEqual(["internet"])
  await internet.startAgain()
})
