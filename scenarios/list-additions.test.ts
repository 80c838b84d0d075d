import { expect, test } from "vitest"
import { corpusMessage } from "../fixtures/messages.ts"
import { differencesOf } from "./list-additions.ts"

const list = "info@listes.education.test"
const footer = [
  'Content-Type: text/plain; charset="UTF-8"', "Content-Disposition: inline", "Content-Transfer-Encoding: 8bit", "MIME-Version: 1.0",
  "", "-- pied", "",
].join("\r\n")
const sent = lines("From: a@x.test", "Subject: =?utf-8?Q?=C3=A9t=C3=A9?=", " suite", "Content-Type: text/plain; charset=utf-8", "", "deux  espaces ", "", "fin")
const wrapped = (content: string, fields = "X-Loop: info@listes.education.test") => lines(
  "From: a@x.test", "Subject: =?utf-8?Q?=C3=A9t=C3=A9?=", " suite", 'Content-type: multipart/mixed; boundary="-=_1"', fields, "",
  "This is a multi-part message in MIME format...", "", "---=_1", "Content-Type: text/plain; charset=utf-8", "", content, "---=_1", footer, "---=_1--")

test("a copy with the list's fields and footer, and nothing else, does not differ", () => {
  expect(differencesOf(sent, wrapped("deux  espaces \r\n\r\nfin\r\n"), list)).toEqual({ differences: [], footer: "-- pied\r\n" })
})

test("a space, an empty line, a field that nobody announced and an author's field that is gone are told", () => {
  const told = (arrived: string) => differencesOf(sent, arrived, list).differences
  expect(told(wrapped("deux  espaces\r\n\r\nfin\r\n"))).toEqual(['content of part 1: "x  espaces\\r\\n\\r\\nfin\\r\\n" instead of "x  espaces \\r\\n\\r\\nfin\\r\\n" at octet 13'])
  expect(told(wrapped("deux  espaces \r\n\r\n\r\nfin\r\n"))).toHaveLength(1)
  expect(told(wrapped("deux  espaces \r\n\r\nfin\r\n", "X-Mailer: autre"))).toEqual(["added: X-Mailer: autre"])
  expect(told(wrapped("deux  espaces \r\n\r\nfin\r\n", "X-Loop: autre@listes.education.test"))).toHaveLength(1)
  expect(told(wrapped("deux  espaces \r\n\r\nfin\r\n", "X-Original-DMARC-Record: domain=x.test; v=DMARC1; p=none"))).toEqual([])
  expect(told(wrapped("deux  espaces \r\n\r\nfin\r\n", "X-Original-DMARC-Record: a@x.test"))).toHaveLength(1)
  expect(told(wrapped("deux  espaces \r\n\r\nfin\r\n").replace("Subject: =?utf-8?Q?=C3=A9t=C3=A9?=\r\n suite", "Subject: =?utf-8?Q?=C3=A9t=C3=A9?= suite")))
    .toEqual(["lost: Subject: =?utf-8?Q?=C3=A9t=C3=A9?=\r\n suite", "added: Subject: =?utf-8?Q?=C3=A9t=C3=A9?= suite"])
  expect(told(wrapped("deux  espaces \r\n\r\nfin\r\n").replace("-- pied\r\n\r\n", "-- pied\r\n\r\n---=_1\r\n\r\nune autre\r\n"))).not.toEqual([])
})

test("a signed message does not differ from itself, and does where one octet is another", () => {
  const message = corpusMessage("smime-signed", { id: "k", from: "a@x.test", to: list }).toString("latin1")
  expect(differencesOf(message, message, list)).toEqual({ differences: [] })
  expect(differencesOf(message, message.replace(/e(?=[^e]*$)/, "f"), list).differences).toEqual(["the body differs"])
})

function lines(...all: string[]): string {
  return `${all.join("\r\n")}\r\n`
}
