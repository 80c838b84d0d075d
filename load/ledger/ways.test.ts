import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { reconcile } from "./reconcile.ts"
import { list, listId, members, sampleRows, writeSample } from "./sample-load.ts"

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "ledger-")) })
afterEach(() => rm(folder, { recursive: true }))

const id = listId(0)
const lost = members[3]!
const key = `${list}.1795536319.644`

const edgeLog = [
  `Nov 24 16:05:18 mx1 postfix/cleanup[230]: 8DE2042A6D3: message-id=<${id}@education.test>`,
  `Nov 24 16:05:18 mx1 postfix/relay/smtp[368]: 8DE2042A6D3: to=<${list}>, orig_to=<personnels@education.test>, relay=sympa1, status=sent (250 Ok)`,
  `Nov 24 16:05:20 mx1 postfix/cleanup[237]: 93BD742A6D7: message-id=<${id}@education.test>`,
  `Nov 24 16:05:20 mx1 postfix/smtp[249]: 93BD742A6D7: to=<${members[4]}>, relay=mx.ac-lyon.test, status=sent (250 Ok: taken as academies-67)`,
  `Nov 24 16:05:21 mx1 postfix/cleanup[237]: 3C60142A6D2: message-id=<${listId(1)}@education.test>`,
  `Nov 24 16:05:21 mx1 postfix/smtp[249]: 3C60142A6D2: to=<${lost}>, relay=mx.ac-nice.test, status=sent (250 Ok: taken as academies-68)`,
]
const listLog = [
  `Nov 24 16:05:18 sympa1 mail.info postfix/cleanup[630]: DB2D842A6D4: message-id=<${id}@education.test>`,
  `Nov 24 16:05:19 sympa1 local1.notice sympa_msg[378]: notice Sympa::Spindle::ProcessIncoming::_twist() Processing Sympa::Message <${key}>; `
    + `envelope_sender=ministre@education.test; message_id=${id}@education.test; sender=ministre@education.test`,
  `Nov 24 16:05:20 sympa1 mail.info postfix/cleanup[630]: 7E64742A6D2: message-id=<${id}@education.test>`,
  `Nov 24 16:05:20 sympa1 mail.info postfix/smtp[705]: 7E64742A6D2: to=<${lost}>, relay=mx1.ariel-pr.test, status=sent (250 Ok: queued as 93BD742A6D7) "with", a comma`,
]

test("an offender's way is told by queue ids and the list engine's key, and by its own lines alone", async () => {
  const rows = sampleRows()
  rows.acceptances = rows.acceptances.filter((row) => row.id !== id || row.recipient !== lost)
  await writeSample(folder, rows)
  const logsFolder = join(folder, "logs")
  await mkdir(logsFolder)
  await writeFile(join(logsFolder, "postfix.log"), `${edgeLog.join("\n")}\n`)
  await writeFile(join(logsFolder, "sympa.log"), `${listLog.join("\n")}\n`)

  const { figures } = await reconcile({ folder, logsFolder, memoryMb: 200, threads: 1 })

  expect(figures!.examples[0]!.first[0]).toMatchObject({ id, recipient: lost, transactions: [] })
  expect(figures!.examples[0]!.first[0]!.path).toEqual([
    { node: "postfix", key: "8DE2042A6D3", line: edgeLog[1] },
    { node: "sympa", key, line: listLog[1] },
    { node: "sympa", key: "7E64742A6D2", line: listLog[3] },
  ])
})
