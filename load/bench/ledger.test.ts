import { expect, test } from "vitest"
import { temporaryFolder } from "../../lab/state-folder.ts"
import { inOwnProcess } from "../ledger/ledger-child.ts"
import { writeDeliveries } from "../ledger/many-deliveries.ts"
import { checkPlanted } from "./ledger.ts"

test("all that is planted in a generated load is named, and nothing else", { timeout: 60_000 }, async () => {
  await using folder = await temporaryFolder("ledger-bench-test")
  const planted = await writeDeliveries(folder.path, { seed: 7, electors: 2_000, say: () => undefined })

  const outcome = await inOwnProcess({ folder: folder.path, memoryMb: 300 })

  expect(outcome.summary.figures?.total).toMatchObject({ recipients: 52_003, extraCopies: 3 })
  expect(planted.lost).toHaveLength(3)
  checkPlanted(outcome, planted)
  expect(() => checkPlanted(outcome, { ...planted, lost: planted.lost.slice(1) })).toThrow(/The ledger found/)
})
