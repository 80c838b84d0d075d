import { expect, test } from "vitest"
import { parseSpools } from "./sympa-spool.ts"

test.each([
  ["msg/info-k3f9@listes.education.test.1795472508.499", "msg", "info-k3f9@listes.education.test", "engine"],
  ["msg/T.info-k3f9@listes.education.test.1795472508.499", "msg", "info-k3f9@listes.education.test", "engine"],
  ["msg/sympa@listes.education.test.1795472508.499,1234", "msg", "sympa@listes.education.test", "engine"],
  ["msg/bad/info-k3f9@listes.education.test.1795472508.499", "msg/bad", "info-k3f9@listes.education.test", "nothing"],
  ["bounce/info-k3f9@listes.education.test.1795472508.952", "bounce", "info-k3f9@listes.education.test", "engine"],
  [
    "moderation/lettre@listes.education.test_76af76071adee56bc9ce202de8e276d3",
    "moderation", "lettre@listes.education.test", "person",
  ],
  ["auth/1795472508,lettre@listes.education.test_8f3a,292,1021", "auth", "lettre@listes.education.test", "person"],
  ["bulk/msg/5.5.1795472803.1795472803.927516.info.2@listes.education.test_z,220,4702", "bulk/msg", "info.2@listes.education.test", "engine"],
])("reads %s", (path, spool, list, waitsFor) => {
  expect(parseSpools(`${path}\n`)).toEqual([{ spool, file: path.slice(spool.length + 1), list, waitsFor }])
})

test("a packet of recipients belongs to the list that its folder names", () => {
  const packet = "5.5.1795472803.1795472803.927516.info-k3f9@listes.education.test_z,220,4702"

  expect(parseSpools(`bulk/pct/${packet}/0001\nbulk/bad/pct/${packet}/0002\n`)).toEqual([
    { spool: "bulk/pct", file: `${packet}/0001`, list: "info-k3f9@listes.education.test", waitsFor: "engine" },
    { spool: "bulk/bad/pct", file: `${packet}/0002`, list: "info-k3f9@listes.education.test", waitsFor: "nothing" },
  ])
})

test("tasks, temporary files and locks are no mail", () => {
  expect(parseSpools([
    "task/1795558512.ACTION.purge_spools.sympa@listes.education.test", "tmp/134.stderr", "viewmail/mod/x/msg.00000.html",
    "msg/info@listes.education.test.1795472508.499,lock-rw-1", "",
  ].join("\n"))).toEqual([])
})
