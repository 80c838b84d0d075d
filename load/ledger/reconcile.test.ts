import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { LedgerSummary, type Fate, type Offence } from "./ledger-summary.ts"
import { reconcile } from "./reconcile.ts"
import { acceptance, directId, list, listId, members, pair, refusal, sampleRows, writeSample, type SampleRows } from "./sample-load.ts"

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "ledger-")) })
afterEach(() => rm(folder, { recursive: true }))

/** The figures of the sample after `plant` has had its way with the rows; a load that is not reconciled throws. */
async function figuresWith(plant: (rows: SampleRows) => void) {
  const rows = sampleRows()
  plant(rows)
  await writeSample(folder, rows)
  const { gaps, figures } = LedgerSummary.parse(await reconcile({ folder, memoryMb: 200, threads: 1 }))
  if (!figures) throw new Error(JSON.stringify(gaps))
  const named = (offence: Offence) => figures.examples.find((one) => one.offence === offence)?.first
    .map(({ id, recipient }) => `${id} ${recipient}`) ?? []
  return { ...figures, named }
}

const fate = (counts: Partial<Record<Fate, number>>) => ({
  "delivered-once": 0, duplicated: 0, lost: 0, unexpected: 0, bounced: 0, refused: 0, recovered: 0, ...counts,
})
const isCopy = (id: string, recipient: string) => (row: SampleRows["acceptances"][number]) => row.id === id && row.recipient === recipient
const without = (rows: SampleRows, id: string, recipient: string) => {
  rows.acceptances = rows.acceptances.filter((row) => !isCopy(id, recipient)(row))
}

test("a load without a fault is delivered once to everybody", async () => {
  const { messages, total, examples, foreign } = await figuresWith(() => undefined)
  expect(messages).toBe(8)
  expect(total).toEqual({
    recipients: 70, fates: fate({ "delivered-once": 70 }), marks: { altered: 0, contradicted: 0 }, extraCopies: 0, duplicatedUnanswered: 0,
  })
  expect(examples).toEqual([])
  expect(foreign).toEqual({ acceptances: 0, ids: [] })
})

test("answers that nobody must get are lost for nobody, and unexpected for whoever gets one", async () => {
  const answer = (rows: SampleRows, got: readonly string[]) => {
    const [first] = rows.submissions
    rows.submissions.push({ ...first!, id: "s1.reponses.3.0", stream: "notes", target: "nobody-reponses", recipients: 1 })
    rows.expected.push({ audience: "nobody-reponses", place: 0, recipient: list, since_us: 0, until_us: 0 })
    rows.acceptances.push(...got.map((recipient) => acceptance("s1.reponses.3.0", recipient)))
  }
  const none = await figuresWith((rows) => answer(rows, []))
  expect(none).toMatchObject({ messages: 9, total: { recipients: 70, fates: fate({ "delivered-once": 70 }) } })
  expect(none.audiences.map(({ name }) => name)).toEqual([list, "notes"])
  const two = await figuresWith((rows) => answer(rows, members.slice(0, 2)))
  expect(two.total.fates).toEqual(fate({ "delivered-once": 70, unexpected: 2 }))
  expect(two.audiences.find(({ name }) => name === "nobody-reponses")!.counts.fates.unexpected).toBe(2)
})

