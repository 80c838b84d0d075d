import { expect, test } from "vitest"
import { haproxyConfiguration } from "./haproxy-configuration.ts"

test("each service has a listener of its own, to a fixed address and without a check or a name", () => {
  const text = haproxyConfiguration([
    { name: "postfix.smtp", address: "10.9.0.4", port: 25 }, { name: "dovecot.imap", address: "10.9.0.5", port: 143 },
  ])

  expect(text).toContain("listen postfix.smtp\n  bind 0.0.0.0:10000\n  server one 10.9.0.4:25\n")
  expect(text).toContain("listen dovecot.imap\n  bind 0.0.0.0:10001\n  server one 10.9.0.5:143\n")
  expect(text).not.toMatch(/\bcheck\b|resolvers|\.test/)
})
