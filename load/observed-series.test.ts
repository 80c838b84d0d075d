import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { LabHandle } from "../lab/handle.ts"
import type { NodeSample } from "../lab/node-sampler.ts"
import { observedSeries } from "./observed-series.ts"
import { stepOf, stepsBetween } from "./series.ts"

const startUs = 1_795_536_318_000_000
const steps = { startUs, stepSeconds: 2, steps: 4 }
const nodes = { sympa: { name: "sympa", component: "sympa" }, academies: { name: "academies", component: "academies" } } as unknown as LabHandle["nodes"]
let folder: string
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "recette-observed-")) })
afterEach(() => rmSync(folder, { recursive: true }))

const look = (seconds: number, part: Partial<NodeSample> = {}): NodeSample & { node: string } =>
  ({ node: "sympa", atUs: startUs + seconds * 1e6, cpuNs: 0, throttledNs: 0, memoryBytes: 1_000, selfNs: 0, ...part })
const seriesOf = async (looks: readonly object[], rest = "") => {
  const path = join(folder, "observation.ndjson")
  writeFileSync(path, looks.map((one) => `${JSON.stringify(one)}\n`).join("") + rest)
  return await observedSeries(path, { nodes }, steps)
}

describe("looks brought into steps", () => {
  test("processor time is spread over the time between two looks", async () => {
    // A whole core for three seconds, then none for three.
    const { nodes: [sympa] } = await seriesOf([look(0), look(3, { cpuNs: 3e9 }), look(6, { cpuNs: 3e9 })])
    expect(sympa!.cpuPercent).toEqual([100, 50, 0, null])
  })

  test("a container that was started again counts from zero, and is not less than idle", async () => {
    const { nodes: [sympa] } = await seriesOf([look(0, { cpuNs: 9e9 }), look(2, { cpuNs: 1e9 }), look(4, { cpuNs: 2e9 })])
    expect(sympa!.cpuPercent).toEqual([null, 50, null, null])
  })

  test("of a queue the most of a step; between looks what was seen before, and nothing after the last", async () => {
    const queues = (depth: number) => ({ queues: { "bulk/pct": depth, msg: 0 } })
    const { queues: [packets, ...others] } = await seriesOf([look(-5, queues(1)), look(-1, queues(2)), look(0.5, queues(7)), look(1, queues(4)), look(5, queues(3))])
    expect(packets).toEqual({ node: "sympa", queue: "bulk/pct", depth: [7, 4, 3, null] })
    expect(others).toEqual([])
  })

  test("of the machine: busy cores of all its time, and who waited for what", async () => {
    const machine = (busyTicks: number, idleTicks: number, io: number) => ({ machine: { cores: 2, busyTicks, idleTicks, diskTicks: 0, stolenTicks: 0, waitsUs: { cpu: 0, io, memory: 0 } } })
    const { machine: seen } = await seriesOf([look(0, machine(0, 0, 0)), look(2, machine(300, 100, 500_000)), look(4, machine(300, 500, 500_000))])
    expect(seen).toMatchObject({ cores: 2, busyPercent: [75, 0, null, null], diskWaitPercent: [25, 0, null, null] })
  })

  test("names programs that took a tenth of a core, and each node with its role", async () => {
    const { nodes: [sympa, academies] } = await seriesOf([look(1, { programs: { "bulk.pl": [3, 1, 0, 64], "wwsympa.fcgi": [2, 0, 0, 9] }, descriptors: 40 }), look(1, { node: "academies" } as object)])
    expect(sympa!.programs).toEqual([{ name: "bulk.pl", busiestPercent: [64, null, null, null] }])
    expect([sympa!.role, academies!.role]).toEqual(["platform", "catcher"])
    expect(sympa!.descriptors[0]).toBe(40)
  })

  test("of a file that breaks off, what is whole", async () => {
    const { nodes: [sympa] } = await seriesOf([look(1)], '{"node":"sympa","atUs":17')
    expect(sympa!.memoryBytes).toEqual([1_000, null, null, null])
  })
})

describe("steps", () => {
  test("are so few that one can read them, of a length that people count in", () => {
    const lengthOf = (seconds: number) => stepsBetween(startUs, startUs + seconds * 1e6)
    expect(lengthOf(0.2)).toEqual({ startUs, stepSeconds: 1, steps: 1 })
    expect(lengthOf(240)).toMatchObject({ stepSeconds: 1, steps: 240 })
    expect(lengthOf(241)).toMatchObject({ stepSeconds: 2, steps: 121 })
    expect(lengthOf(4 * 3_600)).toMatchObject({ stepSeconds: 60, steps: 240 })
    expect(lengthOf(300 * 3_600)).toMatchObject({ stepSeconds: 7_200, steps: 150 })
  })

  test("begin with the first message", () => {
    expect([-1, 0, 1.9, 2, 100].map((seconds) => stepOf(startUs + seconds * 1e6, steps))).toEqual([undefined, 0, 0, 1, 3])
  })
})
