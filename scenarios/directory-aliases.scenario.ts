import { copiesOf } from "./copies.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"

// Aliases that the directory keeps: people, functional addresses, schools.

test("an entry of several addresses and targets leads each of its addresses to each of its targets, once",
  { meta: { requirements: ["ALI-17"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const [agent, other, neighbour] = scene.people("ac-bordeaux.test", 3).map(({ address }) => address)
    const [long, short, next] = [scene.address("gestion.des.personnels"), scene.address("drh"), scene.address("drh2")]
    await lab.directory.addAliases([
      { addresses: [long, short], targets: [owner.address, agent!, other!] }, { addresses: [next], targets: [neighbour!] },
    ])

    const [byLong, byShort, byBoth] = await Promise.all([[long], [short], [short, long, agent!]].map((to) =>
      scene.send({ from: owner, to })))

    for (const mail of [byLong!, byShort!, byBoth!]) {
      expect(mail).toHaveBeenTaken()
      await expect(mail).toHaveReachedExactly(scene, [owner.address, agent!, other!])
    }
    await expect(scene).toHaveTouchedNobodyBut([owner.address, agent!, other!])
  })

test("who writes to the address of before a move reaches the same person at the new academy, once",
  { meta: { requirements: ["ALI-18"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.cabinet")
    const [moved, stayed] = scene.people("ac-toulouse.test", 2).map(({ address }) => address)
    const [before, national] = [moved!.replace("ac-toulouse", "ac-rennes"), scene.address("prenom.nom")]
    const colleague = scene.people("ac-rennes.test")[0]!.address
    await lab.directory.createAlias({ addresses: [national, before], targets: [moved!] })

    const mail = await scene.send({ from: sender, to: [before, moved!, national, colleague] })
    const strangers = await scene.send({ from: scene.stranger(), to: [national] })
    const same = await scene.send({ from: sender, to: [stayed!.replace("ac-toulouse", "ac-rennes")] })

    await expect(mail).toHaveReachedExactly(scene, [moved!, colleague])
    expect((await copiesOf(lab, mail.id)).map(({ recipient, place }) => [recipient, place]).sort())
      .toEqual([[moved!, "mx.ac-toulouse.test"], [colleague, "mx.ac-rennes.test"]].sort())
    await expect(strangers).toHaveReachedExactly(scene, [moved!])
    await expect(same, "who has not moved is reached where the address says").toHaveReachedExactly(scene, [stayed!.replace("ac-toulouse", "ac-rennes")])
    await expect(scene).toHaveTouchedNobodyBut([moved!, colleague, stayed!.replace("ac-toulouse", "ac-rennes")])
  })

test("namesakes of one academy and of two are told apart, also once one of them has moved",
  { meta: { requirements: ["ALI-19"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dsi")
    const name = `jean.martin.${scene.token}`
    const [first, second, third] = ["ac-nantes.test", "ac-lille.test", "ac-bordeaux.test"].map((domain) => scene.people(domain)[0]!.address)
    await lab.directory.addAliases([
      { addresses: [`${name}@education.test`, `${name}@ac-nantes.test`], targets: [first!] },
      { addresses: [`${name}1@education.test`, `${name}@ac-lille.test`], targets: [second!] },
      { addresses: [`${name}2@education.test`], targets: [third!] },
    ])
    const send = (to: string) => scene.send({ from: sender, to: [to] })

    const mails = await Promise.all([`${name}@education.test`, `${name}1@education.test`, `${name}2@education.test`,
      `${name}@ac-nantes.test`, `${name}@ac-lille.test`].map(send))
    const nobody = await scene.send({ from: scene.stranger(), to: [`${name}3@education.test`] })

    for (const [index, target] of [first!, second!, third!, first!, second!].entries()) {
      await expect(mails[index]!).toHaveReachedExactly(scene, [target])
    }
    expect(nobody).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(scene).toHaveTouchedNobodyBut([first!, second!, third!])
  })

test("an office's and a school's address lead to those in charge, and the next school's to nobody else",
  { meta: { requirements: ["ALI-20"] } }, async ({ scene, lab }) => {
    const [head, deputy, neighbour] = scene.people("ac-orleans-tours.test", 3).map(({ address }) => address)
    const office = await scene.office("ce.dgesco")
    const number = String(scene.startedUs % 10_000_000).padStart(7, "0")
    const school = (letter: string) => `ce.${number}${letter}.${scene.token}@education.test`
    const desk = scene.address("ce.bureau")
    await lab.directory.addAliases([
      { addresses: [school("a")], targets: [head!, deputy!] }, { addresses: [school("b")], targets: [neighbour!] },
      { addresses: [desk], targets: [office.address] },
    ])
    const send = (to: string) => scene.send({ from: scene.stranger(), to: [to] })

    const [toSchool, toNext, toDesk, toNone, toBeginning] = await Promise.all(
      [school("a"), school("b"), desk, school("c"), `ce.${number}.${scene.token}@education.test`].map(send))

    await expect(toSchool!).toHaveReachedExactly(scene, [head!, deputy!])
    await expect(toNext!).toHaveReachedExactly(scene, [neighbour!])
    await expect(toDesk!).toHaveReachedExactly(scene, [office.address])
    for (const mail of [toNone!, toBeginning!]) expect(mail).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(scene).toHaveTouchedNobodyBut([head!, deputy!, neighbour!, office.address])
  })

test("an entry that is switched off is refused like an unknown address, and its neighbour is not",
  { meta: { requirements: ["ALI-24"] } }, async ({ scene, lab }) => {
    const [gone, there] = scene.people("ac-dijon.test", 2).map(({ address }) => address)
    const [off, on] = [scene.address("parti"), scene.address("present")]
    await lab.directory.addAliases([{ addresses: [off], targets: [gone!], isOff: true }, { addresses: [on], targets: [there!] }])

    const [toOff, toOn] = await Promise.all([off, on].map((to) => scene.send({ from: scene.stranger(), to: [to] })))

    expect(toOff!).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(toOn!).toHaveReachedExactly(scene, [there!])
    await expect(scene).toHaveTouchedNobodyBut([there!])
  })

test("signs that mean something in a filter find the address that bears them, and none find another's",
  { meta: { requirements: ["ALI-25"] } }, async ({ scene, lab }) => {
    const [starred, plain, bracket] = scene.people("ac-lyon.test", 3).map(({ address }) => address)
    const at = `.${scene.token}@education.test`
    // An address that needs quotes is kept with them: Postfix looks for it in that form.
    const inside = (quoted: string) => `"${quoted}"@education.test`
    await lab.directory.addAliases([
      { addresses: [`a*b${at}`], targets: [starred!] }, { addresses: [`axb${at}`], targets: [plain!] },
      { addresses: [inside(`a(b)c.${scene.token}`)], targets: [bracket!] },
    ])
    await lab.mariadb.createAlias(`aub${at}`, plain!)
    // In the last but one, `\\2a` is how a filter writes the star.
    const unknown = [
      `*${at}`, `a*${at}`, `*b${at}`, `_xb${at}`, `_ub${at}`, `a_b${at}`, inside("*)(mailLocalAddress=*"), inside("x)(|(cn=*"),
      inside(`a\\\\2ab.${scene.token}`), inside("a' OR 'a'='a"),
    ]
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
    await dialog.say("EHLO client.internet.test")
    await dialog.say(`MAIL FROM:<${scene.stranger()}>`)

    for (const address of unknown) {
      const { code, enhanced, text } = await dialog.say(`RCPT TO:<${address}>`)
      expect([code, enhanced], `${address}: ${text}`).toEqual([550, "5.1.1"])
    }
    dialog.close()
    const [toStarred, toPlain, toBracket] = await Promise.all([`a*b${at}`, `axb${at}`, inside(`a(b)c.${scene.token}`)].map((to) =>
      scene.send({ from: scene.stranger(), to: [to] })))

    await expect(toStarred!).toHaveReachedExactly(scene, [starred!])
    await expect(toPlain!).toHaveReachedExactly(scene, [plain!])
    await expect(toBracket!).toHaveReachedExactly(scene, [bracket!])
    await expect(scene).toHaveTouchedNobodyBut([starred!, plain!, bracket!])
  })

test("capitals in an address of the directory change nothing about who gets it",
  { meta: { requirements: ["ALI-26"] } }, async ({ scene, lab }) => {
    const [agent] = scene.people("ac-strasbourg.test").map(({ address }) => address)
    const written = scene.address("Cellule.Vacances")
    await lab.directory.createAlias({ addresses: [written], targets: [agent!] })

    const mails = await Promise.all([written, written.toLowerCase(), written.toUpperCase(), written.replace("education", "Education")]
      .map((to) => scene.send({ from: scene.stranger(), to: [to] })))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [agent!])
  })

test("an entry that leads outside reaches that address, with an envelope sender that only we can turn back",
  { meta: { requirements: ["ALI-27"] } }, async ({ scene, lab }) => {
    const [outside, stranger] = [scene.stranger(), scene.stranger()]
    const alias = scene.address("intervenant")
    await lab.directory.createAlias({ addresses: [alias], targets: [outside] })

    const mail = await scene.send({ from: stranger, to: [alias] })

    await expect(mail).toHaveReachedExactly(scene, [outside])
    const [user, domain] = stranger.split("@")
    expect((await copiesOf(lab, mail.id)).map(({ sender, place }) => [sender, place])).toEqual([
      [expect.stringMatching(new RegExp(`^SRS0=....=..=${domain}=${user}@education\\.test$`)), lab.internet.node.hostname],
    ])
    await expect(scene).toHaveTouchedNobodyBut([outside])
  })
