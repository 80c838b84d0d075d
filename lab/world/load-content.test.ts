import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { contentOf, idOf } from "./load-content.ts"

const id = "s1.lettre.1.a"
const text = "Première ligne\r\n.\r\nDernière ligne.\r\n"
const sent = createHash("sha256").update(text).digest("hex")

function message(headers: string[], body: string): Buffer {
  return Buffer.from([`Subject: x`, `X-Recette-Id: ${id}`, ...headers, "", body].join("\r\n"))
}
const encoded = (encoding: string, body: string, charset = "utf-8") =>
  message([`Content-Type: text/plain; charset=${charset}`, `Content-Transfer-Encoding: ${encoding}`], body)
const whole = `Id: ${id}\r\n${text}`
const base64 = Buffer.from(whole).toString("base64").replace(/.{76}/g, "$&\r\n")

test("the id is read from the header alone, in any case and place", () => {
  expect(idOf(message([], whole))).toBe(id)
  expect(idOf(Buffer.from(`x-recette-id: ${id}\r\nSubject: x\r\n\r\nX-Recette-Id: other\r\n`))).toBe(id)
  expect(idOf(Buffer.from("Subject: x\r\n\r\nX-Recette-Id: other\r\n"))).toBeNull()
})

test("the content is the text after the id's line, whatever carries it", () => {
  const footer = "\r\n--b\r\nContent-Type: text/plain\r\n\r\nUnsubscribe here\r\n--b--\r\n"
  const part = (body: string) => message(["Content-Type: multipart/mixed; boundary=b"], `--b\r\n${body}${footer}`)
  const carriers = [
    encoded("8bit", whole), encoded("base64", base64), message([], whole),
    encoded("quoted-printable", whole.replace(/[^\x00-\x7f]/g, (letter) =>
      [...Buffer.from(letter)].map((octet) => `=${octet.toString(16).toUpperCase()}`).join(""))),
    part(`Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${whole}`),
    part(`Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}`),
    encoded("8bit", `${whole}\r\n\r\n`), encoded("8bit", whole.trimEnd()), encoded("8bit", whole.replaceAll("\r\n", "\n")),
  ]
  expect(carriers.map((raw) => contentOf(raw, id))).toEqual(carriers.map(() => sent))
})

test("another text has another content", () => {
  const changed = [whole.replace("Dernière", "Derniere"), `${whole}A footer in the text\r\n`, "Another text\r\n"]
  for (const body of changed) expect(contentOf(encoded("8bit", body), id)).not.toBe(sent)
})
