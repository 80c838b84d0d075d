import type { Credentials } from "../lab/dovecot.ts"
import type { Mail } from "./letter.ts"
import type { Scene } from "./scene.ts"
import { finalReply, SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// The list engine decides by the From who may post, and anybody can write a From. So the front refuses what bears the
// name of a registered sender without being proved to come from it.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)

/** Hands over a message with these header lines, as a stranger or as an account; `ending` is what follows them. */
async function sends(
  scene: Scene, lines: readonly string[], to: string, from: Credentials | string = scene.stranger(), ending?: readonly string[],
): Promise<Mail> {
  const id = scene.nextId()
  const raw = Buffer.from([
    `X-Recette-Id: ${id}`, `Message-ID: <${id}@recette.example.test>`, `Date: ${new Date().toUTCString().replace("GMT", "+0000")}`,
    ...lines, `To: ${to}`, `Subject: Note ${id}`, ...ending ?? ["", `Bonjour, note ${id}.`, ""],
  ].join("\r\n"))
  return scene.send({ from, to: [to], raw }, id)
}

test("a stranger who writes a registered sender's address is refused before the list engine, its owner's login is not",
  { meta: { requirements: ["SEC-03"] } }, async ({ scene }) => {
    const members = scene.people("ac-nantes.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const agent = scene.people("ac-nantes.test")[0]!.address

    const forged = await Promise.all([
      sends(scene, [`From: ${list.owner.address}`], list.address), sends(scene, [`From: Le cabinet <${list.moderator.address}>`], list.address, agent),
      sends(scene, [`From: ${list.owner.address.toUpperCase()}`], list.address),
    ])
    const posted = await sends(scene, [`From: Le cabinet <${list.owner.address}>`], list.address, list.owner)

    for (const mail of forged) {
      expect(mail).toHaveBeenRefused({ code: 554 })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
    await expect(posted).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a union's message passes with its own domain's signature, and not by the address of its server alone",
  { meta: { requirements: ["SEC-05"] } }, async ({ scene }) => {
    const reader = await scene.office("ce.elections")
    const policy = { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=none" }
    const [signing, unsigned] = [await SendingDomain.make(scene, "syndicat-a", { ...policy, signs: true }), await SendingDomain.make(scene, "syndicat-b", policy)]
    const other = await SendingDomain.make(scene, "presse", policy)

    const signed = await signing.send({ to: [reader.address] })
    const bare = await unsigned.send({ to: [reader.address] })
    const tampered = await signing.send({ to: [reader.address], tamper: (written) => written.replace("Bonjour", "Bonsoir") })
    const unregistered = await other.send({ to: [reader.address] })

    expect(finalReply(signed.outcome)).toMatchObject({ code: 250 })
    expect(finalReply(bare.outcome)).toMatchObject({ code: 554 })
    expect(finalReply(tampered.outcome)).toMatchObject({ code: 554 })
    expect(finalReply(unregistered.outcome)).toMatchObject({ code: 250 })
  })

test("an account that writes another's registered address in the From is refused, and one that writes its own is not",
  { meta: { requirements: ["SEC-06"] } }, async ({ scene }) => {
    const members = scene.people("ac-dijon.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const colleague = await scene.office("ce.dsi")

    const forged = await sends(scene, [`From: ${list.owner.address}`], list.address, colleague)
    const own = await sends(scene, [`From: ${list.owner.address}`], list.address, list.owner)

    expect(forged).toHaveBeenRefused({ code: 554 })
    await expect(forged).toHaveReachedExactly(scene, [])
    await expect(own).toHaveReachedExactly(scene, addressesOf(members))
  })

test("several authors, in one From or in two, do not carry a registered address through",
  { meta: { requirements: ["SEC-07"] } }, async ({ scene }) => {
    const list = await scene.list("info-personnels", { subscribed: scene.people("ac-normandie.test", 2) })
    const stranger = scene.stranger()
    const reader = await scene.office("ce.dgrh")

    const forged = await Promise.all([
      sends(scene, [`From: ${list.owner.address}`, `From: ${stranger}`], list.address), sends(scene, [`From: ${stranger}`, `From: ${list.owner.address}`], list.address),
      sends(scene, [`From: ${stranger}, ${list.owner.address}`, `Sender: ${stranger}`], list.address), sends(scene, [`From: ${list.owner.address}, ${stranger}`], list.address),
    ])
    const secretary = await sends(scene, [`From: ${stranger}`, `Sender: secretariat.${stranger}`], reader.address, stranger)

    for (const mail of forged) {
      expect(mail).toHaveBeenRefused({ code: 554 })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
    await expect(secretary).toHaveReachedExactly(scene, [reader.address])
  })

test("a registered address in Sender, Resent-From or Reply-To gives a stranger no right to post",
  { meta: { requirements: ["SEC-08"] } }, async ({ scene }) => {
    const members = scene.people("ac-lyon.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const stranger = scene.stranger()

    const mails = await Promise.all(["Sender", "Resent-From", "Resent-Sender", "Reply-To", "X-Sender", "Apparently-From"].map((name) =>
      sends(scene, [`From: ${stranger}`, `${name}: ${list.owner.address}`], list.address, stranger)))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
  })

test("a display name that shows a registered address over another one is refused, and an honest one is not",
  { meta: { requirements: ["SEC-09"] } }, async ({ scene }) => {
    const reader = await scene.office("ce.cabinet")
    const stranger = scene.stranger()

    const forged = await Promise.all([`"${reader.address}" <${stranger}>`, `Cabinet ${reader.address} <${stranger}>`,
      `=?utf-8?B?${Buffer.from(`Le ministre ${reader.address}`).toString("base64")}?= <${stranger}>`].map((from) =>
      sends(scene, [`From: ${from}`], reader.address, stranger)))
    const honest = await sends(scene, [`From: "${stranger}" <${stranger}>`], reader.address, stranger)

    for (const mail of forged) {
      expect(mail).toHaveBeenRefused({ code: 554 })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
    await expect(honest).toHaveReachedExactly(scene, [reader.address])
  })

test("a sender domain that imitates one of ours is refused, and one that only contains our word is not",
  { meta: { requirements: ["SEC-10"] } }, async ({ scene }) => {
    const reader = await scene.office("ce.dgesco")
    const stranger = scene.stranger()
    const imitations = ["educat1on.test", "educaton.test", "educatlon.test", `education.test.${scene.token}.test`, "xn--ducation-b1a.test"]

    const forged = await Promise.all(imitations.map((domain) => sends(scene, [`From: ce.dgesco@${domain}`], reader.address, stranger)))
    const honest = await sends(scene, [`From: revue@education-physique-${scene.token}.test`], reader.address, stranger)

    for (const mail of forged) {
      expect(mail).toHaveBeenRefused({ code: 554 })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
    await expect(honest).toHaveReachedExactly(scene, [reader.address])
  })

test("a message that is only formed like a signed one is not taken for its author's",
  { meta: { requirements: ["SEC-11"] } }, async ({ scene }) => {
    const list = await scene.list("info-personnels", { subscribed: scene.people("ac-dijon.test", 2) })
    const reader = await scene.office("ce.communication")
    const stranger = scene.stranger()
    const signed = [
      "MIME-Version: 1.0", "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256; boundary=\"s\"", "", "--s",
      "Content-Type: text/plain; charset=us-ascii", "", "Bonjour", "--s", "Content-Type: application/pkcs7-signature; name=\"smime.p7s\"",
      "Content-Transfer-Encoding: base64", "", Buffer.from("ceci n'est pas une signature").toString("base64"), "--s--", "",
    ]
    const forged = await sends(scene, [`From: ${list.owner.address}`], list.address, stranger, signed)
    const strangers = await sends(scene, [`From: ${stranger}`], reader.address, stranger, signed)

    expect(forged).toHaveBeenRefused({ code: 554 })
    await expect(forged).toHaveReachedExactly(scene, [])
    await expect(strangers).toHaveReachedExactly(scene, [reader.address])
  })
