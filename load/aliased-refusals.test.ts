import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryFolder } from "../lab/state-folder.ts"
import { nameThoseBehindAliases } from "./aliased-refusals.ts"
import { Database, literal } from "./ledger/database.ts"
import { writeRows } from "./ledger/sample-load.ts"

test("a refused alias counts for the person that it leads to, and other refusals stay as they are", async () => {
  await using folder = await temporaryFolder("aliased-refusals")
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder.path, "temporary") })
  const path = join(folder.path, "refusals-generator.parquet")
  const refusal = { class: "permanent", text: "550 5.1.1" }
  await writeRows(database, "refusals", [
    { id: "l1.base.1", recipient: "Alias-1@education.test", ...refusal }, { id: "l1.boites.1", recipient: "zoe@education.test", ...refusal },
  ], path)

  await nameThoseBehindAliases(database, { folder: folder.path, prepared: [
    { recipients: ["a@ac-lyon.test", "b@ac-nice.test"], aliases: ["alias-0@education.test", "alias-1@education.test"] }, { recipients: ["zoe@education.test"] },
  ] })

  expect(await database.rows(`select id, recipient, class, text from read_parquet(${literal(path)}) order by id`)).toEqual([
    { id: "l1.base.1", recipient: "b@ac-nice.test", ...refusal }, { id: "l1.boites.1", recipient: "zoe@education.test", ...refusal },
  ])
})