test("one of each fate and a mark are counted exactly and named", async () => {
  const { total, named } = await figuresWith((rows) => {
    without(rows, listId(0), members[3]!) // lost
    rows.acceptances.push(acceptance(listId(0), members[4]!)) // duplicated
    rows.acceptances.push(acceptance(listId(1), "curieux@ac-lyon.test")) // unexpected
    without(rows, listId(1), members[5]!) // bounced
    rows.bounces.push({ id: listId(1), recipient: members[5]!, text: "550 5.1.1 no such user" })
    without(rows, directId(0), pair(0)[1]!) // refused
    refuse(rows, directId(0), pair(0)[1]!, "permanent")
    refuse(rows, directId(1), pair(1)[0]!, "connection") // recovered: it came all the same
    rows.acceptances.find(isCopy(listId(2), members[6]!))!.content = "cd".repeat(32) // altered
  })
  expect(total.fates).toEqual(fate({
    "delivered-once": 65, lost: 1, duplicated: 1, unexpected: 1, bounced: 1, refused: 1, recovered: 1,
  }))
  expect(total).toMatchObject({ recipients: 71, marks: { altered: 1, contradicted: 0 }, extraCopies: 1, duplicatedUnanswered: 0 })
  expect(named("lost")).toEqual([`${listId(0)} ${members[3]}`])
  expect(named("duplicated")).toEqual([`${listId(0)} ${members[4]}`])
  expect(named("unexpected")).toEqual([`${listId(1)} curieux@ac-lyon.test`])
  expect(named("bounced")).toEqual([`${listId(1)} ${members[5]}`])
  expect(named("refused")).toEqual([`${directId(0)} ${pair(0)[1]}`])
  expect(named("recovered")).toEqual([`${directId(1)} ${pair(1)[0]}`])
  expect(named("altered")).toEqual([`${listId(2)} ${members[6]}`])
})

function refuse(rows: SampleRows, id: string, recipient: string, why: string): void {
  rows.refusals.push(refusal(id, recipient, { class: why }))
  const submission = rows.submissions.find((row) => row.id === id)!
  submission.refused = Number(submission.refused) + 1
}

test("a list message that was refused is refused to all its members, and nobody of them is lost", async () => {
  const { total, named } = await figuresWith((rows) => {
    rows.acceptances = rows.acceptances.filter(({ id }) => id !== listId(2))
    refuse(rows, listId(2), list, "temporary")
  })
  expect(total.fates).toEqual(fate({ "delivered-once": 50, refused: 20 }))
  expect(named("refused")).toHaveLength(20)
})

test("what a sender was told not to be delivered, and is, is contradicted, whatever else it is", async () => {
  const { total, named } = await figuresWith((rows) => {
    rows.bounces.push({ id: listId(0), recipient: members[0]!, text: "over quota" })
    refuse(rows, directId(3), pair(3)[0]!, "permanent")
    refuse(rows, directId(4), pair(4)[0]!, "timeout") // nobody was told anything
  })
  expect(total.fates).toEqual(fate({ "delivered-once": 68, recovered: 2 }))
  expect(total.marks).toEqual({ altered: 0, contradicted: 2 })
  expect(named("contradicted")).toEqual([`${listId(0)} ${members[0]}`, `${directId(3)} ${pair(3)[0]}`])
})

test("a second copy after a server fell silent counts as duplicated, and says so", async () => {
  const { total } = await figuresWith((rows) => {
    rows.acceptances.find(isCopy(listId(0), members[1]!))!.answered = false
    rows.acceptances.push(acceptance(listId(0), members[1]!), acceptance(listId(0), members[2]!), acceptance(listId(0), members[2]!))
  })
  expect(total).toMatchObject({ fates: fate({ "delivered-once": 68, duplicated: 2 }), extraCopies: 3, duplicatedUnanswered: 1 })
})

test("who joined a list after a message is not expected, who had left before neither", async () => {
  const { total, named } = await figuresWith((rows) => {
    const second = Number(rows.submissions[1]!.started_us)
    rows.expected[0]!.until_us = second
    rows.expected[1]!.since_us = second
    without(rows, listId(0), members[1]!)
    without(rows, listId(1), members[0]!)
  })
  expect(total.fates).toEqual(fate({ "delivered-once": 67, unexpected: 1 }))
  expect(named("unexpected")).toEqual([`${listId(2)} ${members[0]}`])
})

test("mail of others is no part of the load", async () => {
  const { total, foreign } = await figuresWith((rows) => {
    rows.acceptances.push(acceptance("t0-scenario-1", members[0]!), acceptance("", "dsi@education.test"))
  })
  expect(total.fates).toEqual(fate({ "delivered-once": 70 }))
  expect(foreign).toEqual({ acceptances: 2, ids: ["", "t0-scenario-1"] })
})

