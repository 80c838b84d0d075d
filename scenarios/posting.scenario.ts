import { SmtpDialog } from "./smtp-dialog.ts"
import { headersOf } from "./raw-message.ts"
import { copiesOf } from "./copies.ts"
import { expect, test } from "./test.ts"

// Who may write to a list, what is never redistributed, and what a list tells to whom.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)

test("a stranger cannot post to an institutional list, whatever name it uses",
  { meta: { requirements: ["LST-04"] } }, async ({ scene }) => {
    const members = scene.people("ac-dijon.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const stranger = scene.stranger()
    const [agent] = scene.people("ac-dijon.test")

    const mails = await Promise.all([
      scene.send({ from: stranger, to: [list.address] }),
      scene.send({ from: agent!.address, to: [list.address], headers: { "Reply-To": list.owner.address, Sender: list.owner.address } }),
      scene.send({ from: stranger, to: [list.address], headers: { Approved: "oui", "X-Approved": "oui" } }),
    ])

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
  })

test("an owner and a moderator of an institutional list post at once, and nobody has to confirm",
  { meta: { requirements: ["LST-05"] } }, async ({ scene }) => {
    const members = scene.people("ac-nice.test", 2)
    const list = await scene.list("chefs-etablissement", { subscribed: members })

    const mails = await Promise.all([list.owner, list.moderator].map((from) => scene.send({ from, to: [list.address] })))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a member of an institutional list who is no owner or moderator cannot post to it",
  { meta: { requirements: ["LST-25"] } }, async ({ scene }) => {
    const members = scene.people("ac-orleans-tours.test", 3)
    const list = await scene.list("info-personnels", { subscribed: members })

    const mail = await scene.send({ from: members[0]!.address, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, [])
  })

test("members of a working group write to each other, and strangers do not",
  { meta: { requirements: ["LST-04", "LST-05"] } }, async ({ scene }) => {
    const members = scene.people("ac-nancy-metz.test", 3)
    const list = await scene.list("groupe-annuaire", { subscribed: members })

    const mail = await scene.send({ from: members[1]!.address, to: [list.address] })
    const intruder = await scene.send({ from: scene.stranger(), to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    await expect(intruder).toHaveReachedExactly(scene, [])
  })

test("an automatic reply to a list message is not redistributed",
  { meta: { requirements: ["LST-11"] } }, async ({ scene }) => {
    const members = scene.people("ac-lille.test", 3)
    const list = await scene.list("groupe-annuaire", { subscribed: members })
    const replies = [
      { "Auto-Submitted": "auto-replied" }, { "X-Autoreply": "yes", "Auto-Submitted": "auto-generated" },
    ]

    const mails = await Promise.all(replies.map((headers, index) => scene.send({
      from: members[index]!.address, to: [list.address], subject: "Absence du bureau Re: votre message", headers,
    })))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
  })

test("a delivery notice sent to a list is not redistributed, even from an address that may post",
  { meta: { requirements: ["LST-12"] } }, async ({ scene }) => {
    const daemon = `MAILER-DAEMON@${scene.token}.example.test`
    const members = [...scene.people("ac-rennes.test", 2), { address: daemon }]
    const list = await scene.list("groupe-annuaire", { subscribed: members })
    const [member] = addressesOf(members)
    const report = [
      "MIME-Version: 1.0", "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"", "", "--b",
      "Content-Type: text/plain", "", "Non remis", "--b", "Content-Type: message/delivery-status", "",
      "Reporting-MTA: dns; mx.ac-rennes.test", "", `Final-Recipient: rfc822; ${member}`, "Action: failed", "Status: 5.1.1",
      "", "--b--", "",
    ]
    const notices = [["Auto-Submitted: auto-replied", ...report], ["", "Votre message n'a pas pu etre remis.", ""]]

    const mails = await Promise.all(notices.map((lines) => {
      const id = scene.nextId()
      const raw = Buffer.from([
        `X-Recette-Id: ${id}`, `Message-ID: <${id}@mx.example.test>`, `From: ${daemon} (Mail Delivery System)`,
        `To: ${list.address}`, "Subject: Undelivered Mail Returned to Sender", ...lines,
      ].join("\r\n"))
      return scene.send({ from: daemon, sender: "", to: [list.address], raw }, id)
    }))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
  })

test("the same Message-ID posted again is distributed once",
  { meta: { requirements: ["LST-14"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-nantes.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const messageId = `<perdu.${scene.token}@recette.example.test>`

    const first = await scene.send({ from: list.owner, to: [list.address], messageId })
    await scene.awaitCopies(first.id, addressesOf(members))
    const again = await scene.send({ from: list.owner, to: [list.address], messageId })

    expect(again).toHaveBeenTaken()
    await expect(first).toHaveReachedExactly(scene, addressesOf(members))
    expect(await copiesOf(lab, again.id)).toEqual([])
  })

test("a message that has passed through the list is not distributed there again",
  { meta: { requirements: ["LST-23"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-paris.test", 2)
    const list = await scene.list("groupe-annuaire", { subscribed: members })
    const first = await scene.send({ from: members[0]!.address, to: [list.address] })
    await scene.awaitCopies(first.id, addressesOf(members))
    const [copy] = await copiesOf(lab, first.id)
    const loop = headersOf(await copy!.raw())["x-loop"]
    const id = scene.nextId()
    // What a member's forwarding would send back: the copy as it came, under an id that tells it apart.
    const returned = Buffer.from((await copy!.raw()).toString("latin1")
      .replace(/^X-Recette-Id: .*$/m, `X-Recette-Id: ${id}`).replace(/^Message-ID: .*$/mi, `Message-ID: <${id}@ailleurs.example.test>`), "latin1")

    const again = await scene.send({ from: members[1]!.address, to: [list.address], raw: returned }, id)

    expect(loop ?? "", "the list marks what it has distributed").toContain(list.fixture.name)
    await expect(again).toHaveReachedExactly(scene, [])
    await expect(first).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a list's -request address reaches its owners, and only them",
  { meta: { requirements: ["LST-19"] } }, async ({ scene }) => {
    const members = scene.people("ac-bordeaux.test", 2)
    const list = await scene.list("correspondants-messagerie", { subscribed: members })

    const mail = await scene.send({ from: scene.stranger(), to: [list.serviceAddress("request")] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, list.fixture.owners)
  })

test("a stranger does not get the list of members, by mail or by asking the edge",
  { meta: { requirements: ["LST-20"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-toulouse.test", 3)
    const list = await scene.list("info-personnels", { subscribed: members })
    const stranger = scene.stranger()
    const [agent] = scene.people("ac-toulouse.test")

    await Promise.all([stranger, agent!.address].map((from) => list.sendCommand(from, `REVIEW ${list.fixture.name}`)))
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
    await dialog.say("EHLO client.internet.test")
    const expanded = await dialog.say(`EXPN ${list.address}`)
    dialog.close()
    await scene.settle([stranger, agent!.address])

    expect(expanded.code).toBeGreaterThanOrEqual(500)
    for (const recipient of [stranger, agent!.address]) {
      const node = recipient === stranger ? lab.internet : lab.academies
      for (const { transaction } of await node.acceptances({ recipient })) {
        const answer = (await node.message(transaction)).toString("latin1")
        expect(addressesOf(members).filter((address) => answer.includes(address)), `told to ${recipient}`).toEqual([])
      }
    }
  })

test("a stranger can neither subscribe nor unsubscribe anybody",
  { meta: { requirements: ["LST-24"] } }, async ({ scene }) => {
    const members = scene.people("ac-strasbourg.test", 3)
    const list = await scene.list("info-personnels", { subscribed: members })
    const stranger = scene.stranger()
    const outsider = scene.people("ac-strasbourg.test")[0]!.address

    await Promise.all([
      list.sendCommand(stranger, `SUBSCRIBE ${list.fixture.name} Intrus\nADD ${list.fixture.name} ${outsider}`),
      list.sendCommand(stranger, `DELETE ${list.fixture.name} ${members[0]!.address}\nUNSUBSCRIBE ${list.fixture.name} ${members[1]!.address}`),
      scene.send({ from: stranger, to: [list.serviceAddress("subscribe")] }),
      scene.send({ from: stranger, to: [list.serviceAddress("unsubscribe")] }),
    ])
    await scene.settle([stranger])
    const mail = await scene.send({ from: list.owner, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a member who has unsubscribed gets nothing more, even after the next include",
  { meta: { requirements: ["LST-13"] } }, async ({ scene }) => {
    const included = scene.people("ac-lyon.test", 2)
    const owner = await scene.office("ce.dgesco")
    const list = await scene.list("info-personnels", { included: [...included, owner], subscribed: scene.people("ac-lyon.test") })

    await list.sendCommand(owner, `UNSUBSCRIBE ${list.fixture.name}`)
    await list.awaitLeaving(owner.address)
    await list.includeAgain()
    const mail = await scene.send({ from: list.owner, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, [...list.members])
    expect([...list.members]).not.toContain(owner.address)
  })

test("an agent whom the staff database no longer gives as active gets nothing after the next include",
  { meta: { requirements: ["LST-22"] } }, async ({ scene }) => {
    const agents = scene.people("ac-besancon.test", 3)
    const arrival = scene.people("ac-besancon.test")[0]!
    const list = await scene.list("info-personnels", { included: agents })

    await list.include([{ ...agents[0]!, active: false }, arrival])
    const mail = await scene.send({ from: list.owner, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, addressesOf([...agents.slice(1), arrival]))
  })
