import { createHash } from "node:crypto"
import { expect, test } from "vitest"
import { contentHash, messageFacts } from "./message-content.ts"

const text = "Réunion le 3 décembre, marque k3f9-1\nDeuxième ligne"
const wanted = `sha256:${createHash("sha256").update(text).digest("hex")}`
const message = (lines: string[], encoding: BufferEncoding = "utf8") => Buffer.from(lines.join("\r\n"), encoding)
const head = ["Message-ID:\r\n <a@b>", "X-Recette-Id: k3f9-1"]
const base64 = Buffer.from(text.replace("\n", "\r\n")).toString("base64")

test("reads the id and a folded Message-ID, and null where there is none", () => {
  expect(messageFacts(message([...head, "", text]))).toMatchObject({ id: "k3f9-1", messageId: "<a@b>" })
  expect(messageFacts(Buffer.from("no header at all"))).toMatchObject({ id: null, messageId: null })
  expect(messageFacts(Buffer.alloc(0))).toMatchObject({ id: null })
})

test.each([
  ["8bit", message([...head, "", text.replace("\n", "\r\n"), "", ""])],
  ["base64", message([...head, "Content-Transfer-Encoding: base64", "", base64])],
  ["latin1", message([...head, "Content-Type: text/plain; charset=\"iso-8859-1\"", "", text.replace("\n", "\r\n")], "latin1")],
  ["quoted-printable", message([
    ...head, "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
    "R=C3=A9union le 3 d=C3=A9cembre, =", "marque k3f9-1", "Deuxi=C3=A8me ligne",
  ])],
  ["a part of its own, with a footer beside it", message([
    ...head, "Content-Type: multipart/mixed;\r\n boundary=\"=_x\"", "", "preamble", "--=_x",
    "Content-Type: text/plain; charset=utf-8", "", ...text.split("\n"), "--=_x", "", "footer of the list",
    "--=_x--", "",
  ])],
  ["nested alternatives after another part", message([
    ...head, "Content-Type: multipart/mixed; boundary=o", "", "--o", "", "header of the list", "--o",
    "Content-Type: multipart/alternative; boundary=i", "", "--i", "Content-Transfer-Encoding: base64",
    "Content-Type: text/plain; charset=utf-8", "", base64, "--i", "Content-Type: text/html", "", "<p>k3f9-1</p>",
    "--i--", "--o--",
  ])],
])("the same content has the same hash as %s", (_, raw) => {
  expect(contentHash(raw)).toBe(wanted)
})

test("another word, or text added to the part itself, is another hash", () => {
  expect(contentHash(message([...head, "", text.replace("3", "4")]))).not.toBe(wanted)
  expect(contentHash(message([...head, "", text, "footer"]))).not.toBe(wanted)
})

test("a multipart that never closes, or has no boundary, is hashed all the same", () => {
  expect(contentHash(message([...head, "Content-Type: multipart/mixed; boundary=x", "", "--x", "", text]))).toBe(wanted)
  expect(contentHash(message([...head, "Content-Type: multipart/mixed", "", text]))).toMatch(/^sha256:/)
})
