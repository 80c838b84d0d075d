import { createHash } from "node:crypto"
import { copiesOf } from "./copies.ts"
import { bodyOf, headerLinesOf, sizedMessage } from "./raw-message.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"

// What a message is when it arrives: its content, its size, its boundaries.

test("text, accents, leading dots, attachments and headers arrive as they were written",
  { meta: { requirements: ["ROU-17"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.communication")
    const owner = await scene.office("ce.dgrh")
    const [agent] = scene.people("ac-besancon.test")
    const recipients = [owner.address, agent!.address, scene.stranger()]
    const id = scene.nextId()
    const headers = [
      `X-Recette-Id: ${id}`, `From: =?utf-8?Q?D=C3=A9l=C3=A9gation?= <${sender.address}>`, `To: ${recipients.join(", ")}`,
      "Subject: =?utf-8?B?w4lsZWN0aW9ucyA6IHLDqXVuaW9u?=", "Date: Thu, 1 Jan 2026 08:30:00 +0100", `Message-ID: <${id}@recette.example.test>`,
      "Reply-To: reponse@ailleurs.example.test", "References: <avant@example.test>", "In-Reply-To: <avant@example.test>",
      "X-Dossier: 2026/42", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=\"frontiere\"",
    ]
    const attachment = createHash("sha512").update(id).digest().toString("base64").repeat(20).match(/.{1,76}/g)!
    const lines = [
      "--frontiere", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "",
      `Madame, Monsieur, voici ${id} : l'été, où ça ? œuvre, € 5.`, ".", "..", ".point", "From ici", " espace", "",
      "z".repeat(900), "fin  ", "--frontiere", "Content-Type: text/html; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
      "<p>=C3=A0 lire : <a href=3D\"https://www.example.test/?a=3D1&amp;b=3D2\">ici</a></p>",
      "--frontiere", "Content-Type: application/pdf; name=\"note.pdf\"", "Content-Disposition: attachment; filename=\"note.pdf\"",
      "Content-Transfer-Encoding: base64", "", ...attachment, "--frontiere--", "",
    ]
    const raw = Buffer.from([...headers, "", ...lines].join("\r\n"))

    const mail = await scene.send({ from: sender, to: recipients, raw }, id)

    await expect(mail).toHaveReachedExactly(scene, recipients)
    for (const copy of await copiesOf(lab, id)) {
      const arrived = await copy.raw()
      expect(bodyOf(arrived), `body at ${copy.recipient}`).toBe(bodyOf(raw))
      expect(headers.filter((header) => !headerLinesOf(arrived).includes(header)), `headers at ${copy.recipient}`).toEqual([])
    }
  })

test("a message of exactly the size limit is delivered whole",
  { meta: { requirements: ["ROU-09"] } }, async ({ scene, lab }) => {
    const messageBytesMax = await scene.bound("ROU-09", "messageBytesMax")
    const sender = await scene.office("ce.dsi")
    const [agent] = scene.people("ac-bordeaux.test")
    const id = scene.nextId()
    const raw = sizedMessage({ bytes: messageBytesMax, id, from: sender.address, to: agent!.address })

    const mail = await scene.send({ from: sender, to: [agent!.address], raw }, id)

    expect(raw.length).toBe(messageBytesMax)
    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [agent!.address])
    const [copy] = await copiesOf(lab, id)
    expect(bodyOf(await copy!.raw()) === bodyOf(raw), "the body is the one that was sent").toBe(true)
  })

test("a message of one byte more than the size limit is refused, on both ports, announced or not",
  { meta: { requirements: ["ROU-09"] } }, async ({ scene, lab }) => {
    const messageBytesMax = await scene.bound("ROU-09", "messageBytesMax")
    const sender = await scene.office("ce.cabinet")
    const stranger = scene.stranger()
    const [agent] = scene.people("ac-lille.test")
    const tooLarge = (from: string, to: string, id: string) =>
      ({ id, raw: sizedMessage({ bytes: messageBytesMax + 1, id, from, to }) })
    const submitted = tooLarge(sender.address, agent!.address, scene.nextId())
    const received = tooLarge(stranger, sender.address, scene.nextId())

    const mails = await Promise.all([
      scene.send({ from: sender, to: [agent!.address], raw: submitted.raw }, submitted.id),
      scene.send({ from: stranger, to: [sender.address], raw: received.raw }, received.id),
    ])
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
    const offer = await dialog.say("EHLO client.internet.test")
    const announced = await dialog.say(`MAIL FROM:<${stranger}> SIZE=${messageBytesMax + 1}`)
    dialog.close()

    for (const mail of mails) {
      expect(mail).toHaveBeenRefused({ code: 552 })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
    expect(announced.code, announced.text).toBe(552)
    expect(offer.text).toMatch(new RegExp(`^SIZE ${messageBytesMax}$`, "m"))
  })

test("an end of message other than CR LF . CR LF never makes a second message",
  { meta: { requirements: ["ROU-25"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.securite")
    const victim = await scene.office("ce.elections")
    const stranger = scene.stranger()
    const falseEnds = [
      "\n.\n", "\n.\r\n", "\r.\r", "\r\n.\r", "\r\n.\n", "\r.\r\n", "\n\n.\r\n", "\r\n.\r\r\n", "\r\n\0.\r\n", "\r\n.\0\r\n",
    ]
    const smuggled = scene.nextId()

    for (const falseEnd of falseEnds) {
      const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
      await dialog.say("EHLO client.internet.test")
      await dialog.say(`MAIL FROM:<${stranger}>`)
      await dialog.say(`RCPT TO:<${owner.address}>`)
      await dialog.say("DATA")
      await dialog.sendRaw([
        `From: ${stranger}\r\nTo: ${owner.address}\r\nSubject: ${scene.token}\r\n\r\nBonjour${falseEnd}`,
        `MAIL FROM:<${victim.address}>\r\nRCPT TO:<${victim.address}>\r\nDATA\r\n`,
        `X-Recette-Id: ${smuggled}\r\nFrom: ${victim.address}\r\nSubject: ${smuggled}\r\n\r\nfaux\r\n.\r\n`,
      ].join(""))
      dialog.close()
    }

    await scene.settle([owner.address])
    expect(await copiesOf(lab, smuggled)).toEqual([])
    expect(await scene.reads(victim)).toEqual([])
  })
