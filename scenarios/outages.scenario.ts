import { secondsOf } from "../lab/duration.ts"
import { eventually } from "../lab/eventually.ts"
import { copiesOf } from "./copies.ts"
import { expect, test } from "./test.ts"

// Academies that are down, slow, busy or of another opinion. Each scenario has its academies to itself.

test("an academy that is down holds up no other, and gets its mail once it is back",
  { meta: { requirements: ["ROU-10"] } }, async ({ scene, lab }) => {
    const deliveryMsMax = await scene.bound("ROU-10", "deliveryMsMax")
    const sender = await scene.office("ce.dgrh")
    const [dead, ...others] = await scene.academies(4)
    await lab.academies.behave(dead!.domain, { down: true })
    const lost = scene.people(dead!.domain, 3).map(({ address }) => address)
    const reached = others.map(({ domain }) => scene.people(domain)[0]!.address)

    const mail = await scene.send({ from: sender, to: [...lost, ...reached] })
    const later = await scene.send({ from: sender, to: reached })

    expect(mail).toHaveBeenTaken()
    await scene.awaitCopies(mail.id, reached, deliveryMsMax)
    await scene.awaitCopies(later.id, reached, deliveryMsMax)
    await eventually("the dead academy's mail waits in the edge's queue", async () => (await lab.postfix.queue())
      .some(({ recipients }) => lost.every((address) => recipients.some((one) => one.address === address))), { withinMs: deliveryMsMax })
    expect((await copiesOf(lab, mail.id)).map(({ recipient }) => recipient).sort()).toEqual([...reached].sort())

    await lab.academies.reset(dead!.domain)
    await expect(mail).toHaveReachedExactly(scene, [...lost, ...reached])
    await expect(scene).toHaveTouchedNobodyBut([...lost, ...reached])
  })

test("an academy that answers slowly to many messages holds up no other",
  { meta: { requirements: ["ROU-11"] } }, async ({ scene, lab }) => {
    const deliveryMsMax = await scene.bound("ROU-11", "deliveryMsMax")
    const sender = await scene.office("ce.cabinet")
    const [slow, quick] = await scene.academies(2)
    await lab.academies.behave(slow!.domain, { slowMs: 1_500 })
    const late = scene.people(slow!.domain, 12).map(({ address }) => address)
    const [agent] = scene.people(quick!.domain)

    const waiting = await Promise.all(late.map((address) => scene.send({ from: sender, to: [address] })))
    const mail = await scene.send({ from: sender, to: [agent!.address] })

    await scene.awaitCopies(mail.id, [agent!.address], deliveryMsMax)
    const early = await Promise.all(waiting.map(async ({ id }) => copiesOf(lab, id)))
    expect(early.flat().length, "the slow academy was still busy meanwhile").toBeLessThan(late.length)
    await lab.academies.reset(slow!.domain)
    await expect(mail).toHaveReachedExactly(scene, [agent!.address])
    const copies = await Promise.all(waiting.map(async ({ id }) => (await copiesOf(lab, id)).map((copy) => copy.recipient)))
    expect(copies).toEqual(late.map((address) => [address]))
  })

