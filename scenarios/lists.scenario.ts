import { copiesOf, type Copy } from "./copies.ts"
import { bodyOf, headersOf, sizedMessage } from "./raw-message.ts"
import { expect, test } from "./test.ts"

// What a list distributes, and to whom: members, one copy each, headers, content, return path.

/** The addresses of these people among the recipients of the copies: one for each copy. */
const recipientsIn = (copies: readonly Copy[], people: readonly { address: string }[]) =>
  copies.map(({ recipient }) => recipient).filter((recipient) => addressesOf(people).includes(recipient)).sort()
const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)

test("each member from the staff database gets exactly one copy",
  { meta: { requirements: ["LST-01"] } }, async ({ distribution }) => {
    const { included, copies } = await distribution()

    expect(recipientsIn(copies, included)).toEqual(addressesOf(included).sort())
  })

test("each member added by hand gets exactly one copy, in an academy, elsewhere and in a mailbox",
  { meta: { requirements: ["LST-02"] } }, async ({ distribution }) => {
    const { byHand, copies } = await distribution()

    expect(recipientsIn(copies, byHand)).toEqual(addressesOf(byHand).sort())
  })

test("a member by both ways gets one copy only",
  { meta: { requirements: ["LST-03"] } }, async ({ distribution }) => {
    const { both, copies } = await distribution()

    expect(recipientsIn(copies, both)).toEqual(addressesOf(both).sort())
  })

test("nobody but its members gets a copy of what a list distributes",
  { meta: { requirements: ["ROU-14", "LST-16"] } }, async ({ distribution }) => {
    const { list, copies } = await distribution()

    expect(copies.map(({ recipient }) => recipient).sort()).toEqual([...list.members].sort())
  })

test("members of several academies get one copy each when they are more than one packet",
  { meta: { requirements: ["LST-26"] } }, async ({ scene }) => {
    const membersCount = await scene.bound("LST-26", "membersCount")
    const domains = ["ac-paris.test", "ac-montpellier.test", "ac-nice.test"]
    const members = domains.flatMap((domain) => scene.people(domain, Math.ceil(membersCount / domains.length)))
    // A kind of list whose copies are nobody's own (RFC 8058): those leave one by one, and not in packets.
    const list = await scene.list("lettre-ministre", { subscribed: members })

    const mail = await scene.send({ from: list.owner, to: [list.address] })
    await list.answersModeration(mail, "DISTRIBUTE")

    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
  })

test("a message to one list reaches no member of another",
  { meta: { requirements: ["LST-16"] } }, async ({ scene }) => {
    const [agents, others] = [scene.people("ac-lille.test", 2), scene.people("ac-lille.test", 2)]
    const list = await scene.list("info-personnels", { subscribed: agents })
    const neighbour = await scene.list("chefs-etablissement", { subscribed: others })

    const mail = await scene.send({ from: list.owner, to: [list.address] })
    const strayed = await scene.send({ from: list.owner, to: [neighbour.address] })

    await expect(mail).toHaveReachedExactly(scene, addressesOf(agents))
    await expect(strayed).toHaveReachedExactly(scene, [])
  })

test("each copy carries the RFC 2369 headers of its list",
  { meta: { requirements: ["LST-09"] } }, async ({ distribution }) => {
    const { list, copies } = await distribution()

    expect(copies.length).toBeGreaterThan(0)
    for (const copy of copies) {
      const head = headersOf(await copy.raw())
      for (const name of ["List-Help", "List-Subscribe", "List-Unsubscribe", "List-Post", "List-Owner"]) {
        expect(head[name.toLowerCase()] ?? "", name).toMatch(/<(mailto|https?):[^>]+>/)
      }
      expect(head["list-post"] ?? "").toContain(`<mailto:${list.address}>`)
      expect(head["list-owner"] ?? "").toContain(`<mailto:${list.serviceAddress("request")}>`)
      expect(head["list-unsubscribe"] ?? "").toContain(list.fixture.name)
    }
  })

test("each copy carries a List-Id that names its list",
  { meta: { requirements: ["LST-10"] } }, async ({ distribution }) => {
    const { list, copies } = await distribution()

    expect(copies.length).toBeGreaterThan(0)
    for (const copy of copies) {
      expect(headersOf(await copy.raw())["list-id"] ?? "").toContain(`<${list.address.replace("@", ".")}>`)
    }
  })

