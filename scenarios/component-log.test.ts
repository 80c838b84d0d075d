import { expect, test } from "vitest"
import { announcedScenarios } from "./catalogue.ts"
import { unexpectedLines } from "./component-log.ts"
import { expectedLines } from "./expected-log-lines.ts"

const clean = {
  postfix: "Nov 24 08:41:48 mx1 postfix/smtpd[140]: connect from localhost[127.0.0.1]",
  sympa: "Nov 24 08:41:50 sympa1 local1.info bulk[224]: info (eval)() Configuration file read, default log level 0",
  dovecot: "Nov 24 08:41:47 lmtp(21): Info: Connect from 127.0.0.1",
  mariadb: "2026-11-24  8:41:45 0 [Note] InnoDB: Number of transaction pools: 1",
} as const

test("a complaint of each component is found, with its line", () => {
  const complaints = {
    postfix: "Nov 24 08:41:49 mx1 postfix/proxymap[9]: warning: mysql:/etc/postfix/mysql-list.cf lookup error",
    sympa: "Nov 24 08:41:51 sympa1 local1.err sympa_msg[247]: err main:: Unable to open",
    dovecot: "Nov 24 08:41:49 auth: Error: sql: query failed",
    mariadb: "2026-11-24  8:41:46 7 [ERROR] Table './staff/alias' is marked as crashed",
  } as const
  for (const component of Object.keys(clean) as (keyof typeof clean)[]) {
    expect(unexpectedLines(component, `${clean[component]}\n\n${clean[component]}\n`), component).toEqual([])
    expect(unexpectedLines(component, `${clean[component]}\n${complaints[component]}\n`)).toEqual([`line 2: ${complaints[component]}`])
  }
})

test("the list node's Postfix is read too, and what no logger has written", () => {
  const fatal = "Nov 24 08:41:51 sympa1 mail.info postfix/smtpd[2]: fatal: no SASL authentication mechanisms"
  const stray = "Can't locate object method \"x\" via package \"Sympa\" at /usr/share/sympa/lib/Sympa.pm line 1."
  expect(unexpectedLines("sympa", `${fatal}\n${stray}\n`)).toEqual([`line 1: ${fatal}`, `line 2: ${stray}`])
})

test("a component without a form of its own is read by the words that everybody uses", () => {
  expect(unexpectedLines("rspamd", "2026-11-24 #1(main) <x>; main; started\n2026-11-24 [error] no key\n")).toEqual(["line 2: 2026-11-24 [error] no key"])
})

test("a line is accepted for the component that may write it, and for no other", () => {
  const line = "Nov 24 08:41:47 imap(1): Warning: Time moved forwards by 3.2 seconds - adjusting timeouts."
  expect(unexpectedLines("dovecot", line)).toEqual([])
  expect(unexpectedLines("dovecot", line.replace("forwards", "backwards"))).toHaveLength(1)
  expect(unexpectedLines("mariadb", line)).toHaveLength(1)
})

test("a scenario that provokes a line is one that there is", () => {
  const titles = announcedScenarios().map(({ title }) => title)
  expect(expectedLines.flatMap(({ scenario }) => scenario ?? []).filter((title) => !titles.includes(title))).toEqual([])
})
