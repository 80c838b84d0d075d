import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { checkOrder, outcomeOf, segmentOptions, type ProfileOrder } from "./generator.ts"
import { temporaryFolder } from "./state-folder.ts"

const order: ProfileOrder = { name: "smoke", files: { "smoke.k6.ts": "" }, secondsMax: 60, messagesMax: 5_000, folder: "results" }

test("an order within its bounds is taken, and each bound is named where it is not kept", () => {
  expect(() => checkOrder(order)).not.toThrow()
  expect(() => checkOrder({ ...order, name: "../smoke" })).toThrow('The name "../smoke" is none of a profile')
  expect(() => checkOrder({ ...order, name: "rush" })).toThrow("The profile rush.k6.ts is not among its files: smoke.k6.ts")
  expect(() => checkOrder({ ...order, files: { ...order.files, "../people.txt": "" } })).toThrow("other characters")
  expect(() => checkOrder({ ...order, secondsMax: 0 })).toThrow("secondsMax is 0, and 1 to 14400 are possible")
  expect(() => checkOrder({ ...order, messagesMax: 1.5 })).toThrow("messagesMax is 1.5, and 1 to 1000000000 are possible")
})

test("a share is a segment of k6's, and all shares are the whole", () => {
  expect([0, 1, 2].map((index) => segmentOptions({ index, of: 3 }))).toEqual([
    ["0:1/3", "0,1/3,2/3,1"], ["1/3:2/3", "0,1/3,2/3,1"], ["2/3:1", "0,1/3,2/3,1"],
  ])
})

/** A folder as a run leaves it. */
async function left(files: Record<string, string>): Promise<{ path: string } & AsyncDisposable> {
  const folder = await temporaryFolder("test-generator")
  await mkdir(folder.path, { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text)
  return folder
}

test("k6's exit codes say how a run ended, and its cost is read", async () => {
  await using folder = await left({ "summary.json": '{ "metrics": { "mail_messages": { "count": 3 } } }', "k6.log": "" })

  for (const [code, ending] of [[0, "passed"], [99, "thresholds"], [105, "time"], [108, "aborted"]] as const) {
    expect(await outcomeOf(folder.path, code, "61.250 3.100 0.900\n")).toEqual({
      ending, cpuSeconds: 4, clockSeconds: 61.25, folder: folder.path, summary: { metrics: { mail_messages: { count: 3 } } },
    })
  }
})

test("a run that left nothing to judge is a failure of the lab, in k6's own words", async () => {
  await using broken = await left({ "summary.json": "{}", "k6.log": "ERROR ReferenceError: clint is not defined\n" })
  await expect(outcomeOf(broken.path, 107, "0.1 0.1 0.0\n")).rejects.toThrow("k6 ended with 107: ERROR ReferenceError: clint is not defined")

  await using killed = await left({ "k6.log": "" })
  await expect(outcomeOf(killed.path, 137, "Killed\n")).rejects.toThrow("k6 ended with 137: Killed")
  await expect(outcomeOf(killed.path, 0, "0.1 0.1 0.0\n")).rejects.toThrow("k6 ended with 0")
})
