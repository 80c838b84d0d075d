import { expect, test } from "vitest"
import { openMetricsText } from "./open-metrics.ts"
import { sampleCourse, sampleNode } from "./sample-course.ts"

const text = openMetricsText(sampleCourse({
  queues: [{ node: "sympa", queue: 'a "b"\\c', depth: [3, null, 5] }],
  nodes: [sampleNode("postfix", "platform", 12.5)], machine: null,
}))
const lines = text.split("\n")

test("each value has the time of its step's end, in seconds since the epoch", () => {
  expect(lines).toContain('recette_node_cpu_ratio{profile="sample",node="postfix",role="platform"} 0.125 1795536319.000')
})

test("counters rise to what came in all", () => {
  expect(lines.filter((line) => line.startsWith("recette_recipients_accepted_total{")).at(-1)).toBe('recette_recipients_accepted_total{profile="sample"} 1200 1795536378.000')
})

test("what was not seen has no value, and a family of which nothing was seen is not there", () => {
  const queue = lines.filter((line) => line.startsWith("recette_queue_messages{"))
  expect(queue.map((line) => line.split(" ").at(-2))).toEqual(["3", "5"])
  expect(text).not.toContain("recette_machine_ratio")
  expect(text).not.toContain("recette_node_open_descriptors")
})

test("labels are escaped", () => {
  expect(text).toContain('queue="a \\"b\\"\\\\c"')
})

test("families stand together under their type and unit, and the text ends with its end mark", () => {
  const families = lines.flatMap((line) => /^(recette_\w+?)(?:_total)?\{/.exec(line)?.[1] ?? []).filter((name, index, all) => name !== all[index - 1])
  expect(families).toEqual([...new Set(families)])
  expect(lines.filter((line) => line.startsWith("# TYPE")).map((line) => line.split(" ")[2])).toEqual(families)
  for (const [, name, unit] of text.matchAll(/^# UNIT (\S+) (\S+)$/gm)) expect(name!.endsWith(`_${unit}`)).toBe(true)
  expect(text.endsWith("\n# EOF\n")).toBe(true)
})
