import { expect, test } from "./test.ts"

// One address, two sources: the staff database and the directory.

test("an address that both sources know leads where the database says, each target once, and nowhere else",
  { meta: { requirements: ["ALI-21"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const [first, second, stale] = scene.people("ac-bordeaux.test", 3).map(({ address }) => address)
    const [alias, same] = [scene.address("concours"), scene.address("examens")]
    await lab.mariadb.createAlias(alias, [first!, second!])
    await lab.mariadb.createAlias(same, owner.address)
    await lab.directory.addAliases([{ addresses: [alias], targets: [stale!, first!] }, { addresses: [same], targets: [owner.address] }])

    const [mail, toSame] = await Promise.all([[alias, alias.toUpperCase()], [same]].map((to) => scene.send({ from: scene.stranger(), to })))

    await expect(mail!).toHaveReachedExactly(scene, [first!, second!])
    await expect(toSame!).toHaveReachedExactly(scene, [owner.address])
    await expect(scene).toHaveTouchedNobodyBut([first!, second!, owner.address])
  })

test("a chain that goes to and fro between the sources leads to its end, and to all of its ends",
  { meta: { requirements: ["ALI-22"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    const [agent, other] = scene.people("ac-rennes.test", 2).map(({ address }) => address)
    const [one, two, three, four, five] = ["un", "deux", "trois", "quatre", "cinq"].map((name) => scene.address(name))
    await lab.mariadb.createAlias(one!, two!)
    await lab.directory.createAlias({ addresses: [two!], targets: [three!, agent!] })
    await lab.mariadb.createAlias(three!, [four!, other!])
    await lab.directory.createAlias({ addresses: [four!], targets: [five!] })
    await lab.mariadb.createAlias(five!, owner.address)

    const [fromDatabase, fromDirectory] = await Promise.all([one!, four!].map((to) => scene.send({ from: scene.stranger(), to: [to] })))

    await expect(fromDatabase!).toHaveReachedExactly(scene, [owner.address, agent!, other!])
    await expect(fromDirectory!).toHaveReachedExactly(scene, [owner.address])
    await expect(scene).toHaveTouchedNobodyBut([owner.address, agent!, other!])
  })

test("a ring over both sources tells the client at once, reaches nobody, and costs its neighbours nothing",
  { meta: { requirements: ["ALI-23"] } }, async ({ scene, lab }) => {
    const [agent, other] = scene.people("ac-lyon.test", 2).map(({ address }) => address)
    // Postfix counts steps along the first target alone, and the database gives them in order of letters: where the first
    // one leads out of the ring, it goes on to the thousandth recipient.
    const bystander = `zz.${other}`
    const [left, right, beside] = [scene.address("amont"), scene.address("aval"), scene.address("riverain")]
    await lab.mariadb.createAlias(left, [right, bystander])
    await lab.directory.addAliases([{ addresses: [right], targets: [left] }, { addresses: [beside], targets: [agent!] }])

    const [fromDatabase, fromDirectory, neighbour] = await Promise.all([left, right, beside].map((to) =>
      scene.send({ from: scene.stranger(), to: [to] })))

    for (const mail of [fromDatabase!, fromDirectory!]) {
      expect(mail).toHaveBeenRefused()
      await expect(mail).toHaveReachedExactly(scene, [])
    }
    await expect(neighbour!).toHaveReachedExactly(scene, [agent!])
    await expect(scene).toHaveTouchedNobodyBut([agent!])
  })
