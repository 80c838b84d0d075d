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
    const which = await scene.receives(member, "the names of the lists", ({ parsed }) => parsed.text?.includes(`\n${list.fixture.name}\n`) === true)
    await scene.receives(member, "word of the unknown command", ({ raw }) => raw.includes("BIDULE") && raw.includes("Status: 5.6.1"))
    await scene.settle([member.address, ...addressesOf(others)])

    expect(addressesOf([...others, member]).filter((address) => !reviewed.parsed.text?.includes(address))).toEqual([])
    expect(which.parsed.text).not.toContain(neighbour.fixture.name)
    const told = (await scene.reads(member)).map(({ raw }) => raw).join("\n")
    expect(addressesOf(others).filter((address) => told.includes(address)), "a member does not get the others").toEqual([])
    await expect(scene).toHaveTouchedNobodyBut([member.address, list.owner.address, ...others.map(({ address }) => address), neighbour.owner.address])
  })

test("a message that no moderator decides on is dropped after the days that the list says, and not before",
  { meta: { requirements: ["LST-39"] } }, async ({ scene, lab }) => {
    const daysMax = await scene.bound("LST-39", "daysMax")
    const members = scene.people("ac-rennes.test", 2)
    const list = await scene.list("lettre-ministre", { subscribed: members })
    const [forgotten, decided] = await Promise.all([1, 2].map(() => scene.send({ from: list.owner, to: [list.address] })))
    const keys = await Promise.all([forgotten!, decided!].map((mail) => list.moderationKey(mail)))
    await lab.sympa.ageWaiting(list.address, keys[0]!, daysMax + 1)
    await lab.sympa.ageWaiting(list.address, keys[1]!, daysMax - 1)

    await lab.sympa.purgeSpools()
    await Promise.all(keys.map((key) => list.sendCommand(list.moderator, `DISTRIBUTE ${list.fixture.name} ${key}`)))

    await expect(decided!).toHaveReachedExactly(scene, addressesOf(members))
    await expect(forgotten!).toHaveReachedExactly(scene, [])
  })

test("a list that waits for a listmaster's approval takes no mail, and takes it afterwards",
  { meta: { requirements: ["LST-40"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-nancy-metz.test", 2)
    const fixture = listFixture("chefs-etablissement", { domain: mailDomain, mark: scene.token })
    const owner = await scene.account(fixture.owners[0]!)
    const list = await lab.sympa.createList({ ...fixture, isPending: true })
    await lab.sympa.subscribe(list, members)

    const early = await scene.send({ from: owner, to: [list.address] })
    await lab.sympa.approveList(list)
    const mail = await scene.send({ from: owner, to: [list.address] })

    expect(early).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    await expect(early).toHaveReachedExactly(scene, [])
  })

test("an abuse report, which anybody can write, takes nobody off a list",
  { meta: { requirements: ["LST-41"] } }, async ({ scene }) => {
    const members = scene.people("ac-toulouse.test", 3)
    const [reported] = addressesOf(members)
    const lists = [
      await scene.list("info-personnels", { subscribed: members }), await scene.list("groupe-annuaire", { subscribed: members }),
    ]

    // As providers write it, and as Sympa reads it: no brackets, and a b before the word (ProcessBounce.pm, 6.2.70 and 6.2.76).
    const forms = [["abuse", `<${reported}>`], ["abuse", reported!], ["babuse abuse", reported!]] as const
    await Promise.all(lists.flatMap((list) => forms.map(([type, rcptTo]) => {
      const id = scene.nextId()
      const to = list.serviceAddress("owner")
      return scene.send({ from: scene.stranger(), to: [to], raw: abuseReport({ id, to, type, rcptTo, list: list.address }) }, id)
    })))
    await scene.settle(lists.map(({ address }) => address))

    for (const list of lists) {
      const mail = await scene.send({ from: list.fixture.kind === "institutionnelle" ? list.owner : reported!, to: [list.address] })
      await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
      expect(await list.memberAddresses()).toEqual(addressesOf(members).sort())
    }
  })

/** A feedback report of type abuse (RFC 5965) about a message of the list. */
function abuseReport({ id, to, type, rcptTo, list }: Record<"id" | "to" | "type" | "rcptTo" | "list", string>): Buffer {
  return Buffer.from([
    `X-Recette-Id: ${id}`, "From: <plaintes@fournisseur.example.test>", `To: <${to}>`, "Subject: FW: plainte",
    `Date: ${new Date().toUTCString()}`, `Message-ID: <${id}@fournisseur.example.test>`, "MIME-Version: 1.0",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="rapport"', "",
    "--rapport", "Content-Type: text/plain; charset=us-ascii", "", "Ceci est une plainte.", "",
    "--rapport", "Content-Type: message/feedback-report", "", `Feedback-Type: ${type}`, "User-Agent: Plaintes/1.0", "Version: 1",
    `Original-Rcpt-To: ${rcptTo}`, "",
    "--rapport", "Content-Type: message/rfc822", "", `From: <${list}>`, `To: <${list}>`, "Subject: message de liste",
    `List-Id: <${list.replace("@", ".")}>`, "", "Bonjour", "", "--rapport--", "",
  ].join("\r\n"))
}
