import { expect, test } from "vitest"
import { deliveredUs } from "./mailbox-record.ts"
import type { LoadStream } from "./load-profile.ts"
import { checkStreams, scriptFiles } from "./prepare.ts"
import { profiles } from "./profile-list.ts"
import { sentBy } from "./write-record.ts"

const notes: LoadStream = {
  name: "notes", senderClass: "application", target: { kind: "academies", each: 2 }, messages: 100, perSecond: 10, bytes: 2_000, vus: 4,
}

test("every profile of the command line can be run", () => {
  for (const { name, streams } of profiles) expect(() => checkStreams(name, streams)).not.toThrow()
})

test.each<[string, LoadStream[], string]>([
  ["no stream", [], "The profile mine has no stream"],
  ["a name twice", [notes, notes], "The profile mine has two streams of one name"],
  ["a name with a dot", [{ ...notes, name: "a.b" }], 'The profile mine has a stream "a.b": 1 to 20 small letters and digits make a name'],
  ["no message", [{ ...notes, messages: 0 }], "The profile mine asks stream notes for 0 messages, 10 a second, from 4 users: all must be more than 0"],
  ["half a second", [{ ...notes, messages: 5 }], "The profile mine gives stream notes less than a second: lower its rate"],
  ["a working group", [{ ...notes, target: { kind: "list", list: "groupe-annuaire", members: 3 } }],
    "The profile mine sends to list groupe-annuaire, a working group, in which its owner is nobody: use a list of another kind"],
])("%s is wrong input", (_, streams, message) => {
  expect(() => checkStreams("mine", streams)).toThrow(message)
})

test("k6 and the ledger get the same recipients in the same order", () => {
  const recipients = ["a@ac-lyon.test", "b@ac-nice.test"]
  const files = scriptFiles([{ stream: notes, sender: { address: "s@education.test", password: "p" }, recipients, audience: "notes", target: "direct", moderator: null }])
  expect(files["notes.txt"]).toBe("a@ac-lyon.test\nb@ac-nice.test\n")
  expect(JSON.parse(files["streams.json"]!)).toMatchObject([{ name: "notes", to: { file: "notes.txt" }, target: "direct", startSeconds: 0 }])
})

test("k6 sends to aliases, and the ledger waits at those whom they lead to, in the same order", () => {
  const stream: LoadStream = { ...notes, target: { kind: "aliases", source: "directory", each: 1 } }
  const files = scriptFiles([{
    stream, sender: { address: "s@education.test", password: "p" }, recipients: ["a@ac-lyon.test", "b@ac-nice.test"],
    aliases: ["alias-0@education.test", "alias-1@education.test"], audience: "notes", target: "direct", moderator: null,
  }])
  expect(files["notes.txt"]).toBe("alias-0@education.test\nalias-1@education.test\n")
})

test("k6's own counters are taken over, and none is made up where it sent nothing", () => {
  expect(sentBy({ metrics: { mail_failed: { passes: 2, fails: 98 }, mail_recipients: { count: 98 }, mail_refusals: { count: 2 } } }))
    .toEqual({ messages: 100, accepted: 98, refused: 2 })
  expect(sentBy({ metrics: {} })).toBeNull()
})

test("a mailbox file says when it was saved, or is refused", () => {
  expect(deliveredUs("1795536318.M4005P12.bal1,S=2100,W=2150:2,S")).toBe(1_795_536_318_004_005)
  expect(() => deliveredUs("msg.1")).toThrow("The mailbox file msg.1 does not say when it was saved")
})
