import { corpus, corpusMessage, type MessageName } from "../fixtures/messages.ts"
import { dkimFits, dkimKey, dkimRecord, dkimSigned, smimeFits } from "../fixtures/signed-content.ts"
import { copiesOf, type Copy } from "./copies.ts"
import type { Mail } from "./letter.ts"
import { differencesOf } from "./list-additions.ts"
import { asTransmitted, bodyOf } from "./raw-message.ts"
import type { Scene } from "./scene.ts"
import type { SceneList } from "./scene-list.ts"
import { expect, test } from "./test.ts"

// What becomes of a message on its way through a list, however odd it is: only the list's own footer may be added.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)
const pgpSigned = [
  "Subject: Note de service", "MIME-Version: 1.0",
  "Content-Type: multipart/signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\"; boundary=\"pgp\"", "",
  "--pgp", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
  "L'=C3=A9t=C3=A9,=20", "  deux espaces ; fin de ligne =20", "", "-- =20", "le cabinet", "",
  "--pgp", "Content-Type: application/pgp-signature; name=\"signature.asc\"", "", "-----BEGIN PGP SIGNATURE-----", "",
  "iHUEABYIAB0WIQTexampleexampleexampleexampleexample", "-----END PGP SIGNATURE-----", "", "--pgp--", "",
]

interface Posted { name: MessageName; id: string; raw: Buffer; mail: Mail }

/** Posts them six at a time: Sympa hands on three messages a second, and others of this run must not wait behind eighteen. */
async function postCorpus(scene: Scene, list: SceneList, names: readonly MessageName[], members: readonly string[]): Promise<Posted[]> {
  const posted: Posted[] = []
  for (let first = 0; first < names.length; first += 6) {
    const batch = await Promise.all(names.slice(first, first + 6).map(async (name): Promise<Posted> => {
      const id = scene.nextId()
      const raw = corpusMessage(name, { id, from: list.owner.address, to: list.address })
      return { name, id, raw, mail: await scene.send({ from: list.owner, to: [list.address], raw }, id) }
    }))
    await Promise.all(batch.map(({ id }) => scene.awaitCopies(id, members)))
    posted.push(...batch)
  }
  return posted
}

/** A mailbox keeps LF; what an academy or the internet got is compared as it came. */
const transmitted = async ({ place, raw }: Copy) => (place === "mailbox" ? asTransmitted(await raw()) : await raw()).toString("latin1")

test("every message of the corpus comes out of a list once for each member, with all that the author wrote",
  { meta: { requirements: ["LST-28", "LST-29", "LST-30"] } }, async ({ scene, lab }) => {
    const members = [...scene.people("ac-grenoble.test"), { address: scene.stranger() }, await scene.office("ce.securite")]
    const list = await scene.list("info-personnels", { subscribed: members })

    // A delivery notice is what a list never hands on (LST-12).
    const letters = await postCorpus(scene, list, corpus.map(({ name }) => name).filter((name) => name !== "delivery-notice"), addressesOf(members))

    const footers = new Set<string>()
    for (const { name, id, raw, mail } of letters) {
      await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
      for (const copy of await copiesOf(lab, id)) {
        const { differences, footer } = differencesOf(raw.toString("latin1"), await transmitted(copy), list.address)
        expect(differences.join("\n"), `${name} at ${copy.place}`).toBe("")
        if (name === "smime-signed" || name === "smime-opaque") expect(footer, `footer on ${name}`).toBeUndefined()
        else footers.add(footer ?? `none on ${name}`)
      }
    }
    expect([...footers], "one and the same footer").toEqual([expect.stringContaining("-request")])
  })

test("a message that its author signed comes out of a list without a footer, and the signature still fits",
  { meta: { requirements: ["LST-30", "LST-31"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-rennes.test", 2)
    const list = await scene.list("chefs-etablissement", { subscribed: members })
    // A list engine that verifies may take off what nobody can verify: the key is published.
    const key = dkimKey(`signe-${scene.token}.test`)
    await lab.dns.setRecords(`${key.selector}._domainkey.${key.domain}`, [{ type: "TXT", ttl: 5, data: dkimRecord(key) }])
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
        const arrived = await transmitted(copy)
        expect(differencesOf(raw.toString("latin1"), arrived, list.address).differences.join("\n"), id).toBe("")
        expect(dkimFits(Buffer.from(arrived, "latin1"), key), `DKIM of ${id}`).toBe(true)
        if (id === smime) expect(smimeFits(Buffer.from(arrived, "latin1")), "S/MIME").toBe(true)
      }
    }
    for (const copy of await copiesOf(lab, plain)) expect(bodyOf(await copy.raw()), "the footer, elsewhere").toContain("-request")
  })
