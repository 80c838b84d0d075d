import { appendFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { MailRecord, rowsOf, type Transaction } from "./mail-record.ts"

const copy = (transaction: string, recipients: string[], id: string | null = "m1"): Transaction => ({
  id, messageId: null, sender: "a@test", node: "academies", server: "mx.ac-lyon.test", receivedUs: 1, bytes: 3,
  content: "sha256:0", code: 250, answered: true, helo: "h", clientAddress: "10.9.0.4", tls: false, pipelined: false,
  transaction, recipients,
})

test("drops the oldest copies and messages over its bounds, and says how many", () => {
  const record = new MailRecord(undefined, { recipientsMax: 3, messagesMax: 2, messageBytesMax: 10 })
  for (const name of ["t1", "t2", "t3"]) record.accept(copy(name, ["x@test", "y@test"]), Buffer.alloc(4))

  expect([...record.accepted("m1")].map(({ transaction }) => transaction)).toEqual(["t3"])
  expect([...record.accepted()]).toHaveLength(1)
  expect(record.incomplete).toEqual({ acceptancesDropped: 4, refusalsDropped: 0, messagesDropped: 1 })
  expect(record.message("t1")).toBeUndefined()
  expect(record.message("t3")).toHaveLength(4)
  expect(record.acceptedRecipients).toBe(6)
})

test("reads its file back, also after a line that a killed program left unfinished", () => {
  const folder = mkdtempSync(join(tmpdir(), "record-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const first = new MailRecord(folder)
  first.accept(copy("t1", ["Zoé@ac-lyon.test", "y@ac-lyon.test"]), Buffer.alloc(1))
  first.close()
  appendFileSync(join(folder, "acceptances.ndjson"), "{\"recipient\":\"half")
  const second = new MailRecord(folder)
  second.accept(copy("t2", ["z@ac-lyon.test"]), Buffer.alloc(1))
  second.close()

  const third = new MailRecord(folder)
  expect([...third.accepted("m1")].flatMap(rowsOf)).toMatchObject([
    { recipient: "zoé@ac-lyon.test", recipientAsGiven: "Zoé@ac-lyon.test", transaction: "t1", domain: "ac-lyon.test" },
    { recipient: "y@ac-lyon.test", transaction: "t1" }, { recipient: "z@ac-lyon.test", transaction: "t2" },
  ])
  third.close()
})
