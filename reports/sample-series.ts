import { SeriesFile, type Series } from "./series-shapes.ts"
import { LoadFile, type Load } from "./load-shapes.ts"

/** The course of a minute in which 1 200 recipients' mail came in 20 s and left in 60, held in a list engine's packets. For tests. */
export function sampleSeries(part: Partial<Series> = {}): Series {
  const row = (value: (step: number) => number | null) => Array.from({ length: 60 }, (_, step) => value(step))
  const came = (step: number) => step >= 0 && step < 20 ? 60 : 0
  return SeriesFile.parse({
    schema: "recette.series/v1", profile: "smoke", startUs: 1_795_536_318_000_000, stepSeconds: 1, steps: 60,
    flow: { due: row(came), accepted: row((step) => came(step - 1)), delivered: row(() => 20) },
    latency: { p50Ms: row((step) => step * 600), p90Ms: row((step) => 200 + step * 640), p99Ms: row((step) => 400 + step * 660) },
    queues: [
      { node: "sympa", queue: "bulk/pct", depth: row((step) => Math.max(0, Math.min(step, 20) * 2 - Math.max(0, step - 20))) },
      { node: "postfix", queue: "active", depth: row((step) => step % 3) },
    ],
    nodes: [
      { node: "postfix", role: "platform", cpuPercent: row((step) => 30 + step % 7) },
      { node: "sympa", role: "platform", cpuPercent: row((step) => step < 2 ? null : 11) },
    ],
    machine: { cores: 2, busyPercent: row((step) => 34 + step % 5) },
    ...part,
  })
}

export const sampleObservation: NonNullable<Load["observation"]> = LoadFile.shape.observation.parse({
  sampling: { looks: 600, percentOfCore: 0.6, gaps: [] },
  nodes: [{ node: "postfix", cpuPercent: 36.4, memoryBytes: 64_000_000, descriptors: 1_234, diskBytes: 4_096 },
    { node: "sympa", cpuPercent: 11, memoryBytes: 310_000_000, descriptors: null, diskBytes: null }],
  bottleneck: {
    kind: "nobody-busy", sentence: { fr: "Personne n'est occupé.", en: "Nobody is busy." },
    evidence: [{ fr: "bulk/pct de sympa : 40 au plus", en: "bulk/pct of sympa: 40 at most" }],
  },
})!
