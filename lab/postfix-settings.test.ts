import { expect, test } from "vitest"
import { serviceLines } from "./postfix.ts"
import { parsePostconf } from "./postfix-settings.ts"

test("postconf's three outputs become one table", () => {
  expect(parsePostconf({
    main: "mynetworks = 127.0.0.0/8, 192.0.2.20\nsmtpd_recipient_restrictions = reject_non_fqdn_recipient,\n    reject\nrelayhost =\n",
    services: "smtp       inet  n       -       n       -       -       smtpd\n"
      + "submission inet  n       -       n       -       -       smtpd\n    -o smtpd_sasl_auth_enable=yes\n",
    parameters: "submission/inet/smtpd_sasl_auth_enable = yes\n",
  })).toEqual({
    mynetworks: "127.0.0.0/8, 192.0.2.20", smtpd_recipient_restrictions: "reject_non_fqdn_recipient, reject", relayhost: "",
    "smtp/inet": "n - n - - smtpd", "submission/inet": "n - n - - smtpd -o smtpd_sasl_auth_enable=yes",
    "submission/inet/smtpd_sasl_auth_enable": "yes",
  })
})

test("parameters of services are handed over as postconf -P takes them", () => {
  expect(serviceLines({ services: { "submission/inet": { smtpd_tls_security_level: "may", syslog_name: "x" } } }).content)
    .toBe("submission/inet/smtpd_tls_security_level=may\nsubmission/inet/syslog_name=x\n")
  expect(() => serviceLines({ services: { "smtp/inet": { smtpd_banner: "a\nb" } } })).toThrow(
    "postfix: the value of smtp/inet/smtpd_banner has more than one line")
})
