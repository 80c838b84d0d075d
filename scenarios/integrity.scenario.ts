import { corpus, corpusMessage } from "../fixtures/messages.ts"
import { dkimFits, dkimKey, dkimSigned, smimeFits } from "../fixtures/signed-content.ts"
import { copiesOf } from "./copies.ts"
import { asTransmitted, bodyOf, decentMessage, lostFields } from "./raw-message.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"

// Nothing of a message changes on its way through the edge, however odd it is; what no message may be never comes out.

test("every message of the corpus arrives octet for octet in an academy, elsewhere and in a mailbox",
  { meta: { requirements: ["ROU-42", "ROU-17"] } }, async ({ scene, lab }) => {
    const [sender, owner] = await Promise.all([scene.office("ce.communication"), scene.office("ce.dgesco")])
    const recipients = [owner.address, scene.people("ac-montpellier.test")[0]!.address, scene.stranger()]
    const letters = corpus.map(({ name }) => {
      const id = scene.nextId()
      return { name, id, raw: corpusMessage(name, { id, from: sender.address, to: recipients[0]! }) }
    })

    const mails = await Promise.all(letters.map(({ id, raw }) => scene.send({ from: sender, to: recipients, raw }, id)))

    for (const [index, { name, id, raw }] of letters.entries()) {
      await expect(mails[index]!).toHaveReachedExactly(scene, recipients)
      for (const copy of await copiesOf(lab, id)) {
        const arrived = await copy.raw()
        // SMTP ends the last line; without a body, it is the headers' last one.
        expect(bodyOf(arrived).replace(/\n$/, ""), `body of ${name} at ${copy.place}`).toBe(bodyOf(raw).replace(/\n$/, ""))
        expect(lostFields(raw, arrived), `headers of ${name} at ${copy.place}`).toEqual([])
      }
    }
    await expect(scene).toHaveTouchedNobodyBut(recipients)
  })

test("signatures of S/MIME and of DKIM still fit after the edge, in an academy and in a mailbox",
  { meta: { requirements: ["ROU-43"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.elections")
    const [agent] = scene.people("ac-rennes.test").map(({ address }) => address)
    const alias = scene.address("courrier")
    await lab.mariadb.createAlias(alias, [owner.address, agent!])
    const author = await scene.office("ce.cabinet")
    const key = dkimKey("signe.example.test")
    const letters = (["smime-signed", "text-8bit", "html-inline-image", "folded-headers", "trailing-blank-lines"] as const).map((name) => {
      const id = scene.nextId()
      return { name, id, raw: dkimSigned(corpusMessage(name, { id, from: author.address, to: alias }), key) }
    })

    const mails = await Promise.all(letters.map(({ id, raw }) => scene.send({ from: author, to: [alias], raw }, id)))

    for (const [index, { name, id }] of letters.entries()) {
      await expect(mails[index]!).toHaveReachedExactly(scene, [owner.address, agent!])
      for (const copy of await copiesOf(lab, id)) {
        const arrived = asTransmitted(await copy.raw())
        expect(dkimFits(arrived, key), `DKIM of ${name} at ${copy.place}`).toBe(true)
        if (name === "smime-signed") expect(smimeFits(arrived), `S/MIME at ${copy.place}`).toBe(true)
      }
    }
  })

test("what the edge hands on holds no CR without LF and no LF without CR, whatever came in",
  { meta: { requirements: ["ROU-40"] } }, async ({ scene, lab }) => {
    const account = await scene.office("ce.dsi")
    const [agent] = scene.people("ac-nice.test").map(({ address }) => address)
    const alias = scene.address("relais")
    await lab.mariadb.createAlias(alias, agent!)
    const id = scene.nextId()
    const strays = ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\r", "\r.\r\n", "\n", "\r", "\r\r\n"]
    const lure = `MAIL FROM:<${account.address}>\r\nRCPT TO:<${agent!}>\r\nDATA\r\nX-Recette-Id: ${id}-x\r\n\r\nfaux`
    const body = `Bonjour ${id}\r\n${strays.map((stray) => `avant${stray}${lure}${stray}`).join("")}fin ${id}\r\n`
    const dialog = await SmtpDialog.asAccount(lab.postfix.submissionFor(account))
    expect((await dialog.startMessage(account.address, [alias])).code).toBe(354)
    const taken = await dialog.sendRaw(`${decentMessage({ id, from: account.address, to: alias, body })}.\r\n`)
    dialog.close()
    expect(taken.code, "a message of many wrong lines is one message").toBe(250)
    await scene.awaitCopies(id, [agent!])
    await scene.settle([agent!])

    const copies = await copiesOf(lab, id)
    expect(copies.map(({ recipient }) => recipient)).toEqual([agent])
    for (const copy of copies) {
      const arrived = (await copy.raw()).toString("latin1")
      expect(arrived.replaceAll("\r\n", "").match(/[^]{0,20}[\r\n][^]{0,20}/g) ?? [], "line ends of another kind").toEqual([])
      expect(arrived).toContain(`fin ${id}\r\n`)
    }
    expect(await copiesOf(lab, `${id}-x`)).toEqual([])
  })

test("a message that holds NUL is refused, and the same one without it is delivered",
  { meta: { requirements: ["ROU-41"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.cabinet")
    const [spoilt, sound] = [scene.nextId(), scene.nextId()]
    const replyTo = async (id: string, octet: string) => {
      const dialog = await SmtpDialog.asAccount(lab.postfix.submissionFor(owner))
      await dialog.startMessage(owner.address, [owner.address])
      const reply = await dialog.sendRaw(`${decentMessage({ id, from: owner.address, to: owner.address, body: `Bonjour${octet} ${id}\r\n` })}.\r\n`)
      dialog.close()
      return reply
    }

    const [refused, taken] = [await replyTo(spoilt, "\0"), await replyTo(sound, "")]

    expect(refused.code, refused.text).toBeGreaterThanOrEqual(500)
    expect(taken.code, taken.text).toBe(250)
    await scene.awaitCopies(sound, [owner.address])
    await scene.settle([owner.address])
    expect(await copiesOf(lab, spoilt)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })
