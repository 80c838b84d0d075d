import { simpleParser } from "mailparser"
import { corpusMessage } from "../fixtures/messages.ts"
import { copiesOf } from "./copies.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { listDomain, mailDomain } from "./scene.ts"
import { expect, test } from "./test.ts"

// What a server on the way cannot do: addresses beyond ASCII (RFC 6531), texts in 8 bits (RFC 6152).

/** Octets of an address in UTF-8, each as one character, as SmtpDialog sends them. */
const octets = (text: string) => Buffer.from(text, "utf8").toString("latin1")

test("an address with accents is told to its sender where the server does not know them, and nothing is delivered under another name",
  { meta: { requirements: ["ROU-37"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dgrh")
    const [academy] = await scene.academies(1)
    await lab.academies.behave(academy!.domain, { withoutExtensions: ["SMTPUTF8"] })
    const accented = `élodie.${scene.token}@${academy!.domain}`

    const mail = await scene.send({ from: sender, to: [accented] })

    expect(mail).toHaveBeenTaken()
    const notice = await scene.receives(sender, "a notice that SMTPUTF8 is not offered", ({ raw }) => /^Status: 5\.6\.7/m.test(raw))
    expect(notice.raw).toMatch(/^Action: failed/m)
    await expect(mail).toHaveReachedExactly(scene, [])
    await expect(scene).toHaveTouchedNobodyBut([sender.address])
  })

test("an address with accents gets its message where the server knows them",
  { meta: { requirements: ["ROU-38"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dsi")
    const [accented, plain] = [`élodie.${scene.token}@ac-lyon.test`, `elodie.${scene.token}@ac-lyon.test`]

    const mail = await scene.send({ from: sender, to: [accented], subject: `Réunion ${scene.token}` })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [accented])
    const [copy] = await copiesOf(lab, mail.id)
    expect((await scene.parsed(copy!)).subject).toBe(`Réunion ${scene.token}`)
    await expect(scene).toHaveTouchedNobodyBut([accented])
    expect(await lab.academies.acceptances({ recipient: plain })).toEqual([])
  })

test("a text in 8 bits reaches a server that takes 7 bits with the same words, and one that takes 8 as it was written",
  { meta: { requirements: ["ROU-39"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.communication")
    const [academy] = await scene.academies(1)
    await lab.academies.behave(academy!.domain, { withoutExtensions: ["8BITMIME", "SMTPUTF8"] })
    const recipients = [scene.people(academy!.domain)[0]!.address, scene.people("ac-nantes.test")[0]!.address]
    const id = scene.nextId()
    const raw = corpusMessage("text-8bit", { id, from: sender.address, to: recipients.join(", ") })

    const mail = await scene.send({ from: sender, to: recipients, raw }, id)

    await expect(mail).toHaveReachedExactly(scene, recipients)
    const written = await simpleParser(raw)
    for (const copy of await copiesOf(lab, id)) {
      const arrived = await copy.raw()
      expect((await simpleParser(arrived)).text, copy.recipient).toBe(written.text)
      expect(arrived.some((octet) => octet > 127), `8 bits at ${copy.recipient}`).toBe(copy.recipient === recipients[1])
    }
  })

test("an unknown address of any characters is refused like another, and the next recipient is served as ever",
  { meta: { requirements: ["ROU-48", "ROU-03"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.securite")
    const locals = [`élodie.${scene.token}`, `東京.${scene.token}`, `o'brien.${scene.token}`, `_.${scene.token}`]
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
    await dialog.say("EHLO client.internet.test")
    await dialog.say(`MAIL FROM:<${scene.stranger()}> SMTPUTF8`)

    for (const local of locals) {
      for (const domain of [mailDomain, ...lab.hasLists ? [listDomain] : []]) {
        const refused = await dialog.say(octets(`RCPT TO:<${local}@${domain}>`))
        expect([refused.code, refused.enhanced], `${local}@${domain}: ${refused.text}`).toEqual([550, "5.1.1"])
      }
      const taken = await dialog.say(`RCPT TO:<${owner.address}>`)
      expect(taken.code, `after ${local}: ${taken.text}`).toBe(250)
    }
    dialog.close()
    const mail = await scene.send({ from: scene.stranger(), to: [owner.address] })

    await expect(mail).toHaveReachedExactly(scene, [owner.address])
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })
