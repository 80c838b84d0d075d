import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryFolder } from "../lab/temporary-release.ts"
import { listFigures, listProfile, transactionsIn, type ServedList } from "./bench-list.ts"
import { asOwnCopies } from "./bench/personalised-100000.ts"
import type { BenchFigure } from "./bench.ts"
import { checkStreams } from "./check-streams.ts"
import { Database, literal } from "./ledger/database.ts"
import type { LoadFile } from "./load-file.ts"

// What becomes of a list that was served: its figures, by the number of its members.

function served(once: number, { lost = 0, honest = true, single = 0, nodes = [] as object[] } = {}): ServedList {
  const reached = [50, 90, 99, 100].map((percent) => ({ percent, messages: 1, never: 0, medianUs: percent * 1e6, maxUs: percent === 100 && lost > 0 ? null : percent * 1e6 }))
  const total = { recipients: once + lost, fates: { "delivered-once": once, lost, unexpected: 0 }, marks: { altered: 0, contradicted: 0 } }
  return {
    file: {
      honest, ledger: { figures: { total, audiences: [{ reached }] } }, cpu: { generatorPercent: 1, catchersPercent: 6 },
      memory: { recetteBytes: 900e6, ledgerBytes: 800e6 }, observation: { nodes },
    } as unknown as LoadFile,
    transactions: { copies: once, transactions: 60, single },
  }
}

const of = (figures: readonly BenchFigure[], what: RegExp) => figures.find((figure) => what.test(figure.what))!

test("the figures say the true number of members, when each part of them was reached and how fast", () => {
  const figures = listFigures([served(3_000)], 3_000)
  expect(of(figures, /ledger$/)).toMatchObject({ what: "3,000 members: without exactly one unaltered copy, by the ledger", samples: [0], must: 0, judgedBy: "worst" })
  expect([50, 90, 99, 100].map((percent) => of(figures, new RegExp(`^${percent} %`)).samples)).toEqual([[50], [90], [99], [100]])
  expect(of(figures, /up to 90/)).toMatchObject({ samples: [30], aim: 60, bound: "at-least" })
  expect(of(figures, /all of them/).samples).toEqual([30])
  expect(of(figures, /memory of this process/).samples).toEqual([900])
  expect(of(figures, /memory of the ledger/).samples).toEqual([800])
})

test("who was never reached leaves no time, and one that is lost is counted though the load was not honest", () => {
  const figures = listFigures([served(2_999, { lost: 1, honest: false })], 3_000)
  expect(of(figures, /ledger$/).samples).toEqual([1])
  expect(of(figures, /^100 %/).samples).toEqual([])
  expect(of(listFigures([served(3_000, { honest: false })], 3_000), /ledger$/).samples).toEqual([])
})

test("each node that was seen has its own high-water marks, of the disk where it was looked at", () => {
  const nodes = [{ node: "sympa", memoryBytes: 600e6, diskBytes: 40e6 }, { node: "rspamd", memoryBytes: 90e6, diskBytes: null }]
  const figures = listFigures([served(3_000, { nodes }), served(3_000, { nodes })], 3_000)
  expect(figures.filter(({ what }) => what.startsWith("most") && what.includes("node")).map(({ what, samples }) => [what, samples])).toEqual([
    ["most memory of node sympa", [600, 600]], ["most memory of node rspamd", [90, 90]], ["most disk of node sympa", [40, 40]],
  ])
})

test("a personalised list is one whose copies each came alone", () => {
  const [, alone] = listFigures([served(3_000, { single: 2_999 })], 3_000).map(asOwnCopies)
  expect(alone).toMatchObject({ must: 100, bound: "at-least", judgedBy: "worst", samples: [2_999 / 3_000 * 100] })
})

test("copies are counted by transaction and server, those of other loads are not", async () => {
  const folder = temporaryFolder({ keep: "" })
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
  await database.run(`copy (select * from (values ('l1.a.1', 'mx1', 't1'), ('l1.a.1', 'mx1', 't1'), ('l1.a.1', 'mx2', 't1'), ('l1.a.1', 'mx1', 't2'), ('l2.a.1', 'mx1', 't3'))
    as row(id, node, transaction)) to ${literal(join(folder, "acceptances-academies.1.parquet"))} (format parquet)`)

  expect(await transactionsIn(folder, "l1")).toEqual({ copies: 4, transactions: 3, single: 2 })
  expect(await transactionsIn(temporaryFolder({ keep: "" }), "l1")).toBeNull()
})

test("the loads can be run", () => {
  const { name, streams } = listProfile({ name: "list-1400000", list: "info-elections", members: 1_400_000 })
  expect(() => checkStreams(name, streams)).not.toThrow()
})
