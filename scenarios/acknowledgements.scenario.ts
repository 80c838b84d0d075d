import { secondsOf } from "../lab/duration.ts"
import { eventually } from "../lab/eventually.ts"
import { copiesOf } from "./copies.ts"
import { decentMessage } from "./raw-message.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"

// Between the final dot and its acknowledgement: who has the message while nobody can know (RFC 5321, section 4.5.3.2.6).

test("a server that breaks off after the final dot without the message gets it again, once, and the sender hears nothing",
  { meta: { requirements: ["ROU-32"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dgrh")
    const [academy] = await scene.academies(1)
    const agents = scene.people(academy!.domain, 3).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, { cutAfterData: "lost" })

    const mail = await scene.send({ from: sender, to: agents })
    await eventually("the edge has seen the connection lost", async () => (await lab.postfix.queue())
      .some(({ recipients }) => recipients.some(({ address, delayReason }) => agents.includes(address) && delayReason !== undefined)),
    { withinMs: 15_000 })
    expect(await copiesOf(lab, mail.id)).toEqual([])
    await lab.academies.reset(academy!.domain)

    await expect(mail).toHaveReachedExactly(scene, agents)
    expect(await scene.reads(sender)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut(agents)
  })

test("a server that breaks off after the final dot with the message gets it again until it acknowledges, and never after",
  { meta: { requirements: ["ROU-33"] } }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dgesco")
    const [academy] = await scene.academies(1)
    const [agent] = scene.people(academy!.domain).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, { cutAfterData: "taken" })

    const mail = await scene.send({ from: sender, to: [agent!] })
    await scene.awaitCopies(mail.id, [agent!])
    await lab.academies.reset(academy!.domain)
    await eventually("a copy is acknowledged", async () => (await lab.academies.copiesOf(mail.id)).some(({ answered }) => answered), { withinMs: 15_000 })
    await scene.settle([agent!])

    const copies = await lab.academies.copiesOf(mail.id)
    expect(copies.filter(({ answered }) => answered)).toHaveLength(1)
    expect(copies.at(-1)!.answered, "nothing is sent after the acknowledgement").toBe(true)
    expect(new Set(copies.map(({ content, bytes }) => `${content} ${bytes}`)).size, "each time the same message").toBe(1)
    expect(await scene.reads(sender)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut([agent!])
  })

test("a client that lost the edge's acknowledgement and posts again loses nothing, and gets no more copies than it posted",
  { meta: { requirements: ["ROU-34"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.cabinet")
    const stranger = scene.stranger()
    const id = scene.nextId()
    const text = decentMessage({ id, from: stranger, to: owner.address })

    const lost = await SmtpDialog.open(lab.postfix.smtpFor())
    await lost.say("EHLO client.internet.test")
    expect((await lost.startMessage(stranger, [owner.address])).code).toBe(354)
    await lost.leaveAfter(`${text}.\r\n`)
    const mail = await scene.send({ from: stranger, to: [owner.address], raw: Buffer.from(text) }, id)

    expect(mail).toHaveBeenTaken()
    await scene.awaitCopies(id, [owner.address])
    await scene.settle([owner.address])
    const copies = await copiesOf(lab, id)
    expect(copies.map(({ recipient }) => recipient).filter((address) => address !== owner.address)).toEqual([])
    expect([1, 2]).toContain(copies.length)
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })

test("a message whose client is gone before the final dot is delivered to nobody",
  { meta: { requirements: ["ROU-35"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.elections")
    const stranger = scene.stranger()
    const [begun, whole] = [scene.nextId(), scene.nextId()]

    for (const end of ["", ".", "\r\n", ".\r"]) {
      const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
      await dialog.say("EHLO client.internet.test")
      await dialog.startMessage(stranger, [owner.address])
      await dialog.leaveAfter(decentMessage({ id: begun, from: stranger, to: owner.address }) + end)
    }
    const mail = await scene.send(
      { from: stranger, to: [owner.address], raw: Buffer.from(decentMessage({ id: whole, from: stranger, to: owner.address })) }, whole)

    await expect(mail).toHaveReachedExactly(scene, [owner.address])
    expect(await copiesOf(lab, begun)).toEqual([])
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
  })

test("a server that takes its time to acknowledge gets one copy, and is given the time that the RFC asks for",
  { meta: { requirements: ["ROU-36"] } }, async ({ scene, lab }) => {
    const [replyMs, secondsMin] = await Promise.all(
      [scene.bound("ROU-36", "replyMs"), scene.bound("ROU-36", "acknowledgementSecondsMin")])
    const sender = await scene.office("ce.communication")
    const [academy] = await scene.academies(1)
    const [agent] = scene.people(academy!.domain).map(({ address }) => address)
    await lab.academies.behave(academy!.domain, { slowDataMs: replyMs })

    const mail = await scene.send({ from: sender, to: [agent!] })

    await expect(mail).toHaveReachedExactly(scene, [agent!])
    expect((await lab.academies.copiesOf(mail.id)).map(({ answered }) => answered)).toEqual([true])
    expect(await scene.reads(sender)).toEqual([])
    const settings = await lab.postfix.run(["sh", "-c", "postconf -h smtp_data_done_timeout; postconf -Ph '*/unix/smtp_data_done_timeout'"])
    const patience = settings.trim().split("\n").map((value) => secondsOf(value))
    expect(patience.filter((seconds) => seconds === undefined || seconds < secondsMin), settings).toEqual([])
  })
