import { createHash } from "node:crypto"
import { simpleParser, type ParsedMail } from "mailparser"
import { corpus, corpusMessage, type MessageName } from "../fixtures/messages.ts"
import { dkimFits, dkimKey, dkimSigned, smimeFits } from "../fixtures/signed-content.ts"
import { copiesOf } from "./copies.ts"
import type { Mail } from "./letter.ts"
import { asTransmitted, bodyOf, headersOf } from "./raw-message.ts"
import type { Scene } from "./scene.ts"
import type { SceneList } from "./scene-list.ts"
import { expect, test } from "./test.ts"

// What becomes of a message on its way through a list, however odd it is: only the list's own footer may be added.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)
/** What the author wrote in the headers, and a list leaves as it is; the list answers for Reply-To, List-* and X-Loop. */
const authorsHeaders = ["from", "to", "subject", "date", "message-id", "references", "in-reply-to"]
const pgpSigned = [
  "Subject: Note de service", "MIME-Version: 1.0",
  "Content-Type: multipart/signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\"; boundary=\"pgp\"", "",
  "--pgp", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
  "L'=C3=A9t=C3=A9,=20", "  deux espaces ; fin de ligne =20", "", "-- =20", "le cabinet", "",
  "--pgp", "Content-Type: application/pgp-signature; name=\"signature.asc\"", "", "-----BEGIN PGP SIGNATURE-----", "",
  "iHUEABYIAB0WIQTexampleexampleexampleexampleexample", "-----END PGP SIGNATURE-----", "", "--pgp--", "",
]

interface Posted { name: MessageName; id: string; raw: Buffer; mail: Mail }

async function postCorpus(scene: Scene, list: SceneList, names: readonly MessageName[]): Promise<Posted[]> {
  return Promise.all(names.map(async (name) => {
    const id = scene.nextId()
    const raw = corpusMessage(name, { id, from: list.owner.address, to: list.address })
    return { name, id, raw, mail: await scene.send({ from: list.owner, to: [list.address], raw }, id) }
  }))
}

/** Each attachment by name, type, size and content, the line ends after it aside: those belong to the boundary. */
const attached = ({ attachments }: ParsedMail) => attachments.map(({ filename, contentType, content }) => {
  const bytes = Buffer.from(content.toString("latin1").replace(/[\r\n]+$/, ""), "latin1")
  return `${filename ?? "-"} ${contentType} ${bytes.length} ${createHash("sha256").update(bytes).digest("hex")}`
})

/** Lines of the text that say something, spaces at their ends included: blank ones around a part are the reader's. */
const linesOf = ({ text = "" }: ParsedMail) => text.trimEnd().split("\n").filter((line) => line !== "")

test("every message of the corpus comes out of a list once for each member, with all that the author wrote",
  { meta: { requirements: ["LST-28", "LST-29"] } }, async ({ scene, lab }) => {
    const members = [...scene.people("ac-grenoble.test"), { address: scene.stranger() }, await scene.office("ce.securite")]
    const list = await scene.list("info-personnels", { subscribed: members })

    // A delivery notice is what a list never hands on (LST-12).
    const letters = await postCorpus(scene, list, corpus.map(({ name }) => name).filter((name) => name !== "delivery-notice"))

    for (const { name, id, raw, mail } of letters) {
      await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
      const written = await simpleParser(raw)
      for (const copy of await copiesOf(lab, id)) {
        const arrived = await simpleParser(asTransmitted(await copy.raw()))
        const [before, after] = [headersOf(raw), headersOf(await copy.raw())]
        for (const header of authorsHeaders) expect(after[header], `${header} of ${name} at ${copy.place}`).toBe(before[header])
        expect(linesOf(arrived).slice(0, linesOf(written).length), `text of ${name} at ${copy.place}`).toEqual(linesOf(written))
        if (written.html) expect(arrived.html, `HTML of ${name} at ${copy.place}`).toContain(written.html.trimEnd())
        const kept = attached(arrived)
        expect(attached(written).filter((part) => !kept.includes(part)), `attachments of ${name} at ${copy.place}`).toEqual([])
      }
    }
  })

test("a message that its author signed comes out of a list without a footer, and the signature still fits",
  { meta: { requirements: ["LST-30", "LST-31"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-rennes.test", 2)
    const list = await scene.list("chefs-etablissement", { subscribed: members })
    const key = dkimKey("signe.example.test")
    const [smime, pgp, plain] = [scene.nextId(), scene.nextId(), scene.nextId()]
    const own = (id: string) => [`X-Recette-Id: ${id}`, `From: ${list.owner.address}`, `To: ${list.address}`,
      "Date: Thu, 1 Jan 2026 08:30:00 +0100", `Message-ID: <${id}@recette.example.test>`]
    const letters = [
      { id: smime, raw: dkimSigned(corpusMessage("smime-signed", { id: smime, from: list.owner.address, to: list.address }), key) },
      { id: pgp, raw: dkimSigned(Buffer.from([...own(pgp), ...pgpSigned].join("\r\n")), key) },
    ]

    const mails = await Promise.all(letters.map(({ id, raw }) => scene.send({ from: list.owner, to: [list.address], raw }, id)))
    const unsigned = await scene.send({ from: list.owner, to: [list.address] }, plain)

    for (const mail of [...mails, unsigned]) await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    for (const { id, raw } of letters) {
      for (const copy of await copiesOf(lab, id)) {
        const arrived = asTransmitted(await copy.raw())
        expect(bodyOf(arrived).trimEnd(), `body of ${id}`).toBe(bodyOf(raw).trimEnd())
        expect(dkimFits(arrived, key), `DKIM of ${id}`).toBe(true)
        if (id === smime) expect(smimeFits(arrived), "S/MIME").toBe(true)
      }
    }
    for (const copy of await copiesOf(lab, plain)) expect(bodyOf(await copy.raw()), "the footer, elsewhere").toContain("-request")
  })
