import { describe, expect, test } from "vitest"
import { addressesIn, needsBinding } from "./address-literal.ts"
import { bindLine, checkBindings, type BindingContext } from "./bindings.ts"
import { hostNamesIn } from "./host-name-literal.ts"
import { platformNamed } from "./platform.ts"
import type { Bindings } from "./release-model.ts"

const { nodes } = platformNamed("ariel-pr")
const nothing: Bindings = { addresses: {}, networks: {}, hosts: {}, certificates: {}, origins: {} }
const origin = { file: "postfix/main.cf", line: 7 }

const bind = (line: string, bindings: Partial<Bindings> = {}, context: Partial<BindingContext> = {}) => bindLine(line, origin, {
  bindings: { ...nothing, ...bindings }, nodes, zones: ["education.gouv.fr"], ownPaths: [],
  addresses: { postfix: "172.20.0.5", sympa: "172.20.0.6" }, subnet: "172.20.0.0/16", ...context,
})
const bound = (line: string, bindings: Partial<Bindings> = {}, context: Partial<BindingContext> = {}) => bind(line, bindings, context).line

describe("an address", () => {
  test.each([
    ["relayhost = [192.0.2.10]:25", ["192.0.2.10"]],
    ["hosts = 10.0.0.1 10.0.0.2:3306, tcp:10.0.0.3:10001", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]],
    ["mynetworks = 10.1.0.0/16 [2001:db8::]/32 [::1]/128", ["10.1.0.0/16", "[2001:db8::]/32", "[::1]/128"]],
    ["/^192\\.0\\.2\\.10$/ OK", ["192\\.0\\.2\\.10"]],
    ["[2001:DB8:0::1]:25", ["2001:DB8:0::1"]],
    ["::ffff:192.0.2.1", ["::ffff:192.0.2.1"]],
    ["'sympa'@'192.0.2.20'", ["192.0.2.20"]],
    ["ip4:192.0.2.10/32 -all", ["192.0.2.10/32"]],
    ["see 192.0.2.10.", ["192.0.2.10"]],
  ])("is seen in %s", (line, addresses) => {
    expect(addressesIn(line).map(({ text }) => text)).toEqual(addresses)
  })

  test.each([
    "compatibility_level = 3.6", "version 6.2.70", "openssl-1.1.1.4", "v1.2.3.4", "1.2.3.4.5", "999.1.1.1", "10.2.0.192.in-addr.arpa",
    "at 12:30:45", "aa:bb:cc:dd:ee:ff", "Sympa::List::new", "soa 2026010100 3600", "group::name", "a::b::c::d",
  ])("is not seen in %s", (line) => {
    expect(addressesIn(line)).toEqual([])
  })

  test.each(["127.0.0.1", "127.0.0.0/8", "0.0.0.0", "0.0.0.0/0", "255.255.255.0", "240.0.0.0/4", "224.0.0.251", "169.254.0.0/16",
    "::", "::1", "::/0", "ff02::1", "fe80::/10", "::ffff:127.0.0.0/104"])("%s stands for no machine elsewhere", (text) => {
    expect(addressesIn(text).map(needsBinding)).toEqual([false])
    expect(bound(text)).toBe(text)
  })

  test("becomes the lab address of its node, in the form that it had", () => {
    const bindings = { addresses: { "192.0.2.10": "postfix", "2001:db8:0:0::20": "sympa" } }
    expect(bound("relayhost = [192.0.2.10]:25", bindings)).toBe("relayhost = [172.20.0.5]:25")
    expect(bound("mynetworks = 192.0.2.10/32, [2001:db8::20]/128", bindings)).toBe("mynetworks = 172.20.0.5/32, 172.20.0.6/32")
    expect(bound("/^192\\.0\\.2\\.10$/ OK", bindings)).toBe("/^172\\.20\\.0\\.5$/ OK")
  })

  test("is recorded with file, line, from and to; one that stays is not", () => {
    expect(bind("a 192.0.2.10 b 192.0.2.99 c 127.0.0.1", { addresses: { "192.0.2.10": "postfix", "192.0.2.99": "itself" } }).substitutions)
      .toEqual([{ file: "postfix/main.cf", line: 7, from: "192.0.2.10", to: "172.20.0.5", kind: "address" }])
  })

  test("that nothing binds is refused, naming file, line and the line to add", () => {
    expect(() => bind("relayhost = [192.0.2.11]:25", { addresses: { "192.0.2.10": "postfix" } })).toThrow(
      "The address 192.0.2.11 is bound to nothing in the lab\n  where: postfix/main.cf:7\n"
      + '  what to do: add "192.0.2.11: <node>" under addresses of the release\'s bindings.yaml, or "192.0.2.11: itself" to leave it as it is')
    expect(() => bind("relayhost = [2001:db8::11]:25")).toThrow("The address 2001:db8::11 is bound to nothing in the lab")
  })
})

