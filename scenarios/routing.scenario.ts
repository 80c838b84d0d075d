import { academies, academiesToVerify } from "../fixtures/academies.ts"
import { lent } from "./academy-pool.ts"
import { copiesOf } from "./copies.ts"
import { decentMessage } from "./raw-message.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { listDomain, mailDomain } from "./scene.ts"
import { expect, test } from "./test.ts"

// Mail that crosses the edge: to the academies, to the rest of the world and to the platform's own mailboxes.

test("each of the 30 academies gets its own mail on its own server, and no other's",
  { meta: { requirements: ["ROU-01", "ROU-14"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.communication")
    // Those that other scenarios may borrow are borrowed here, so that all 30 behave.
    const borrowed = [...lent, ...academiesToVerify]
    await scene.academies(borrowed.length, borrowed)
    const agents = academies.map(({ domain }) => scene.people(domain)[0]!.address)

    const mail = await scene.send({ from: sender, to: agents })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, agents)
    const places = (await copiesOf(lab, mail.id)).map(({ recipient, place }) => [recipient.split("@")[1], place])
    expect(places.filter(([domain, place]) => place !== `mx.${domain}`)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut(agents)
  })

test("a message for a domain elsewhere reaches the server that the DNS names",
  { meta: { requirements: ["ROU-22", "ROU-14"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dsi")
    const elsewhere = scene.stranger()

    const mail = await scene.send({ from: sender, to: [elsewhere] })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [elsewhere])
    expect((await copiesOf(lab, mail.id)).map(({ place }) => place)).toEqual([lab.internet.node.hostname])
    await expect(scene).toHaveTouchedNobodyBut([elsewhere])
  })

test("a stranger's message for a mailbox is read by its owner over IMAP, and by nobody else",
  { meta: { requirements: ["ROU-26", "ROU-30", "ROU-14"] } }, async ({ scene }) => {
    const owner = await scene.office("ce.dgrh")
    const neighbour = await scene.office("ce.dgesco")
    const stranger = scene.stranger()

    const mail = await scene.send({ from: stranger, to: [owner.address] })

    expect(mail).toHaveBeenTaken()
    const read = await scene.receives(owner, mail.id, ({ parsed }) => parsed.subject === mail.subject)
    expect(read.parsed.text ?? "").toContain(mail.id)
    expect(read.parsed.from?.value[0]?.address).toBe(stranger)
    await expect(mail).toHaveReachedExactly(scene, [owner.address])
    expect(await scene.reads(neighbour)).toEqual([])
  })

test("the envelope sender arrives as it was given, and the headers too",
  { meta: { requirements: ["ROU-19"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.cabinet")
    const [agent] = scene.people("ac-rennes.test")
    const elsewhere = scene.stranger()

    const mail = await scene.send({ from: sender, to: [agent!.address, elsewhere] })

    await expect(mail).toHaveReachedExactly(scene, [agent!.address, elsewhere])
    expect((await copiesOf(lab, mail.id)).map((copy) => copy.sender)).toEqual([sender.address, sender.address])
  })

test("an unknown recipient is refused at RCPT, and no notice of it goes anywhere",
  { meta: { requirements: ["ROU-03", "ROU-04", "ALI-05"] } }, async ({ scene, lab }) => {
    const stranger = scene.stranger()
    const lists = lab.hasLists ? ["", "-request", "-owner"].map((ending) => `liste-${scene.token}${ending}@${listDomain}`) : []
    const unknown = [scene.address("personne"), ...lists]

    const mails = await Promise.all(unknown.map((address) => scene.send({ from: stranger, to: [address] })))

    for (const mail of mails) {
      expect(mail).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
      expect(mail.refusal, "refused at RCPT, not later").toBeUndefined()
    }
    await scene.settle([stranger])
    await expect(scene).toHaveTouchedNobodyBut([])
  })

test("an unknown recipient costs the others of the same transaction nothing",
  { meta: { requirements: ["ROU-27", "ROU-16"] } }, async ({ scene }) => {
    const owner = await scene.office("ce.securite")
    const other = await scene.office("ce.elections")
    const unknown = scene.address("personne")

    const mail = await scene.send({ from: scene.stranger(), to: [owner.address, unknown, other.address] })

    expect(mail.refused.map(({ recipient, reply }) => [recipient, reply.code])).toEqual([[unknown, 550]])
    await expect(mail).toHaveReachedExactly(scene, [owner.address, other.address])
  })

test("postmaster and abuse are read by somebody in each domain of the platform",
  { meta: { requirements: ["ROU-18"] } }, async ({ scene, lab }) => {
    const domains = [mailDomain, ...lab.hasLists ? [listDomain] : []]
    const addresses = [...domains.flatMap((domain) => [`postmaster@${domain}`, `abuse@${domain}`]), "postmaster"]

    const mails = await Promise.all(addresses.map((address) => scene.send({ from: scene.stranger(), to: [address] })))

    for (const mail of mails) expect(mail).toHaveBeenTaken()
    await scene.settle([])
    for (const mail of mails) {
      const copies = await copiesOf(lab, mail.id)
      expect(copies.map(({ place }) => place), `${mail.recipients[0]} is read in one mailbox`).toEqual(["mailbox"])
    }
  })

test("a notice from the null sender reaches a mailbox",
  { meta: { requirements: ["ROU-20"] } }, async ({ scene }) => {
    const owner = await scene.office("ce.messagerie")

    const notice = await scene.send({
      from: `mailer-daemon@${scene.token}.example.test`, sender: "", to: [owner.address], subject: "Undelivered Mail",
    })

    expect(notice).toHaveBeenTaken()
    await expect(notice).toHaveReachedExactly(scene, [owner.address])
  })

test("a hundred recipients in one transaction are all taken, and each gets one copy",
  { meta: { requirements: ["ROU-21"] } }, async ({ scene }) => {
    const sender = await scene.office("ce.dgesco")
    const agents = ["ac-lille.test", "ac-nantes.test"].flatMap((domain) => scene.people(domain, 50))
      .map(({ address }) => address)

    const mail = await scene.send({ from: sender, to: agents })

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, agents)
  })

test("a message that has passed thirty servers is still delivered",
  { meta: { requirements: ["ROU-28"] } }, async ({ scene }) => {
    const owner = await scene.office("ce.dsi")
    const id = scene.nextId()
    const hops = Array.from({ length: 30 }, (_, hop) =>
      `Received: from r${hop}.example.test by r${hop + 1}.example.test; Thu, 1 Jan 2026 00:00:00 +0000`)
    const raw = Buffer.from([...hops, `X-Recette-Id: ${id}`, `From: ${scene.stranger()}`, `To: ${owner.address}`,
      `Subject: ${id}`, "", `Bonjour ${id}`, ""].join("\r\n"))

    const mail = await scene.send({ from: scene.stranger(), to: [owner.address], raw }, id)

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, [owner.address])
  })

test("a domain with a route of its own is handed there whatever its MX says, and its neighbours follow theirs",
  { meta: { requirements: ["ROU-31"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.elections")
    const [moved, below] = [`bureau.${scene.token}@siec.education.test`, `bureau.${scene.token}@centre.siec.education.test`]
    const [agent] = scene.people("ac-paris.test").map(({ address }) => address)

    const mail = await scene.send({ from: sender, to: [moved, agent!, sender.address] })
    const astray = await scene.send({ from: sender, to: [below] })

    expect(mail).toHaveBeenTaken()
    expect(astray, "a domain below it does not exist").toHaveBeenRefused({ code: 550 })
    await scene.awaitCopies(mail.id, [moved, agent!, sender.address])
    await scene.settle([agent!])
    expect((await copiesOf(lab, mail.id)).map(({ recipient, place }) => [recipient, place]).sort()).toEqual([
      [moved, lab.internet.node.hostname], [agent, "mx.ac-paris.test"], [sender.address, "mailbox"]].sort())
    await expect(scene).toHaveTouchedNobodyBut([moved, agent!, sender.address])
  })

test("a stranger who knows neither TLS nor EHLO is served like any other",
  { meta: { requirements: ["ROU-30"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.cabinet")
    const stranger = scene.stranger()
    const id = scene.nextId()
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())

    const hello = await dialog.say("HELO client.internet.test")
    const start = await dialog.startMessage(stranger, [owner.address])
    const taken = await dialog.sendRaw(`${decentMessage({ id, from: stranger, to: owner.address })}.\r\n`)
    dialog.close()

    expect([hello.code, start.code, taken.code], taken.text).toEqual([250, 354, 250])
    await scene.awaitCopies(id, [owner.address])
    await scene.settle([owner.address])
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })
