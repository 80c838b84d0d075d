import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { writeBounces } from "./bounces.ts"
import { Database, literal } from "./database.ts"
import { writeExpectations } from "./expectations.ts"

let folder: string
let database: Database
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "evidence-"))
  database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
})
afterEach(async () => {
  database[Symbol.dispose]()
  await rm(folder, { recursive: true })
})

const logs = [
  "Nov 24 16:05:20 mx1 postfix/cleanup[237]: 93BD742A6D7: message-id=<s1.lettre.1.0@education.test>",
  "Nov 24 16:05:20 mx1 postfix/smtp[249]: 93BD742A6D7: to=<Anne@ac-lyon.test>, relay=mx, dsn=5.1.1, status=bounced (550 5.1.1 No such user)",
  "Nov 24 16:05:20 mx1 postfix/smtp[249]: 93BD742A6D7: to=<zoe@ac-lyon.test>, relay=mx, dsn=2.0.0, status=sent (250 Ok)",
  "Nov 24 16:05:21 mx1 postfix/cleanup[237]: AABD742A6D7: message-id=<t0-scenario@education.test>",
  "Nov 24 16:05:21 mx1 postfix/smtp[249]: AABD742A6D7: to=<bob@ac-lyon.test>, relay=mx, dsn=5.1.1, status=bounced (550 5.1.1 No such user)",
]

test("bounces are read from the logs: the load's own, with the line that says so", async () => {
  const logsFolder = join(folder, "logs")
  await mkdir(logsFolder)
  await writeFile(join(logsFolder, "postfix.log"), `${logs.join("\n")}\n`)

  expect(await writeBounces(database, { logsFolder, folder, run: "s1", writer: "logs" })).toBe(1)

  expect(await database.rows(`select * from read_parquet(${literal(join(folder, "bounces-logs.parquet"))})`))
    .toEqual([{ id: "s1.lettre.1.0", recipient: "anne@ac-lyon.test", text: logs[1] }])
})

test("without a bounce, and without logs, there is a file without rows", async () => {
  expect(await writeBounces(database, { logsFolder: folder, folder, run: "s1", writer: "logs" })).toBe(0)
})

test("expectations come from a list or from the generator's own file, in its order", async () => {
  await writeFile(join(folder, "people.txt"), "# people\nagent0@ac-lille.test\r\n\n  Agent1@ac-lille.test\n")

  const sizes = await writeExpectations(database, { folder, writer: "fixtures", audiences: [
    { name: "Lettre@listes.test", recipients: ["anne@ac-lyon.test"] }, { name: "Notes", recipients: { file: join(folder, "people.txt") } },
  ] })

  expect([...sizes]).toEqual([["lettre@listes.test", 1], ["Notes", 2]])
  expect(await database.rows(`select audience, place, recipient from read_parquet(${literal(join(folder, "expected-fixtures.parquet"))}) order by all`))
    .toEqual([
      { audience: "Notes", place: 0, recipient: "agent0@ac-lille.test" }, { audience: "Notes", place: 1, recipient: "agent1@ac-lille.test" },
      { audience: "lettre@listes.test", place: 0, recipient: "anne@ac-lyon.test" },
    ])
})

test("an audience that is nobody stands there, and is never due anything", async () => {
  await writeExpectations(database, { folder, writer: "nobody", audiences: [{ name: "nobody-reponses", recipients: ["lettre@listes.test"], isNobody: true }] })
  expect(await database.rows(`select audience, since_us, until_us from read_parquet(${literal(join(folder, "expected-nobody.parquet"))})`))
    .toEqual([{ audience: "nobody-reponses", sinceUs: 0, untilUs: 0 }])
})

test("an audience with nobody, or with somebody twice, is refused", async () => {
  const write = (recipients: string[]) => writeExpectations(database, { folder, writer: "x", audiences: [{ name: "notes", recipients }] })
  await expect(write([])).rejects.toThrow("The audience notes has nobody")
  await expect(write(["a@x.test", "A@x.test"])).rejects.toThrow("The audience notes has a@x.test twice")
})
