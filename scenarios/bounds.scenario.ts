import { expect, test } from "./test.ts"

// Postfix counts to a thousand in three places: recipients of a transaction, targets of an alias, addresses that it
// remembers to find duplicates. One below, at and above each: nothing lost, nothing doubled, whoever is not served is told.

test("at 999 and 1 000 recipients a transaction is taken whole, and above, the client is told which ones are not",
  { meta: { requirements: ["ROU-44"] } }, async ({ scene }) => {
    const recipientsMax = await scene.bound("ROU-44", "transactionRecipientsMax")
    const sender = await scene.office("ce.dgrh")
    const counts = [recipientsMax - 1, recipientsMax, recipientsMax + 1]
    const casts = counts.map((count) => scene.people("ac-nice.test", count).map(({ address }) => address))

    const mails = await Promise.all(casts.map((to) => scene.send({ from: sender, to })))

    for (const [index, mail] of mails.entries()) {
      const agents = casts[index]!
      expect(mail.refused.map(({ recipient, reply }) => [recipient, reply.code, reply.enhanced]), `${counts[index]} recipients`)
        .toEqual(agents.slice(recipientsMax).map((address) => [address, 452, "4.5.3"]))
      await expect(mail).toHaveReachedExactly(scene, agents.slice(0, recipientsMax))
    }
  })

test("an alias of 999 or 1 000 targets reaches each once, and one of more is refused to the client and reaches nobody",
  { meta: { requirements: ["ALI-11"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.elections")
    const targetsMax = await scene.bound("ALI-11", "targetsCountMax")
    const counts = [targetsMax - 1, targetsMax, targetsMax + 1]
    const casts = counts.map((count) => scene.people("ac-lille.test", count).map(({ address }) => address))
    const aliases = counts.map((count) => scene.address(`tous-${count}`))
    await Promise.all(aliases.map((alias, index) => lab.mariadb.createAlias(alias, casts[index]!)))

    const mails = await Promise.all(aliases.map((alias) => scene.send({ from: sender, to: [alias] })))

    const [below, at, above] = mails
    expect(below!).toHaveBeenTaken()
    expect(at!).toHaveBeenTaken()
    expect(above!).toHaveBeenRefused()
    await expect(below!).toHaveReachedExactly(scene, casts[0]!)
    await expect(at!).toHaveReachedExactly(scene, casts[1]!)
    await expect(above!).toHaveReachedExactly(scene, [])
  })

test("who is reached by two aliases gets one copy, also as the 999th, 1 000th or 1 001st recipient",
  { meta: { requirements: ["ALI-12", "ALI-02"] } }, async ({ scene, lab }) => {
    const recipientsCount = await scene.bound("ALI-12", "recipientsCount")
    const sender = await scene.office("ce.dgesco")
    const crowds = await Promise.all([recipientsCount - 1, recipientsCount, recipientsCount + 1].map(async (count) => {
      const agents = scene.people("ac-dijon.test", count).map(({ address }) => address).sort()
      const aliases = ["premier", "second", "dernier"].map((name) => scene.address(`${name}-${count}`))
      await Promise.all([agents.slice(0, 500), agents.slice(500), agents.slice(-1)].map((targets, index) => lab.mariadb.createAlias(aliases[index]!, targets)))
      return { agents, aliases }
    }))

    const mails = await Promise.all(crowds.map(({ aliases }) => scene.send({ from: sender, to: aliases })))

    for (const [index, mail] of mails.entries()) {
      expect(mail).toHaveBeenTaken()
      await expect(mail).toHaveReachedExactly(scene, crowds[index]!.agents)
    }
  })
