import { expect, test } from "vitest"
import { bottleneckOf } from "./bottleneck.ts"
import { sampleCourse, sampleMachine, sampleNode, steady } from "./sample-course.ts"

// What held a load back is read from what was seen while most was under way; each cause has a course of its own here.

const packets = { node: "sympa", queue: "bulk/pct", depth: steady((step) => Math.max(0, 40 - step)) }
const said = (part: Parameters<typeof sampleCourse>[0]) => {
  const { kind, node, queue, sentence, evidence } = bottleneckOf(sampleCourse({ queues: [packets], ...part }))
  return { kind, node, queue, sentence: sentence.en, evidence: evidence.map(({ en }) => en) }
}

test("nobody is busy: the list engine's packets wait, and no resource is short", () => {
  expect(said({})).toMatchObject({ kind: "nobody-busy", node: "sympa", queue: "bulk/pct" })
  expect(said({}).sentence).toMatch(/^Nobody is busy.*Mail waits in bulk\/pct of sympa\.$/)
  expect(said({}).evidence).toEqual(expect.arrayContaining(["under way: 800 recipients at most, 20 s each on average", "machine (2 cores): 10 % busy", "busiest node, postfix: 5 % of a core"]))
})

test("a process that takes a core for itself, on a machine that has others", () => {
  const sympa = sampleNode("sympa", "platform", 96, { programs: [{ name: "bulk.pl", busiestPercent: steady(93) }] })
  expect(said({ nodes: [sampleNode("postfix", "platform"), sympa], machine: sampleMachine(55) })).toMatchObject({ kind: "process", node: "sympa" })
})

test("the machine's processors, by the platform", () => {
  const nodes = [sampleNode("postfix", "platform", 90), sampleNode("sympa", "platform", 70), sampleNode("academies", "catcher", 12)]
  expect(said({ nodes, machine: sampleMachine(97) })).toMatchObject({ kind: "machine", node: "postfix" })
})

test("a machine that others keep busy says nothing of the platform", () => {
  expect(said({ machine: sampleMachine(99) })).toMatchObject({ kind: "machine-shared" })
  expect(said({ machine: sampleMachine(99) }).evidence).toContain("of it this laboratory: 8 %")
})

test("a disk, memory, a limit of a container", () => {
  expect(said({ machine: sampleMachine(40, { diskWaitPercent: steady(62) }) }).kind).toBe("disk")
  expect(said({ machine: sampleMachine(40, { memoryWaitPercent: steady(31) }) }).kind).toBe("memory")
  const held = sampleNode("sympa", "platform", 50, { throttledPercent: steady(48) })
  expect(said({ nodes: [sampleNode("postfix", "platform"), held] })).toMatchObject({ kind: "limit", node: "sympa" })
})

test("servers that refuse for a while, and one of the laboratory that is itself at its limit", () => {
  expect(said({ queues: [packets, { node: "postfix", queue: "deferred", depth: steady(500) }] })).toMatchObject({ kind: "receivers-refuse", node: "postfix", queue: "deferred" })
  expect(said({ nodes: [sampleNode("postfix", "platform"), sampleNode("academies", "catcher", 95)] })).toMatchObject({ kind: "receivers", node: "academies" })
})

test("what leaves at once was held back by nothing, however busy the machine is", () => {
  const flow = { due: steady(20), accepted: steady(20), delivered: steady((step) => step === 0 ? 0 : 20) }
  expect(said({ flow, machine: sampleMachine(99) })).toMatchObject({ kind: "none" })
})

test("what waits for a person is no queue that holds mail back", () => {
  expect(said({ queues: [packets, { node: "sympa", queue: "moderation", depth: steady(900) }] }).queue).toBe("bulk/pct")
})

test("only the time in which most was under way counts", () => {
  const burning = (isBusy: (step: number) => boolean) =>
    sampleNode("sympa", "platform", 5, { programs: [{ name: "bulk.pl", busiestPercent: steady((step) => isBusy(step) ? 100 : 0) }] })
  expect(said({ nodes: [burning((step) => step >= 8 && step < 42)] }).kind).toBe("process")
  expect(said({ nodes: [burning((step) => step < 8 || step >= 42)] }).kind).toBe("nobody-busy")
})

test("where nothing was sent or seen there is nothing to say, and nothing breaks", () => {
  const none = { due: steady(0), accepted: steady(0), delivered: steady(0) }
  expect(bottleneckOf(sampleCourse({ flow: none, nodes: [], machine: null }))).toMatchObject({ kind: "none", node: null, queue: null })
})