describe("a network", () => {
  test("becomes a node's address, the lab's network, or stays", () => {
    const networks = { "192.0.2.0/24": "lab", "198.51.100.0/25": "sympa", "0.0.0.0/1": "itself", "192.0.2.20/32": "sympa" }
    expect(bound("192.0.2.0/24 198.51.100.0/25 0.0.0.0/1 192.0.2.20/32", { networks })).toBe("172.20.0.0/16 172.20.0.6/32 0.0.0.0/1 172.20.0.6/32")
  })

  test("that nothing binds is refused, though an address in it is bound", () => {
    expect(() => bind("mynetworks = 192.0.2.0/24", { addresses: { "192.0.2.0": "postfix" } })).toThrow(
      "The network 192.0.2.0/24 is bound to nothing in the lab")
  })
})

describe("a host name", () => {
  test.each([
    ["relayhost = [smtp.renater.fr]:25", ["smtp.renater.fr"]],
    ["root: jean.dupont@ac-lyon.fr", ["ac-lyon.fr"]],
    [".ac-paris.fr smtp:[mx.ac-paris.fr]", ["ac-paris.fr", "mx.ac-paris.fr"]],
    ["/^(.*)@education\\.gouv\\.fr$/ x", ["education.gouv.fr"]],
    ["url https://cartes.orleans.zip:8443/a.fr", ["cartes.orleans.zip"]],
    ["root: team@messagerie.info", ["messagerie.info"]],
    ["relay [mail.host.pl]:25", ["mail.host.pl"]],
    ["reject_rbl_client zen.spamhaus.org=127.0.0.2", ["zen.spamhaus.org"]],
    ["MX 10 mx1.provider.com.", ["mx1.provider.com"]],
  ])("is seen in %s", (line, names) => {
    expect(hostNamesIn(line).map(({ name }) => name)).toEqual(names)
  })

  test.each([
    "alias_maps = hash:/etc/postfix/ac-lyon.fr", "include /etc/dovecot/conf.d/10-auth.conf", "argv=/usr/bin/queue.pl ${nexthop}",
    "compatibility_level = 3.6", "version 6.2.70", "sympa_msg.pl", "config.tt2", "org.foo", "group.actions.reject", "list.name is $domain.fr",
    "[% list.domain.com %] [% user.email %]", "grant select on staff.agent to x", "smtpd_banner = $myhostname ESMTP", "mail_tt2.it()",
    "mx1.ariel-pr.test postmaster@education.test a@b.invalid c@localhost d@example.com e@f.example", "libnss.so perl.pm a.sh b.py c.md",
    "http://www.w3.org/1999/xhtml", "marie.de@x.test", "localhost.localdomain", "title.fr Listes", "10.2.0.192.in-addr.arpa",
  ])("is not seen in %s", (line) => {
    expect(hostNamesIn(line).map(({ name }) => name)).toEqual([])
  })

  test("becomes its node's name, or a name of the lab, or stays; so do names below a bound domain", () => {
    const hosts = { "smtp.renater.fr": "internet", "ldap.orleans.fr": "directory.lab.test", ".provider.com": "itself" }
    expect(bind("a smtp.renater.fr b ldap.orleans.fr c mx.provider.com /^smtp\\.renater\\.fr$/", { hosts })).toEqual({
      line: "a mx.internet.test b directory.lab.test c mx.provider.com /^mx\\.internet\\.test$/",
      substitutions: [
        { ...origin, from: "smtp.renater.fr", to: "mx.internet.test", kind: "host" },
        { ...origin, from: "ldap.orleans.fr", to: "directory.lab.test", kind: "host" },
        { ...origin, from: "smtp\\.renater\\.fr", to: "mx\\.internet\\.test", kind: "host" },
      ],
    })
  })

  test("may stand before an address in one line", () => {
    const bindings = { addresses: { "192.0.2.10": "postfix" }, hosts: { "smtp.renater.fr": "internet" } }
    expect(bound("smtp.renater.fr 192.0.2.10 smtp.renater.fr", bindings)).toBe("mx.internet.test 172.20.0.5 mx.internet.test")
  })

  test("of a zone that the release brings stays", () => {
    expect(bound("x@education.gouv.fr mx.education.gouv.fr")).toBe("x@education.gouv.fr mx.education.gouv.fr")
    expect(() => bind("mx.noteducation.gouv.fr")).toThrow("The name mx.noteducation.gouv.fr is bound to nothing")
  })

  test("of a mail address needs no binding: mail to any domain is caught inside", () => {
    expect(bound("always_bcc = copies@archive.provider.com")).toBe("always_bcc = copies@archive.provider.com")
    expect(bound("x@smtp.renater.fr", { hosts: { "smtp.renater.fr": "internet" } })).toBe("x@mx.internet.test")
  })

  test("that nothing binds is refused, naming file, line and the line to add", () => {
    expect(() => bind("relayhost = smtp.renater.fr")).toThrow("The name smtp.renater.fr is bound to nothing in the lab\n"
      + '  where: postfix/main.cf:7\n  what to do: add "smtp.renater.fr: <node>" under hosts of the release\'s bindings.yaml, '
      + 'or "smtp.renater.fr: itself" to let the lab\'s internet answer for it, or bring its zone as dns/smtp.renater.fr.zone')
  })
})

