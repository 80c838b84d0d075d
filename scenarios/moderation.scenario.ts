import { copiesOf } from "./copies.ts"
import { expect, test } from "./test.ts"

// Moderation by mail: what waits, who decides, and what becomes of it.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)

test("a message to a moderated list waits until a moderator accepts it, then every member gets it once",
  { meta: { requirements: ["LST-06"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-lyon.test", 3)
    const list = await scene.list("echanges-academies", { subscribed: members })

    const mail = await scene.send({ from: members[0]!.address, to: [list.address] })
    await list.moderationKey(mail)
    await scene.settle([list.address])
    expect(await copiesOf(lab, mail.id), "nobody has it before a moderator has decided").toEqual([])

    await list.answersModeration(mail, "DISTRIBUTE")
    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("every message of a government letter waits for a moderator, even an owner's",
  { meta: { requirements: ["LST-06"] } }, async ({ scene, lab }) => {
    const members = [...scene.people("ac-rennes.test", 2), { address: scene.stranger() }]
    const list = await scene.list("lettre-ministre", { included: members })

    const mail = await scene.send({ from: list.owner, to: [list.address] })
    await list.moderationKey(mail)
    await scene.settle([list.address])
    expect(await copiesOf(lab, mail.id)).toEqual([])

    await list.answersModeration(mail, "DISTRIBUTE")
    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a message that a moderator rejects is never distributed",
  { meta: { requirements: ["LST-07"] } }, async ({ scene }) => {
    const members = scene.people("ac-strasbourg.test", 2)
    const list = await scene.list("echanges-academies", { subscribed: members })
    const mail = await scene.send({ from: members[0]!.address, to: [list.address] })

    await list.answersModeration(mail, "REJECT")

    await expect(mail).toHaveReachedExactly(scene, [])
    // Once rejected, its key accepts nothing any more.
    await list.answersModeration(mail, "DISTRIBUTE")
    await expect(mail).toHaveReachedExactly(scene, [])
  })

test("who is no moderator is not told the key, and accepts nothing without it",
  { meta: { requirements: ["LST-08"] } }, async ({ scene }) => {
    const members = [...scene.people("ac-toulouse.test"), await scene.office("ce.securite")]
    const list = await scene.list("echanges-academies", { subscribed: members })
    const colleague = await scene.office("ce.dsi")
    const mail = await scene.send({ from: list.owner, to: [list.address] })
    const key = await list.moderationKey(mail)
    const wrongKey = key.replace(/^./, (first) => first === "0" ? "1" : "0")

    await Promise.all([
      list.sendCommand(list.owner, `DISTRIBUTE ${list.fixture.name} ${wrongKey}`),
      list.sendCommand(colleague, `DISTRIBUTE ${list.fixture.name}`),
      list.sendCommand(members[0]!.address, `DISTRIBUTE ${list.fixture.name} ${"0".repeat(key.length)}`),
      scene.send({ from: scene.stranger(), to: [list.serviceAddress("editor")], text: `DISTRIBUTE ${list.fixture.name} ${wrongKey}\n` }),
    ])

    await expect(mail).toHaveReachedExactly(scene, [])
    for (const reader of [list.owner, colleague, members[1]!]) {
      const told = (await scene.reads({ password: colleague.password, ...reader })).filter(({ raw }) => raw.includes(key))
      expect(told, `${reader.address} is not told the key`).toEqual([])
    }
    await list.answersModeration(mail, "DISTRIBUTE")
    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a stranger's message to a moderated list is refused, and a moderator is not asked",
  { meta: { requirements: ["LST-04"] } }, async ({ scene }) => {
    const members = scene.people("ac-lille.test", 2)
    const list = await scene.list("echanges-academies", { subscribed: members })

    const mails = await Promise.all([scene.stranger(), scene.people("ac-lille.test")[0]!.address].map((from) =>
      scene.send({ from, to: [list.address] })))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
    const requests = (await scene.reads(list.moderator)).filter(({ raw }) => mails.some(({ id }) => raw.includes(id)))
    expect(requests).toEqual([])
  })