test("a server that says 421 gets the message later, once, and the sender hears nothing",
  { meta: { requirements: ["ROU-12"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.elections")
    const [busy] = await scene.academies(1)
    await lab.academies.behave(busy!.domain, { connect: { code: 421, enhanced: "4.3.2", text: "too busy" } })
    const agents = scene.people(busy!.domain, 2).map(({ address }) => address)

    const mail = await scene.send({ from: sender, to: agents })
    await eventually("the server has said 421", async () =>
      (await lab.academies.refusals({ server: `mx.${busy!.domain}` })).some(({ code }) => code === 421), { withinMs: 15_000 })
    await lab.academies.reset(busy!.domain)

    await expect(mail).toHaveReachedExactly(scene, agents)
    expect(await scene.reads(sender)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut(agents)
  })

test("a server that greylists gets the message later, once, and the sender hears nothing",
  { meta: { requirements: ["ROU-12"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dgesco")
    const [wary] = await scene.academies(1)
    await lab.academies.behave(wary!.domain, { greylistMs: 1_500 })
    const agents = scene.people(wary!.domain, 2).map(({ address }) => address)

    const mail = await scene.send({ from: sender, to: agents })

    await expect(mail).toHaveReachedExactly(scene, agents)
    expect((await lab.academies.refusals({ recipient: agents[0]! })).map(({ code }) => code)).toContain(450)
    expect(await scene.reads(sender)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut(agents)
  })

test("a server that says 452 after five recipients gets all twelve, each once",
  { meta: { requirements: ["ROU-15"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.communication")
    const [strict] = await scene.academies(1)
    await lab.academies.behave(strict!.domain, { recipientsMax: 5 })
    const agents = scene.people(strict!.domain, 12).map(({ address }) => address)

    const mail = await scene.send({ from: sender, to: agents })

    await expect(mail).toHaveReachedExactly(scene, agents)
    expect(await scene.reads(sender)).toEqual([])
  })

test("mixed replies in one transaction count each for its own recipient",
  { meta: { requirements: ["ROU-16", "ROU-13"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dsi")
    const [academy] = await scene.academies(1)
    const [accepted, unknown, full] = scene.people(academy!.domain, 3).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, {
      unknownUsers: [unknown!], refusedRecipients: { [full!]: { code: 452, enhanced: "4.2.2", text: "mailbox full" } },
    })

    const mail = await scene.send({ from: sender, to: [accepted!, unknown!, full!] })
    await scene.awaitCopies(mail.id, [accepted!])
    const notice = await scene.receives(sender, "a notice of the unknown recipient", ({ raw }) => raw.includes(unknown!))
    expect((await copiesOf(lab, mail.id)).map(({ recipient }) => recipient)).toEqual([accepted])
    await lab.academies.behave(academy!.domain, { unknownUsers: [unknown!] })

    await expect(mail).toHaveReachedExactly(scene, [accepted!, full!])
    expect(notice.raw).not.toContain(`Final-Recipient: rfc822; ${accepted}`)
    expect(notice.raw).not.toContain(`Final-Recipient: rfc822; ${full}`)
    expect(await scene.reads(sender)).toHaveLength(1)
    await expect(scene).toHaveTouchedNobodyBut([accepted!, full!, sender.address])
  })

test("a final refusal is told to the sender alone, from the null sender, with the recipient's name",
  { meta: { requirements: ["ROU-13", "ROU-14"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.messagerie")
    const [academy] = await scene.academies(1)
    const [unknown, refusing] = scene.people(academy!.domain, 2).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, {
      unknownUsers: [unknown!], refusedRecipients: { [refusing!]: { code: 554, enhanced: "5.7.1", text: "policy" } },
    })

    const mails = await Promise.all([unknown!, refusing!].map((address) => scene.send({ from: sender, to: [address] })))

    const notices = await Promise.all([unknown!, refusing!].map((address) =>
      scene.receives(sender, `a notice about ${address}`, ({ raw }) => raw.includes(`Final-Recipient: rfc822; ${address}`))))
    for (const [index, { raw }] of notices.entries()) {
      expect(raw).toMatch(/^Return-Path: <>/m)
      expect(raw).toMatch(/^Content-Type: multipart\/report; report-type=delivery-status/m)
      expect(raw).toMatch(/^Action: failed/m)
      expect(raw).toMatch(index === 0 ? /^Status: 5\.1\.1/m : /^Status: 5\.7\.1/m)
    }
    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
    expect(await scene.reads(sender)).toHaveLength(2)
    await expect(scene).toHaveTouchedNobodyBut([sender.address])
  })

test("a stranger whose message an alias leads to a refusing academy gets the notice, and nobody else does",
  { meta: { requirements: ["ROU-13"] } }, async ({ scene, lab }) => {
    const stranger = scene.stranger()
    const [academy] = await scene.academies(1)
    const [unknown] = scene.people(academy!.domain).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, { unknownUsers: [unknown!] })
    const alias = scene.address("service")
    await lab.mariadb.createAlias(alias, unknown!)

    const mail = await scene.send({ from: stranger, to: [alias] })

    expect(mail).toHaveBeenTaken()
    await eventually("the stranger has a notice", async () =>
      (await lab.internet.acceptances({ recipient: stranger })).length > 0, { withinMs: 15_000 })
    await expect(mail).toHaveReachedExactly(scene, [])
    const notices = await lab.internet.acceptances({ recipient: stranger })
    expect(notices.map(({ sender }) => sender)).toEqual([""])
    await expect(scene).toHaveTouchedNobodyBut([stranger])
  })

test("a notice that nobody takes goes to the platform's own people, and to nobody else",
  { meta: { requirements: ["ROU-47", "ROU-04"] } }, async ({ scene, lab }) => {
    const stranger = scene.stranger()
    const [academy] = await scene.academies(1)
    const [unknown] = scene.people(academy!.domain).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, { unknownUsers: [unknown!] })
    await lab.internet.behave(stranger.split("@")[1]!, { unknownUsers: "all" })
    const alias = scene.address("accueil")
    await lab.mariadb.createAlias(alias, unknown!)

    const mail = await scene.send({ from: stranger, to: [alias] })

    expect(mail).toHaveBeenTaken()
    await eventually("the stranger's server has refused the notice", async () =>
      (await lab.internet.refusals({ recipient: stranger })).some(({ sender }) => sender === ""), { withinMs: 15_000 })
    await eventually("the team's mailbox has a notice of it", async () =>
      (await lab.dovecot.messagesWith(scene.token)).some(({ address }) => address.startsWith("ce.messagerie@")), { withinMs: 15_000 })
    await lab.internet.reset(stranger.split("@")[1]!)
    await expect(mail).toHaveReachedExactly(scene, [])
    await expect(scene).toHaveTouchedNobodyBut(["ce.messagerie@education.test"])
  })

test("mail that cannot be delivered is kept for days, and its sender is told within a day that it waits",
  { meta: { requirements: ["ROU-45", "ROU-46"] } }, async ({ scene, lab }) => {
    const [lifetimeDaysMin, noticeHoursMax] = await Promise.all(
      [scene.bound("ROU-45", "lifetimeDaysMin"), scene.bound("ROU-46", "noticeHoursMax")])
    const settingsOf = async (name: string) => {
      const read = `postconf -h ${name}; postconf -Ph '*/*/${name}'`
      const texts = await Promise.all([lab.postfix, ...lab.hasLists ? [lab.sympa] : []].map((node) => node.run(["sh", "-c", read])))
      return texts.map((text) => text.trim().split("\n").map((value) => secondsOf(value, name === "delay_warning_time" ? "h" : "d")!))
    }

    const lifetimes = await settingsOf("maximal_queue_lifetime")
    const [noticesOfTheEdge] = await settingsOf("delay_warning_time")

    expect(Math.min(...lifetimes.flat())).toBeGreaterThanOrEqual(lifetimeDaysMin * 86_400)
    expect(Math.min(...noticesOfTheEdge!), "0 is no notice").toBeGreaterThan(0)
    expect(Math.max(...noticesOfTheEdge!)).toBeLessThanOrEqual(noticeHoursMax * 3_600)
  })