test("copies leave with the list's return address, and keep author and subject",
  { meta: { requirements: ["LST-17"] } }, async ({ distribution }) => {
    const { list, mail, copies } = await distribution()

    expect(copies.length).toBeGreaterThan(0)
    for (const copy of copies) {
      const head = headersOf(await copy.raw())
      const sender = copy.sender ?? head["return-path"] ?? ""
      expect(sender).toMatch(/@listes\.education\.test>?$/)
      expect(sender).toContain(list.fixture.name)
      expect(head["from"] ?? "").toContain(list.owner.address)
      expect(head["subject"] ?? "").toContain(mail.subject)
    }
  })

test("text and attachments of a copy are those that the author wrote",
  { meta: { requirements: ["LST-21"] } }, async ({ scene, distribution }) => {
    const { mail, copies, attachment } = await distribution()

    expect(copies.length).toBeGreaterThan(0)
    for (const copy of copies) {
      const parsed = await scene.parsed(copy)
      expect(parsed.text ?? "").toContain(mail.text.trimEnd())
      // Its own header: of what comes as application/octet-stream, mailparser tells the type by the file's name.
      const attached = parsed.attachments.find(({ headers }) => (headers.get("content-type") as { value: string }).value === "application/pdf")
      expect(attached?.filename).toBe("décret.pdf")
      expect(attached?.content.equals(attachment)).toBe(true)
    }
  })

test("a message just under the size limit is distributed whole",
  { meta: { requirements: ["LST-27"] } }, async ({ scene, lab }) => {
    const [messageBytesMax, headroomBytes] = await Promise.all(
      [scene.bound("LST-15", "messageBytesMax"), scene.bound("LST-27", "headroomBytes")])
    const members = scene.people("ac-nantes.test", 2)
    const list = await scene.list("correspondants-messagerie", { subscribed: members })
    const id = scene.nextId()
    const raw = sizedMessage({ bytes: messageBytesMax - headroomBytes, lineEndBytes: 1, id, from: list.owner.address, to: list.address })

    const mail = await scene.send({ from: list.owner, to: [list.address], raw }, id)

    expect(mail).toHaveBeenTaken()
    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    const [copy] = await copiesOf(lab, id)
    expect((await scene.parsed(copy!)).text?.startsWith(bodyOf(raw).trimEnd()), "the whole text").toBe(true)
  })

test("a message larger than a list's limit is not distributed, and its author is told",
  { meta: { requirements: ["LST-15"] } }, async ({ scene }) => {
    const messageBytesMax = await scene.bound("LST-15", "messageBytesMax")
    const members = scene.people("ac-rennes.test", 2)
    const list = await scene.list("chefs-etablissement", { subscribed: members })
    const id = scene.nextId()
    const bytes = messageBytesMax + 1
    const raw = sizedMessage({ bytes, lineEndBytes: 1, id, from: list.moderator.address, to: list.address })

    const mail = await scene.send({ from: list.moderator, to: [list.address], raw }, id)

    if (mail.accepted.length > 0) {
      await scene.receives(list.moderator, "a notice that the message is too large", (read) => read.raw.includes(list.fixture.name))
    } else {
      expect(mail, "or the edge says so at once").toHaveBeenRefused({ code: 552 })
    }
    await expect(mail).toHaveReachedExactly(scene, [])
  })

test("a member whose server refuses the copy costs nobody else theirs, and neither author nor members hear of it",
  { meta: { requirements: ["LST-18"] } }, async ({ scene, lab }) => {
    const [academy] = await scene.academies(1)
    const members = scene.people(academy!.domain, 3)
    const [unknown, ...others] = addressesOf(members)
    const list = await scene.list("info-personnels", { subscribed: members })
    await lab.academies.behave(academy!.domain, { unknownUsers: [unknown!] })

    // Owners hear of bounces; a moderator is an author like another.
    const mail = await scene.send({ from: list.moderator, to: [list.address] })
    await scene.awaitCopies(mail.id, others)
    // Where each member's copy is a message of its own, the one to be refused may come last.
    await scene.drain()
    await lab.academies.reset(academy!.domain)

    await expect(mail).toHaveReachedExactly(scene, others)
    expect(await scene.reads(list.moderator), "the author hears nothing").toEqual([])
    expect((await lab.academies.acceptances({ sender: "" })).filter(({ recipient }) => others.includes(recipient))).toEqual([])
  })
