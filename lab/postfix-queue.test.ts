import { execFileSync } from "node:child_process"
import { chmodSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { LabFailure } from "./failure.ts"
import { listQueueFiles, parsePostqueue, queuedIn } from "./postfix-queue.ts"
import { temporaryFolder } from "./temporary-release.ts"

const deferred = JSON.stringify({
  queue_name: "deferred", queue_id: "5C2A1F0042", arrival_time: 1795470000, message_size: 4812, forced_expire: false,
  sender: "MAILER-DAEMON",
  recipients: [
    { address: "anne@ac-lille.test", delay_reason: "connect to mx.ac-lille.test[192.0.2.9]:25: Connection refused" },
    { address: "zoe@ac-nice.test" },
  ],
})
const active = JSON.stringify({
  queue_name: "active", queue_id: "6D3B200043", arrival_time: 1795470001, message_size: 12,
  sender: "list-owner@listes.education.test", recipients: [{ address: "leo@ac-nice.test" }],
})

test("reads each message with its recipients and the reason of their delay", () => {
  const [first, second] = parsePostqueue(`${deferred}\n${active}\n`, "node postfix")

  expect(first).toEqual({
    queueId: "5C2A1F0042", queueName: "deferred", sender: "", sizeBytes: 4812, arrivalSeconds: 1795470000,
    recipients: [
      { address: "anne@ac-lille.test", delayReason: "connect to mx.ac-lille.test[192.0.2.9]:25: Connection refused" },
      { address: "zoe@ac-nice.test" },
    ],
  })
  expect(second?.sender).toBe("list-owner@listes.education.test")
})

test("an empty output is an empty queue", () => {
  expect(parsePostqueue("", "node postfix")).toEqual([])
})

test.each(["Mail queue is empty", "{}", "null", "{\"queue_id\": 12}"])("refuses %s, naming the node", (line) => {
  expect(() => parsePostqueue(line, "node postfix")).toThrow(LabFailure)
  expect(() => parsePostqueue(line, "node postfix")).toThrow(`no queue entry: ${line}\n  where: node postfix`)
})

test("messages are counted by their files, each once, without those that are still being written", async () => {
  const folder = temporaryFolder({ "incoming/A1": "", "incoming/B2": "", "active/C3": "", "deferred/5/5C2A": "", "maildrop/.keep": "", "hold/.keep": "" })
  for (const ready of ["incoming/A1", "active/C3", "deferred/5/5C2A"]) chmodSync(join(folder, ready), 0o700)
  const [program, ...parameters] = listQueueFiles.map((word) => word.replace("/var/spool/postfix", folder))

  expect(queuedIn(execFileSync(program!, parameters, { encoding: "utf8" }))).toBe(3)
  expect(queuedIn("C3\nA1\nC3\n")).toBe(2)
  expect(queuedIn("")).toBe(0)
})
