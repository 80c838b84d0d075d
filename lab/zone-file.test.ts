import { expect, test } from "vitest"
import { zoneRecords } from "./zone-file.ts"

const read = (text: string) => zoneRecords({ origin: "education.test", text, file: "dns/education.test.zone" })

test("reads what a team writes: parentheses, comments, relative and blank names, units, long keys", () => {
  expect(read(`$TTL 1h30m
@ IN SOA dns1.ariel-pr.test. hostmaster ( ; the zone
    7 2h 900 2w
    300 )
  IN NS dns1.ariel-pr.test.
  60 IN MX 10 mx1.ariel-pr.test.
silent MX 0 .
k1._domainkey IN 5m TXT ( "v=DKIM1; p=" ; in two strings
    "AB\\"C" )
$ORIGIN sub.education.test.
www CNAME @
`)).toEqual([
    {
      name: "education.test", type: "SOA", ttl: 5_400, data: {
        mname: "dns1.ariel-pr.test", rname: "hostmaster.education.test", serial: 7, refresh: 7_200, retry: 900,
        expire: 1_209_600, minimum: 300,
      },
    },
    { name: "education.test", type: "NS", ttl: 5_400, data: "dns1.ariel-pr.test" },
    { name: "education.test", type: "MX", ttl: 60, data: { preference: 10, exchange: "mx1.ariel-pr.test" } },
    { name: "silent.education.test", type: "MX", ttl: 5_400, data: { preference: 0, exchange: "." } },
    { name: "k1._domainkey.education.test", type: "TXT", ttl: 300, data: ["v=DKIM1; p=", "AB\"C"] },
    { name: "www.sub.education.test", type: "CNAME", ttl: 5_400, data: "sub.education.test" },
  ])
})

test.each([
  ["@ IN A 300.0.0.1", "wrong A data: 300.0.0.1"],
  ["@ IN TLSA 3 1 1 AB", "the record type TLSA is not known here"],
  ["$GENERATE 1-9 x A 10.0.0.1", "the directive $GENERATE is not known here"],
  ["@ IN MX mx1", "MX takes 2 field(s), not 1"],
  ["  IN A 10.0.0.1", "the first record has no name"],
  ["@ IN TXT \"open", "a quote or a parenthesis has no partner"],
  [`@ IN TXT "${"x".repeat(256)}"`, "wrong TXT data"],
])("refuses %s and names file and line", (line, what) => {
  expect(() => read(`\n${line}\n`)).toThrow(what)
  expect(() => read(`\n${line}\n`)).toThrow("dns/education.test.zone:2")
})
