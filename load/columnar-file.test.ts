import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { ColumnarFile } from "../lab/world/columnar-file.ts"
import { Database, literal } from "./ledger/database.ts"

// The academies' own Parquet writer, read by DuckDB, who did not write it.

let path: string
let database: Database
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "columnar-")), "rows.parquet")
  database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: `${path}.temporary` })
})
afterEach(async () => {
  database[Symbol.dispose]()
  await rm(join(path, ".."), { recursive: true })
})

const shapes = { id: "word", recipient: "text", received_us: "int64", bytes: "int32", answered: "boolean" } as const

test("every value comes back as it was, over several row groups", async () => {
  const file = new ColumnarFile(path, shapes)
  const messages = 3_000
  for (let number = 0; number < messages; number += 1) {
    const recipients = Array.from({ length: 50 }, (_, place) => `é${number}.${place}@ac-lyon.test`)
    file.add([`s1.lettre.1.${number}`, recipients, 1_795_536_318_000_000 + number, number - 5, number % 3 === 0], 50)
  }
  expect(existsSync(path)).toBe(false)
  file.close()

  const { total, wrong } = await database.row<{ total: number; wrong: number }>(`
    with row as (select *, split_part(id, '.', 4)::integer as number from read_parquet(${literal(path)}))
    select count(*) as total,
      count_if(not starts_with(recipient, 'é' || number || '.') or received_us <> 1795536318000000 + number or bytes <> number - 5
        or answered <> (number % 3 = 0)) as wrong
    from row`)
  expect({ total, wrong }).toEqual({ total: 150_000, wrong: 0 })
  const { different } = await database.row(`select count(distinct (id, recipient)) as different from read_parquet(${literal(path)})`)
  expect(different).toBe(150_000)
})

test("a group ends where no more words fit, and a file without rows is a file", async () => {
  const file = new ColumnarFile(path, { word: "word" })
  for (let number = 0; number < 70_000; number += 1) file.add([`w${number}`], 1)
  file.close()
  expect(await database.row(`select count(distinct word) as words from read_parquet(${literal(path)})`)).toEqual({ words: 70_000 })
  await rm(path)

  new ColumnarFile(path, shapes).close()

  expect(await database.row(`select count(*) as rows from read_parquet(${literal(path)})`)).toEqual({ rows: 0 })
})
