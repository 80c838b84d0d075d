import { eventually } from "../lab/eventually.ts"
import { list as listFixture } from "../fixtures/lists.ts"
import { mailDomain } from "./scene.ts"
import { expect, test } from "./test.ts"

// What a list does beside distributing: whom it counts out, whom it asks, what it answers, and when it is closed.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)
/** As refusals of three weeks stand in the list engine's database: first, last (s), how many, status. Counted from today. */
const threeWeeksOfRefusals = "CONCAT(UNIX_TIMESTAMP() - 86400, ' ', UNIX_TIMESTAMP() + 20 * 86400, ' 30 5.7.1')"

test("a whole academy that answers 550 5.7.1 for three weeks loses no member, and all get mail again",
  { meta: { requirements: ["LST-55"] } }, async ({ scene, lab }) => {
    const [academy] = await scene.academies(1)
    const members = addressesOf(scene.people(academy!.domain, 3))
    const list = await scene.list("info-personnels", { subscribed: members.map((address) => ({ address })) })
    const refusal = { code: 550, enhanced: "5.7.1", text: "policy" }
    await lab.academies.behave(academy!.domain, { refusedRecipients: Object.fromEntries(members.map((address) => [address, refusal])) })
    const inList = "FROM sympa.subscriber_table WHERE list_subscriber = ? AND bounce_subscriber"
    await scene.send({ from: list.moderator, to: [list.address] })
    await eventually("the list engine has counted each refusal", async () =>
      (await lab.mariadb.query(`SELECT 1 ${inList} LIKE '%5.7.1%'`, [list.fixture.name])).length === members.length, { withinMs: 20_000 })
    await lab.academies.reset(academy!.domain)

    await lab.mariadb.query(`UPDATE sympa.subscriber_table SET bounce_subscriber = ${threeWeeksOfRefusals} WHERE list_subscriber = ?`, [list.fixture.name])
    await lab.sympa.judgeBouncers()
    const scores = await lab.mariadb.query<{ score: number }>(`SELECT bounce_score_subscriber AS score ${inList} IS NOT NULL`, [list.fixture.name])
    const mail = await scene.send({ from: list.moderator, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, members)
    expect(scores.map(({ score }) => score > 75), "the worst score that there is").toEqual(members.map(() => true))
    expect(await list.memberAddresses()).toEqual([...members].sort())
  })

test("a closed list takes nothing, whoever writes, and its service addresses are gone",
  { meta: { requirements: ["LST-56"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-nancy-metz.test", 2)
    const fixture = listFixture("info-personnels", { domain: mailDomain, mark: scene.token })
    const owner = await scene.account(fixture.owners[0]!)
    const list = await lab.sympa.createList(fixture)
    await lab.sympa.subscribe(list, members)
    const before = await scene.send({ from: owner, to: [list.address] })
    await expect(before).toHaveReachedExactly(scene, addressesOf(members))

    await lab.sympa.closeList(list)
    const mails = await Promise.all([
      scene.send({ from: owner, to: [list.address] }), scene.send({ from: scene.stranger(), to: [list.address] }),
      scene.send({ from: scene.stranger(), to: [list.address.replace("@", "-request@")] }),
    ])

    for (const mail of mails) {
      expect(mail).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
  })

test("every moderator is asked, and the answer of the first one decides",
  { meta: { requirements: ["LST-57"] } }, async ({ scene }) => {
    const members = scene.people("ac-rennes.test", 2)
    const list = await scene.list("lettre-ministre", { subscribed: members })
    const second = await scene.account(list.fixture.moderators[1]!)
    const mail = await scene.send({ from: list.owner, to: [list.address] })
    const key = await list.moderationKey(mail)
    await scene.receives(second, "a request to moderate", ({ raw }) => raw.includes(key))

    await list.sendCommand(second, `DISTRIBUTE ${list.fixture.name} ${key}`)
    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    await Promise.all([list.answersModeration(mail, "REJECT"), list.answersModeration(mail, "DISTRIBUTE")])

    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a list's -editor address reaches its moderators, and only them",
  { meta: { requirements: ["LST-58"] } }, async ({ scene }) => {
    const members = scene.people("ac-strasbourg.test", 2)
    const list = await scene.list("lettre-ministre", { subscribed: members })
    await scene.account(list.fixture.moderators[1]!)

    const mail = await scene.send({ from: members[0]!.address, to: [list.serviceAddress("editor")] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, list.fixture.moderators)
  })

test("a command by mail is answered to its sender alone, with what is theirs to know",
  { meta: { requirements: ["LST-59"] } }, async ({ scene }) => {
    const member = await scene.account(scene.address("agent"))
    const others = scene.people("ac-toulouse.test", 2)
    const list = await scene.list("info-personnels", { subscribed: others })
    await list.addByHand(member.address)
    const neighbour = await scene.list("correspondants-messagerie", { subscribed: others })

    await Promise.all(["WHICH", `BIDULE ${list.fixture.name}`, `REVIEW ${list.fixture.name}`].map((command) => list.sendCommand(member, command)))
    await list.sendCommand(list.owner, `REVIEW ${list.fixture.name}`)
    const reviewed = await scene.receives(list.owner, "the list of members", ({ parsed }) => parsed.text?.includes(others[0]!.address) === true)
    const which = await scene.receives(member, "the names of the lists", ({ parsed }) => parsed.text?.includes(list.address) === true)
    await scene.receives(member, "word of the unknown command", ({ parsed }) => parsed.text?.includes("BIDULE") === true)
    await scene.settle([member.address, ...addressesOf(others)])

    expect(addressesOf([...others, member]).filter((address) => !reviewed.parsed.text?.includes(address))).toEqual([])
    expect(which.parsed.text).not.toContain(neighbour.address)
    const told = (await scene.reads(member)).map(({ raw }) => raw).join("\n")
    expect(addressesOf(others).filter((address) => told.includes(address)), "a member does not get the others").toEqual([])
    await expect(scene).toHaveTouchedNobodyBut([member.address, list.owner.address, ...others.map(({ address }) => address), neighbour.owner.address])
  })