describe("a certificate", () => {
  const certificates = { "/etc/ssl/certs/mx1.pem": "chain", "/etc/ssl/private/mx1.pem": "key", "/etc/letsencrypt/live/mx1/chain": "authority" } as const

  test("becomes the lab's, also with a host name in its path", () => {
    expect(bound("ssl_cert = </etc/ssl/certs/mx1.pem", { certificates })).toBe("ssl_cert = </recette/tls/fullchain.pem")
    expect(bound("x = /etc/ssl/private/mx1.pem,/etc/letsencrypt/live/mx1/chain", { certificates })).toBe("x = /recette/tls/key.pem,/recette/tls/ca.pem")
    expect(bound("x = /etc/ssl/mx.provider.com.pem", { certificates: { "/etc/ssl/mx.provider.com.pem": "chain" } })).toBe("x = /recette/tls/fullchain.pem")
  })

  test("of the lab, of Debian or of the release stays", () => {
    const line = "/recette/tls/ca.pem /etc/ssl/certs/ca-certificates.crt /etc/postfix/tls/own.pem /etc/postfix/dkim.key"
    expect(bound(line, {}, { ownPaths: ["tls/own.pem", "dkim.key"] })).toBe(line)
  })

  test("that nothing binds is refused", () => {
    expect(() => bind("smtpd_tls_cert_file = /etc/ssl/certs/mx1.crt")).toThrow("The certificate or key /etc/ssl/certs/mx1.crt is bound to nothing in the lab\n"
      + '  where: postfix/main.cf:7\n  what to do: add "/etc/ssl/certs/mx1.crt: chain" (or key, or authority) under certificates')
  })
})

describe("bindings that lead nowhere are refused", () => {
  const check = (kind: "addresses" | "networks" | "hosts", from: string, to: string) => () => checkBindings(
    { ...nothing, [kind]: { [from]: to }, origins: { [`${kind}/${from}`]: { file: "bindings.yaml", line: 3 } } }, nodes)

  test.each([
    ["addresses", "192.0.2.10", "mx9", "192.0.2.10 is bound to mx9, and there is no node mx9\n  where: bindings.yaml:3\n  what to do: use one of dns, academies"],
    ["addresses", "192.0.2", "postfix", "192.0.2 is no address\n  where: bindings.yaml:3\n  what to do: write 192.0.2.10"],
    ["addresses", "192.0.2.0/24", "postfix", "192.0.2.0/24 is no address"],
    ["networks", "192.0.2.10", "postfix", "192.0.2.10 is no network\n  where: bindings.yaml:3\n  what to do: write 192.0.2.0/24"],
    ["hosts", "smtp.renater.fr", "smtp.orange.fr", "smtp.renater.fr is bound to smtp.orange.fr, which is neither a node nor a name under .test"],
  ] as const)("%s %s: %s", (kind, from, to, message) => {
    expect(check(kind, from, to)).toThrow(message)
  })

  test("and good ones are not", () => {
    expect(check("addresses", "2001:db8::1", "postfix")).not.toThrow()
    expect(check("networks", "192.0.2.20/32", "lab")).not.toThrow()
    expect(check("hosts", ".gouv.fr", "itself")).not.toThrow()
  })
})
