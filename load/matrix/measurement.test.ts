import { expect, test } from "vitest"
import { temporaryFolder } from "../../lab/temporary-release.ts"
import { reconcile } from "../ledger/reconcile.ts"
import { list, listId, members, sampleRows, writeSample, type SampleRows } from "../ledger/sample-load.ts"
import type { LoadFile } from "../load-file.ts"
import { measure } from "./measurement.ts"

// One load's files to one measurement. The sample has three messages to a list of 20 that are accepted 5 ms after they are due,
// at 0, 1 and 2 s, and reach everybody 2 s after that.

async function measuredWith(plant: (rows: SampleRows) => void = () => undefined, part: Partial<LoadFile> = {}, silenceSecondsMax = 20) {
  const folder = temporaryFolder({})
  const rows = sampleRows()
  plant(rows)
  await writeSample(folder, rows)
  const ledger = await reconcile({ folder, memoryMb: 200, threads: 1 })
  const file = {
    failure: null, sentUs: 1, drainedUs: 2, honest: true, honesty: [], ledger,
    streams: [
      { name: "lettre", target: list, audienceRecipients: members.length, asked: { messages: 3 } },
      { name: "notes", target: "direct", audienceRecipients: 5, asked: { messages: 5 } },
    ],
    cpu: { nodes: [{ node: "sympa", role: "platform", cpuMs: 300 }, { node: "postfix", role: "platform", cpuMs: 900 }], platformMs: 1_200 },
    ...part,
  } as unknown as LoadFile
  return measure(file, { folder, engines: ["sympa"], silenceSecondsMax })
}

test("the rate is that of the lists' copies, from the first acceptance to the last copy", async () => {
  expect(await measuredWith()).toEqual({
    status: "measured", why: [], due: 60, taken: 60, seconds: 3.995, perSecond: 15.02, cpuSecondsPer1000: 20, engineCpuSecondsPer1000: 5,
    silenceSeconds: 0.1, silent: false,
  })
})

const late = (rows: SampleRows) => {
  for (const row of rows.acceptances) if (row.id === listId(2) && row.recipient === members[19]) row.received_us = Number(row.received_us) + 45_000_000
}

test("a long time without a copy is a silence, though all came", async () => {
  expect(await measuredWith(late)).toMatchObject({ status: "measured", silent: true, silenceSeconds: 45.1 })
})

test("how long is the matrix' to say", async () => {
  expect(await measuredWith(late, {}, 60)).toMatchObject({ status: "measured", silent: false })
})

test("copies that are missing when the time is over are a stall, and no figure", async () => {
  const rest = (rows: SampleRows) => { rows.acceptances = rows.acceptances.filter(({ id, recipient }) => id !== listId(2) || recipient === members[0]) }
  expect(await measuredWith(rest, { drainedUs: null })).toMatchObject({
    status: "stalled", taken: 41, due: 60, perSecond: null, why: [{ en: "41 of 60 copies when the time to deliver was over" }],
  })
})

test("a lost copy gives no figure", async () => {
  const lost = (rows: SampleRows) => { rows.acceptances = rows.acceptances.filter(({ id, recipient }) => id !== listId(2) || recipient !== members[3]) }
  expect(await measuredWith(lost)).toMatchObject({ status: "wrong", perSecond: null, why: [{ en: "1 lost" }] })
})

test("a harness that was not honest gives none", async () => {
  const sentence = { fr: "débit trop faible", en: "too slow" }
  expect(await measuredWith(undefined, { honest: false, honesty: [{ check: "rate", stream: null, held: false, is: 1, must: 2, sentence }] }))
    .toMatchObject({ status: "not-honest", perSecond: null, cpuSecondsPer1000: null, why: [sentence] })
})

test("nor does a load that failed", async () => {
  expect(await measuredWith(undefined, { failure: { message: "no lab", where: "", remedy: "" }, ledger: null })).toMatchObject({ status: "failed" })
})
