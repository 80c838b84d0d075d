import { expect, test } from "vitest"
import { dovecotOverrides, flattenDoveconf } from "./dovecot-settings.ts"

test("a setting between slashes becomes nested sections", () => {
  expect(dovecotOverrides({
    set: {
      mail_fsync: "never", "plugin/quota_grace": "10%", "service/auth/inet_listener/sasl/port": "12346",
      "service/auth/unix_listener//run/auth/mode": "0600",
    },
    unset: [],
  })).toBe([
    "mail_fsync = never",
    "plugin {", "  quota_grace = 10%", "}",
    "service auth {", "  inet_listener sasl {", "    port = 12346", "  }", "}",
    "service auth {", "  unix_listener /run/auth {", "    mode = 0600", "  }", "}", "",
  ].join("\n"))
})

test("what is unset asks for the value compiled into Dovecot, and gives way to what is set", () => {
  expect(dovecotOverrides({ set: { mail_fsync: "always" }, unset: ["mail_fsync", "protocol/imap/mail_max_userip_connections"] })).toBe([
    "mail_fsync = {{default mail_fsync}}",
    "protocol imap {", "  mail_max_userip_connections = {{default mail_max_userip_connections}}", "}",
    "mail_fsync = always", "",
  ].join("\n"))
})

test("sections that have a name since Dovecot 2.4 are changed by it", () => {
  const set = { "passdb/sql/query": "SELECT 1", "quota/mailbox/storage_size": "1M", "mail_plugins/quota": "no" }
  expect(dovecotOverrides({ set, unset: [] })).toBe([
    "passdb sql {", "  query = SELECT 1", "}", "quota mailbox {", "  storage_size = 1M", "}",
    "mail_plugins {", "  quota = no", "}", "",
  ].join("\n"))
})

test("a section without a name cannot be addressed", () => {
  expect(() => dovecotOverrides({ set: { "passdb/driver": "static" }, unset: [] })).toThrow(
    "dovecot: passdb/driver cannot be set, for a passdb of Dovecot 2.3 has no name\n"
    + "  where: release.yaml, components.dovecot\n  what to do: name it for Dovecot 2.4 (passdb/sql/…), or bring the file that "
    + "holds it in the release (files)")
})

test("the output of doveconf 2.4 is flattened, without the password that it hides", () => {
  expect(flattenDoveconf([
    "dovecot_config_version = 2.4.1", "mail_plugins {", "  quota = yes", "}", "mysql db.test {", "  dbname = staff",
    "  password = # hidden, use -P to show it", "}", "passdb sql {", "  query = SELECT 1", "}",
  ].join("\n"))).toEqual({
    dovecot_config_version: "2.4.1", "mail_plugins/quota": "yes", "mysql/db.test/dbname": "staff", "passdb/sql/query": "SELECT 1",
  })
})

test("the output of doveconf is flattened, repeated sections apart and empty plugin settings left out", () => {
  expect(flattenDoveconf([
    "# 2.3.19.1 (9b53102964): /etc/dovecot/dovecot.conf", "listen = *", "passdb {", "  driver = sql", "}",
    "passdb {", "  driver = static", "}", "plugin {", "  quota = ", "  quota_grace = 0", "}",
    "service auth {", "  inet_listener sasl {", "    port = 12345", "  }", "}", "ssl = required", "",
  ].join("\n"))).toEqual({
    listen: "*", "passdb/driver": "sql", "passdb#2/driver": "static", "plugin/quota_grace": "0",
    "service/auth/inet_listener/sasl/port": "12345", ssl: "required",
  })
})
