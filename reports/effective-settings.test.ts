import { expect, test } from "vitest"
import { compareEffectiveSettings } from "./effective-settings.ts"

test("names what changed, what is new and what is gone, by node and setting", () => {
  const before = { sympa: { nrcpt: "25" }, postfix: { b: "1", a: "1", same: "x" } }
  const after = { postfix: { b: "2", c: "3", same: "x" }, sympa: { nrcpt: "25" } }
  expect(compareEffectiveSettings(before, after)).toEqual([
    { node: "postfix", setting: "a", before: "1", after: null },
    { node: "postfix", setting: "b", before: "1", after: "2" },
    { node: "postfix", setting: "c", before: null, after: "3" },
  ])
})

test("goes down into nested settings and lists", () => {
  expect(compareEffectiveSettings(
    { dovecot: { protocol: { lmtp: { port: 24 } }, plugins: ["quota"] } },
    { dovecot: { protocol: { lmtp: { port: 25 } }, plugins: ["quota", "acl"] } },
  )).toEqual([
    { node: "dovecot", setting: "plugins", before: "quota", after: "quota, acl" },
    { node: "dovecot", setting: "protocol/lmtp/port", before: "24", after: "25" },
  ])
})

test("a node that only one side has is shown whole", () => {
  expect(compareEffectiveSettings({}, { rspamd: { reject: 15 } }))
    .toEqual([{ node: "rspamd", setting: "reject", before: null, after: "15" }])
})
