import { join } from "node:path"
import type { LabHandle } from "../lab/handle.ts"
import { writeWhole } from "../lab/whole-file.ts"
import { bottleneckOf } from "./bottleneck.ts"
import { flowOf } from "./ledger/flow.ts"
import type { LoadFile, NodeMarks, SamplingCost } from "./load-file.ts"
import { observedSeries } from "./observed-series.ts"
import { openMetricsText } from "./open-metrics.ts"
import { Series, stepsBetween } from "./series.ts"

export interface SeriesOrder {
  profile: string
  /** `load/<profile>/` of the run: has `observation.ndjson`, gets `series.json` and `metrics.openmetrics.txt`. */
  folder: string
  ledgerFolder: string
  /** From the first message to the empty platform, microseconds since the epoch. */
  startUs: number; endUs: number
}

/** Writes the course of a load, and returns what the load's own file says of the observation. */
export async function writeSeries(handle: LabHandle, sampling: SamplingCost, { profile, folder, ledgerFolder, startUs, endUs }: SeriesOrder): Promise<NonNullable<LoadFile["observation"]>> {
  const steps = stepsBetween(startUs, endUs)
  const series = Series.parse({
    schema: "recette.series/v1", profile, ...steps,
    ...await flowOf(ledgerFolder, steps), ...await observedSeries(join(folder, "observation.ndjson"), handle, steps),
  })
  await writeWhole(join(folder, "series.json"), `${JSON.stringify(series)}\n`)
  await writeWhole(join(folder, "metrics.openmetrics.txt"), openMetricsText(series))
  return { sampling, nodes: series.nodes.flatMap(marksOf), bottleneck: bottleneckOf(series) }
}

/** High-water marks; nothing of a node that was not seen. */
function marksOf({ node, role, cpuPercent, memoryBytes, descriptors, diskBytes }: Series["nodes"][number]): NodeMarks[] {
  const [cpu, memory] = [most(cpuPercent), most(memoryBytes)]
  return cpu === null || memory === null ? [] : [{ node, role, cpuPercent: cpu, memoryBytes: memory, descriptors: most(descriptors), diskBytes: most(diskBytes) }]
}

function most(row: readonly (number | null)[]): number | null {
  return row.reduce((found, value) => value === null ? found : Math.max(found ?? 0, value), null)
}