test("1 in 1 000 that nobody recorded, and 1 in 1 000 recorded twice, are counted exactly", async () => {
  const many = (rows: SampleRows) => {
    const people = Array.from({ length: 2_000 }, (_, place) => `membre${place}@ac-nantes.test`)
    rows.expected = [...rows.expected.filter(({ audience }) => audience !== list), ...people.map((recipient, place) =>
      ({ ...rows.expected[0]!, place, recipient }))]
    rows.acceptances = [...rows.acceptances.filter(({ id }) => String(id).startsWith("s1.notes")), ...[0, 1, 2].flatMap((number) =>
      people.map((recipient) => acceptance(listId(number), recipient)))]
  }
  const dropped = await figuresWith((rows) => {
    many(rows)
    rows.acceptances = rows.acceptances.filter((_, number) => number % 1_000 !== 999)
  })
  expect(dropped.total.fates).toEqual(fate({ "delivered-once": 6_004, lost: 6 }))
  const twice = await figuresWith((rows) => {
    many(rows)
    rows.acceptances.push(...rows.acceptances.filter((_, number) => number % 1_000 === 999))
  })
  expect(twice.total.fates).toEqual(fate({ "delivered-once": 6_004, duplicated: 6 }))
  expect(twice.total.extraCopies).toBe(6)
})

test("latencies and shares reached are those of the recipients, by list, academy and sender class", async () => {
  const { audiences, domains, senderClasses, latency } = await figuresWith((rows) => without(rows, listId(1), members[19]!))
  const lettre = audiences.find(({ name }) => name === list)!
  expect(lettre.latency).toEqual({
    samples: 59, minUs: 100_000, p50Us: 1_000_000, p90Us: 1_800_000, p99Us: 2_000_000, p999Us: 2_000_000, maxUs: 2_000_000,
  })
  expect(lettre.messages).toBe(3)
  expect(lettre.reached).toEqual([
    { percent: 50, messages: 3, never: 0, medianUs: 1_000_000, maxUs: 1_000_000 },
    { percent: 90, messages: 3, never: 0, medianUs: 1_800_000, maxUs: 1_800_000 },
    { percent: 99, messages: 3, never: 1, medianUs: 2_000_000, maxUs: 2_000_000 },
    { percent: 100, messages: 3, never: 1, medianUs: 2_000_000, maxUs: 2_000_000 },
  ])
  expect(domains.map(({ name, latency }) => [name, latency?.samples])).toEqual([["ac-lille.test", 10], ["ac-lyon.test", 30], ["ac-nice.test", 29]])
  expect(senderClasses.map(({ name, counts }) => [name, counts.recipients])).toEqual([["institution", 10], ["minister", 60]])
  expect(latency?.samples).toBe(69)
})

test("a quantile is rounded up to three digits, and never beyond the largest latency", async () => {
  const { audiences } = await figuresWith((rows) => {
    for (const row of rows.acceptances) {
      if (row.id === directId(0)) row.received_us = Number(rows.submissions[0]!.intended_us) + 1_234_567
      if (row.id === directId(1)) row.received_us = Number(rows.submissions[1]!.intended_us) + 7_654_321
    }
  })
  expect(audiences.find(({ name }) => name === "notes")!.latency).toMatchObject({
    samples: 10, p50Us: 50_000, p90Us: 7_654_321, p999Us: 7_654_321, maxUs: 7_654_321,
  })
})

test("an offender has the transactions of its copies, and at most 100 of a class are named", async () => {
  const { examples } = await figuresWith((rows) => {
    for (let number = 0; number < 150; number += 1) rows.acceptances.push(acceptance(listId(0), `curieux${number}@ac-lyon.test`))
  })
  expect(examples).toHaveLength(1)
  expect(examples[0]).toMatchObject({ offence: "unexpected", recipients: 150 })
  expect(examples[0]!.first).toHaveLength(100)
  expect(examples[0]!.first[0]).toMatchObject({
    recipient: "curieux0@ac-lyon.test", copies: 1, transactions: [`academies-${listId(0)}-curieux0@ac-lyon.test`],
  })
})
