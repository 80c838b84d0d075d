import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { flowOf } from "./flow.ts"
import { acceptance, directId, listId, sampleRows, writeSample } from "./sample-load.ts"

// The sample: a list of 20 and two people get a message each second, three and five times.

const steps = { startUs: 1_795_536_318_000_000, stepSeconds: 1, steps: 6 }
let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "flow-")) })
afterEach(() => rm(folder, { recursive: true }))

test("a message counts for all whom it is due to, from when it was due; a copy for one, from when it came", async () => {
  await writeSample(folder, sampleRows())
  const { flow, latency } = await flowOf(folder, steps)
  expect(flow.due).toEqual([22, 22, 22, 2, 2, 0])
  expect(flow.accepted).toEqual([22, 22, 22, 2, 2, 0])
  // Members have it 0.1 to 2.0 s later: nine in the second in which it was due, ten in the next, one in the one after.
  expect(flow.delivered).toEqual([11, 21, 22, 13, 3, 0])
  expect(latency.p50Ms[0]).toBe(400)
  expect(latency.p99Ms[0]).toBe(900)
  expect(latency.p99Ms[5]).toBeNull()
})

test("who is refused was due, and is not accepted: one of two people, all of a list", async () => {
  const rows = sampleRows()
  for (const row of rows.submissions) if (row["id"] === listId(0) || row["id"] === directId(1)) row["refused"] = 1
  await writeSample(folder, rows)
  const { flow } = await flowOf(folder, steps)
  expect(flow.due.slice(0, 2)).toEqual([22, 22])
  expect(flow.accepted.slice(0, 2)).toEqual([2, 21])
})

test("what nobody must get is due to nobody", async () => {
  const rows = sampleRows()
  for (const row of rows.expected) if (row["audience"] === "notes") row["until_us"] = row["since_us"] = 0
  for (const row of rows.submissions) if (row["target"] === "direct") Object.assign(row, { target: "notes" })
  await writeSample(folder, rows)
  expect((await flowOf(folder, steps)).flow.due).toEqual([20, 20, 20, 0, 0, 0])
})

test("what comes after the last step belongs to it, and mail of others to none", async () => {
  const rows = sampleRows()
  rows.acceptances.push(acceptance("of-another-load", "membre0@ac-lyon.test"))
  await writeSample(folder, rows)
  const { flow } = await flowOf(folder, { ...steps, steps: 2 })
  expect(flow).toEqual({ due: [22, 48], accepted: [22, 48], delivered: [11, 59] })
})

test("of a load that left nothing there are steps of zero", async () => {
  expect(await flowOf(folder, { ...steps, steps: 2 })).toEqual({
    flow: { due: [0, 0], accepted: [0, 0], delivered: [0, 0] }, latency: { p50Ms: [null, null], p90Ms: [null, null], p99Ms: [null, null] },
  })
})
