import { describe, expect, test } from "vitest"
import { checkSetIsEffective, effectiveDifferences, meansTheSame } from "./effective-settings.ts"
import type { LabOverride } from "./lab-overrides.ts"

const overrides: LabOverride[] = [{ component: "postfix", setting: "queue_run_delay", value: "2s", why: { fr: "", en: "" }, line: 3 }]

describe("a setting of the release", () => {
  test("that is so on the running node passes, whatever the spelling", () => {
    checkSetIsEffective("postfix", { mynetworks: "127.0.0.0/8,  10.0.0.1" }, ["relayhost"], { mynetworks: "127.0.0.0/8 10.0.0.1" }, [])
    checkSetIsEffective("mariadb", { "max-allowed-packet": "16M" }, ["event_scheduler"], { max_allowed_packet: "16777216", event_scheduler: "ON" }, [])
  })

  test("that the component does not know is refused", () => {
    expect(() => checkSetIsEffective("postfix", { mesage_size_limit: "1" }, [], { message_size_limit: "1" }, [])).toThrow(
      "postfix: mesage_size_limit = 1 has no effect: the component does not report this setting\n  where: release.yaml\n"
      + "  what to do: correct the spelling or the value, or take the setting out of the release")
  })

  test("that has another value there is refused", () => {
    expect(() => checkSetIsEffective("sympa", { nrcpt: "50" }, [], { nrcpt: "25" }, [])).toThrow(
      "sympa: nrcpt = 50 has no effect: the component runs with 25")
  })

  test("that is unset and still there is refused, where the component reports only what is set", () => {
    expect(() => checkSetIsEffective("postfix", {}, ["relayhost"], { relayhost: "x" }, [])).toThrow(
      "postfix: relayhost is unset in the release and still runs with x\n  where: release.yaml\n  what to do: see which file of the release sets it again")
    checkSetIsEffective("sympa", {}, ["nrcpt"], { nrcpt: "25" }, [])
  })

  test("may differ where the closed list says so, and then has the list's value", () => {
    checkSetIsEffective("postfix", { queue_run_delay: "300s" }, [], { queue_run_delay: "2s" }, overrides)
    checkSetIsEffective("postfix", {}, ["queue_run_delay"], { queue_run_delay: "2s" }, overrides)
    checkSetIsEffective("postfix", { queue_run_delay: "1s" }, [], { queue_run_delay: "1s" }, overrides)
    expect(() => checkSetIsEffective("postfix", { queue_run_delay: "300s" }, [], { queue_run_delay: "7s" }, overrides)).toThrow("runs with 7s")
    expect(() => checkSetIsEffective("sympa", { queue_run_delay: "300s" }, [], { queue_run_delay: "2s" }, overrides)).toThrow("runs with 2s")
  })

  test("of a service is looked for under the service's name", () => {
    const services = { "submission/inet": { smtpd_tls_security_level: "encrypt" } }
    checkSetIsEffective("postfix", {}, [], { "submission/inet/smtpd_tls_security_level": "encrypt" }, [], { services })
    expect(() => checkSetIsEffective("postfix", {}, [], {}, [], { services })).toThrow(
      "postfix: submission/inet/smtpd_tls_security_level = encrypt has no effect: the component does not report this setting")
  })

  test("is named without its secret", () => {
    expect(() => checkSetIsEffective("sympa", { db_passwd: "s3cret" }, [], { db_passwd: "" }, [], { secrets: { db: "s3cret" } })).toThrow(
      "sympa: db_passwd = {{secret:db}} has no effect: the component runs with an empty value")
  })
})

test.each([
  ["postfix", "300s", "5m"], ["postfix", "a, b", "a b"], ["postfix", "$x\n  $y", "$x $y"],
  ["dovecot", "yes", "true"], ["dovecot", "2 secs", "2s"], ["dovecot", "10 M", "10485760"], ["dovecot", "\"x\"", "x"],
  ["mariadb", "ON", "1"], ["mariadb", "off", "FALSE"], ["mariadb", "64M", "67108864"], ["mariadb", "READ-COMMITTED", "read-committed"],
  ["sympa", "on", "yes"], ["sympa", "a,b", "a, b"], ["rspamd", "true", "on"], ["clamav", "25M", "26214400"], ["directory", " x  y ", "x y"],
])("%s: %j means %j", (component, one, other) => {
  expect(meansTheSame(component, one, other)).toBe(true)
})

test.each([
  ["postfix", "5", "5m"], ["postfix", "yes", "Yes please"], ["dovecot", "yes", "no"], ["mariadb", "1", "2"], ["mariadb", "64M", "64K"],
  ["sympa", "on", "off"], ["postfix", "a b", "b a"],
])("%s: %j does not mean %j", (component, one, other) => {
  expect(meansTheSame(component, one, other)).toBe(false)
})

test("two sets of effective settings are compared by meaning, in order of names", () => {
  expect(effectiveDifferences("postfix", { b: "1", a: "5m", gone: "x" }, { a: "300s", b: "2", new: "y" })).toEqual([
    { setting: "b", from: "1", to: "2" }, { setting: "gone", from: "x", to: undefined }, { setting: "new", from: undefined, to: "y" },
  ])
})
