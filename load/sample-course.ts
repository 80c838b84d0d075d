import { Series } from "./series.ts"

export type Row = (number | null)[]
/** A row of so many steps with the same value, or one for each. */
export const steady = (value: number | ((step: number) => number), steps = 60): number[] =>
  Array.from({ length: steps }, (_, step) => typeof value === "number" ? value : value(step))

/**
 * A minute of a load, for tests: 1 200 recipients' mail accepted in the first 20 s and delivered in 60, on a machine of two
 * cores that has nothing to do.
 */
export function sampleCourse(part: Partial<Series> = {}): Series {
  return Series.parse({
    schema: "recette.series/v1", profile: "sample", startUs: 1_795_536_318_000_000, stepSeconds: 1, steps: 60,
    flow: { due: steady((step) => step < 20 ? 60 : 0), accepted: steady((step) => step < 20 ? 60 : 0), delivered: steady(20) },
    latency: { p50Ms: steady(1_000), p90Ms: steady(2_000), p99Ms: steady(3_000) },
    queues: [], nodes: [sampleNode("postfix", "platform"), sampleNode("sympa", "platform"), sampleNode("academies", "catcher")],
    machine: sampleMachine(10),
    ...part,
  })
}

export function sampleNode(node: string, role: string, cpuPercent = 5, rest: Partial<Series["nodes"][number]> = {}): Series["nodes"][number] {
  const unseen = steady(0).map(() => null)
  return { node, role, cpuPercent: steady(cpuPercent), throttledPercent: steady(0), memoryBytes: steady(1e6), descriptors: unseen, diskBytes: unseen, programs: [], ...rest }
}

export function sampleMachine(busyPercent: number, rest: Partial<NonNullable<Series["machine"]>> = {}): NonNullable<Series["machine"]> {
  const none = steady(0)
  return { cores: 2, busyPercent: steady(busyPercent), diskIdlePercent: none, cpuWaitPercent: none, diskWaitPercent: none, memoryWaitPercent: none, ...rest }
}
