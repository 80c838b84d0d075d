import { copiesOf } from "./copies.ts"
import { expect, test } from "./test.ts"

// Aliases of the platform's mail domain, kept in the staff database.

test("an alias reaches its targets, an agent and a mailbox, each once",
  { meta: { requirements: ["ALI-01"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const [agent, neighbour] = scene.people("ac-bordeaux.test", 2).map(({ address }) => address)
    const [alias, otherAlias] = [scene.address("concours"), scene.address("mutations")]
    await lab.mariadb.createAlias(alias, [owner.address, agent!])
    await lab.mariadb.createAlias(otherAlias, neighbour!)

    const mail = await scene.send({ from: scene.stranger(), to: [alias] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [owner.address, agent!])
    await expect(scene).toHaveTouchedNobodyBut([owner.address, agent!])
  })

test("a person reached by two aliases and directly gets one copy",
  { meta: { requirements: ["ALI-02"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.cabinet")
    const [one, both, other] = scene.people("ac-toulouse.test", 3).map(({ address }) => address)
    const [left, right] = [scene.address("recteurs"), scene.address("secretaires")]
    await lab.mariadb.createAlias(left, [one!, both!])
    await lab.mariadb.createAlias(right, [both!, other!])

    const mail = await scene.send({ from: sender, to: [left, right, both!] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [one!, both!, other!])
  })

test("an alias of an alias leads to its targets, and a mailbox that is an alias too keeps its copy",
  { meta: { requirements: ["ALI-03"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    const [agent] = scene.people("ac-rennes.test").map(({ address }) => address)
    const [first, second, third] = [scene.address("support"), scene.address("assistance"), scene.address("aide")]
    await lab.mariadb.createAlias(first, second)
    await lab.mariadb.createAlias(second, third)
    await lab.mariadb.createAlias(third, owner.address)
    await lab.mariadb.createAlias(owner.address, [owner.address, agent!])

    const mail = await scene.send({ from: scene.stranger(), to: [first] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [owner.address, agent!])
  })

test("aliases that name each other make neither loop nor delivery",
  { meta: { requirements: ["ALI-04"] } }, async ({ scene, lab }) => {
    const stranger = scene.stranger()
    const [left, right] = [scene.address("gauche"), scene.address("droite")]
    await lab.mariadb.createAlias(left, right)
    await lab.mariadb.createAlias(right, left)

    const mail = await scene.send({ from: stranger, to: [left] })

    await expect(mail).toHaveReachedExactly(scene, [])
    await expect(scene).toHaveTouchedNobodyBut([stranger])
  })

test("an alias that does not exist is refused, and its neighbours get nothing",
  { meta: { requirements: ["ALI-05"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.elections")
    const alias = scene.address("bureau")
    await lab.mariadb.createAlias(alias, owner.address)
    const unknown = [`x${alias}`, alias.replace("@", "x@"), scene.address("burea"), scene.address("*")]

    const mails = await Promise.all(unknown.map((address) => scene.send({ from: scene.stranger(), to: [address] })))
    const known = await scene.send({ from: scene.stranger(), to: [alias] })

    for (const mail of mails) expect(mail).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(known).toHaveReachedExactly(scene, [owner.address])
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })

test("capitals in an address change nothing about who gets it",
  { meta: { requirements: ["ALI-06"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.securite")
    const [agent] = scene.people("ac-strasbourg.test").map(({ address }) => address)
    const alias = scene.address("cellule")
    await lab.mariadb.createAlias(alias, agent!)
    const capitals = [owner.address.toUpperCase(), alias.replace("cellule", "Cellule"), alias.replace("education", "Education")]

    const [toMailbox, ...toAlias] = await Promise.all(
      capitals.map((address) => scene.send({ from: scene.stranger(), to: [address] })))

    await expect(toMailbox).toHaveReachedExactly(scene, [owner.address])
    for (const mail of toAlias) await expect(mail).toHaveReachedExactly(scene, [agent!])
  })

test("two namesakes never get each other's mail",
  { meta: { requirements: ["ALI-07"] } }, async ({ scene, lab }) => {
    const [first, second] = scene.people("ac-nantes.test", 2).map(({ address }) => address)
    const [martin, martin1] = [`jean.martin.${scene.token}@education.test`, `jean.martin.${scene.token}1@education.test`]
    await lab.mariadb.createAlias(martin, first!)
    await lab.mariadb.createAlias(martin1, second!)

    const [mail, mail1] = await Promise.all(
      [martin, martin1].map((address) => scene.send({ from: scene.stranger(), to: [address] })))

    await expect(mail).toHaveReachedExactly(scene, [first!])
    await expect(mail1).toHaveReachedExactly(scene, [second!])
    await expect(scene).toHaveTouchedNobodyBut([first!, second!])
  })

test("an alias of sixty targets reaches each of them once",
  { meta: { requirements: ["ALI-09"] } }, async ({ scene, lab }) => {
    const targetsCount = await scene.bound("ALI-09", "targetsCount")
    const sender = await scene.office("ce.dgesco")
    const targets = scene.people("ac-paris.test", targetsCount).map(({ address }) => address)
    const alias = scene.address("etablissements")
    await lab.mariadb.createAlias(alias, targets)

    const mail = await scene.send({ from: sender, to: [alias] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, targets)
  })

test("an alias of a list reaches the list's members, one copy each",
  { meta: { requirements: ["ALI-08"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-grenoble.test", 3)
    const list = await scene.list("info-personnels", { subscribed: members })
    const alias = scene.address("personnels")
    await lab.mariadb.createAlias(alias, list.address)

    const mail = await scene.send({ from: list.owner, to: [alias] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, members.map(({ address }) => address))
  })

test("who writes to a merged academy's old domain reaches the same person at the new one, once",
  { meta: { requirements: ["ALI-10"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dgrh")
    const [first, second] = scene.people("ac-normandie.test", 2).map(({ address }) => address)
    const old = [first!.replace("ac-normandie", "ac-caen"), second!.replace("ac-normandie", "ac-rouen")]
    const stranger = scene.stranger()

    const mail = await scene.send({ from: sender, to: [...old, first!] })
    const relayed = await scene.send({ from: stranger, to: old })

    expect(mail).toHaveBeenTaken()
    expect(relayed, "it is no domain of the platform").toHaveBeenRefused({ code: 554 })
    await scene.awaitCopies(mail.id, [first!, second!])
    await scene.settle([first!])
    expect((await copiesOf(lab, mail.id)).map(({ recipient, place }) => [recipient, place]).sort())
      .toEqual([first!, second!].sort().map((address) => [address, "mx.ac-normandie.test"]))
    await expect(scene).toHaveTouchedNobodyBut([first!, second!])
  })

test("an alias that leads outside reaches that address, with an envelope sender that only we can turn back",
  { meta: { requirements: ["ALI-13"] } }, async ({ scene, lab }) => {
    const outside = scene.stranger()
    const stranger = scene.stranger()
    const alias = scene.address("prestataire")
    await lab.mariadb.createAlias(alias, outside)

    const mail = await scene.send({ from: stranger, to: [alias] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [outside])
    const [user, domain] = stranger.split("@")
    expect((await copiesOf(lab, mail.id)).map(({ sender, place }) => [sender, place])).toEqual([
      [expect.stringMatching(new RegExp(`^SRS0=....=..=${domain}=${user}@education\\.test$`)), lab.internet.node.hostname],
    ])
    await expect(scene).toHaveTouchedNobodyBut([outside])
  })

test("a school's functional address leads to its head, in any case, and the next school's to no other",
  { meta: { requirements: ["ALI-14"] } }, async ({ scene, lab }) => {
    const [head, neighbour] = scene.people("ac-orleans-tours.test", 2).map(({ address }) => address)
    const number = String(scene.startedUs % 10_000_000).padStart(7, "0")
    const [school, next] = [`ce.${number}a.${scene.token}@education.test`, `ce.${number}b.${scene.token}@education.test`]
    await lab.mariadb.createAlias(school, head!)
    await lab.mariadb.createAlias(next, neighbour!)
    const send = (to: string) => scene.send({ from: scene.stranger(), to: [to] })

    const [mail, inCapitals, toNext, toNone] = await Promise.all(
      [school, school.replace(`${number}a`, `${number}A`), next, school.replace(`${number}a`, `${number}c`)].map(send))

    for (const one of [mail!, inCapitals!]) await expect(one).toHaveReachedExactly(scene, [head!])
    await expect(toNext!).toHaveReachedExactly(scene, [neighbour!])
    expect(toNone!).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
  })

test("a person's address with hyphens and apostrophes leads to that person, and its near forms to nobody",
  { meta: { requirements: ["ALI-15"] } }, async ({ scene, lab }) => {
    const [agent, other] = scene.people("ac-nancy-metz.test", 2).map(({ address }) => address)
    const [composed, apostrophe] = [scene.address("anne-marie.le-goff"), scene.address("jean.d'arc")]
    await lab.mariadb.createAlias(composed, agent!)
    await lab.mariadb.createAlias(apostrophe, other!)
    const near = [scene.address("anne.marie.le-goff"), scene.address("annemarie.legoff"), scene.address("jean.darc"), scene.address("jean.d''arc")]

    const mails = await Promise.all([composed, apostrophe].map((address) => scene.send({ from: scene.stranger(), to: [address] })))
    const refused = await Promise.all(near.map((address) => scene.send({ from: scene.stranger(), to: [address] })))

    await expect(mails[0]!).toHaveReachedExactly(scene, [agent!])
    await expect(mails[1]!).toHaveReachedExactly(scene, [other!])
    for (const mail of refused) expect(mail).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
  })

test("name+anything@ reaches the mailbox or the alias of that name, and makes no address of an unknown one",
  { meta: { requirements: ["ALI-16"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.communication")
    const [agent] = scene.people("ac-grenoble.test").map(({ address }) => address)
    const alias = scene.address("concours")
    await lab.mariadb.createAlias(alias, agent!)
    const withTag = (address: string) => address.replace("@", "+inscriptions@")

    const [toMailbox, toAlias, toNobody] = await Promise.all([owner.address, alias, scene.address("personne")].map((address) =>
      scene.send({ from: scene.stranger(), to: [withTag(address)] })))

    await expect(toMailbox!).toHaveReachedExactly(scene, [owner.address])
    await expect(toAlias!).toHaveReachedExactly(scene, [agent!])
    expect(toNobody!).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(scene).toHaveTouchedNobodyBut([owner.address, agent!])
  })

test("a longer ring of aliases tells the client at once, and ten aliases in a row still lead to their end",
  { meta: { requirements: ["ALI-04", "ALI-03"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    const ring = ["nord", "est", "sud"].map((name) => scene.address(name))
    const row = Array.from({ length: 10 }, (_, step) => scene.address(`etape-${step}`))
    const lead = (path: readonly string[]) => Promise.all(path.slice(1).map((target, step) => lab.mariadb.createAlias(path[step]!, target)))
    await Promise.all([lead([...ring, ring[0]!]), lead([...row, owner.address])])

    const [inRing, inRow] = await Promise.all([ring[0]!, row[0]!].map((to) => scene.send({ from: scene.stranger(), to: [to] })))

    expect(inRing!).toHaveBeenRefused()
    await expect(inRing!).toHaveReachedExactly(scene, [])
    await expect(inRow!).toHaveReachedExactly(scene, [owner.address])
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })
