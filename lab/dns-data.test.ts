import { expect, test } from "vitest"
import { dnsConfiguration, type NamedThings } from "./dns-data.ts"
import { NameSpace } from "./world/zone-data.ts"

const things: NamedThings = {
  zones: [
    { origin: "ariel-pr.test", file: "dns/ariel-pr.test.zone", text: "mx1 IN A 10.9.0.4\n" },
    {
      origin: "2.0.192.in-addr.arpa", file: "dns/2.0.192.in-addr.arpa.zone",
      text: "10 IN PTR mx1.ariel-pr.test.\n",
    },
  ],
  platform: {
    nodes: [
      { name: "dns", component: "dns", hostname: "dns.lab.test" },
      { name: "internet", component: "internet", hostname: "mx.internet.test" },
      { name: "postfix", component: "postfix", hostname: "mx1.ariel-pr.test" },
      { name: "sympa", component: "sympa", hostname: "sympa1.ariel-pr.test" },
    ],
  },
  addresses: { dns: "10.9.0.2", internet: "10.9.0.3", postfix: "10.9.0.4", sympa: "10.9.0.5" },
  academies: [{ domain: "ac-lyon.test", address: "10.9.0.200" }],
  gatewayAddress: "10.9.0.6",
  boundAddresses: { "192.0.2.10": "postfix", "192.0.2.20": "sympa" },
}

const names = new NameSpace(dnsConfiguration(things))
const data = (name: string, type: string) => names.answer(name, type).answers.map((answer) => answer.data)

test("names the lab's own things", () => {
  expect(data("mx.internet.test", "A")).toEqual(["10.9.0.3"])
  expect(data("ac-lyon.test", "MX")).toEqual([{ preference: 10, exchange: "mx.ac-lyon.test" }])
  expect(data("mx.ac-lyon.test", "A")).toEqual(["10.9.0.200"])
  expect(data("ac-lyon.test", "TXT")).toEqual([["v=spf1 ip4:10.9.0.200 -all"]])
  expect(data("200.0.9.10.in-addr.arpa", "PTR")).toEqual(["mx.ac-lyon.test"])
  expect(data("6.0.9.10.in-addr.arpa", "PTR")).toEqual(["gateway.lab.test"])
  expect(data("somewhere.example", "MX")).toEqual([{ preference: 10, exchange: "mx.internet.test" }])
})

test("adds nothing to a zone of the release: a name that it forgets does not exist", () => {
  expect(data("mx1.ariel-pr.test", "A")).toEqual(["10.9.0.4"])
  expect(names.answer("sympa1.ariel-pr.test", "A").rcode).toBe("NXDOMAIN")
  expect(names.answer("nobody.ac-lyon.test", "A").rcode).toBe("NXDOMAIN")
})

test("the release's reverse zone speaks for its bound addresses, also by what it leaves out", () => {
  expect(data("4.0.9.10.in-addr.arpa", "PTR")).toEqual(["mx1.ariel-pr.test"])
  expect(names.answer("5.0.9.10.in-addr.arpa", "PTR").rcode).toBe("NXDOMAIN")
  expect(data("2.0.9.10.in-addr.arpa", "PTR")).toEqual(["dns.lab.test"])
})

test("without zones of the release every node has its names", () => {
  const { boundAddresses: _, ...bare } = things
  const all = new NameSpace(dnsConfiguration({ ...bare, zones: [] }))
  expect(all.answer("sympa1.ariel-pr.test", "A").answers).toMatchObject([{ data: "10.9.0.5" }])
  expect(all.answer("5.0.9.10.in-addr.arpa", "PTR").answers).toMatchObject([{ data: "sympa1.ariel-pr.test" }])
})
