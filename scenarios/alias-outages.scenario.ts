import { delayAnswers } from "../lab/delay.ts"
import { directoryPorts } from "../lab/directory.ts"
import { castOf, edgeForgets, putsOff, team, untilTaken } from "./alias-cast.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"
import { whileDown } from "./while-down.ts"

// A source of aliases that is down, slow or mute, or fails midway: mail waits for it, and nobody is told that an address does
// not exist.

const perSecond = 1_000

test("while the directory is down its addresses are put off, known or not, and what comes again arrives once",
  { meta: { requirements: ["ALI-28"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { directory } = await castOf(scene)
    await putsOff(scene, directory, () => lab.directory.stop(), () => lab.directory.startAgain())
  })

test("while the directory is down no old address of an academy is taken for the one in use, and mail for it arrives once",
  { meta: { requirements: ["ALI-28", "ALI-18"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const sender = await scene.office("ce.dgrh")
    const [moved] = scene.people("ac-toulouse.test").map(({ address }) => address)
    const before = moved!.replace("ac-toulouse", "ac-lyon")
    await lab.directory.createAlias({ addresses: [before], targets: [moved!] })
    const letter = { from: sender, to: [before] }

    const mail = await whileDown(() => lab.directory.stop(), () => lab.directory.startAgain(), () => scene.send(letter))
    const again = await untilTaken(scene, letter, mail.id)

    expect(mail).toHaveBeenPutOff()
    await expect(again).toHaveReachedExactly(scene, [moved!])
    await expect(scene).toHaveTouchedNobodyBut([moved!, team])
  })

test("while the directory is down, what the database alone knows is delivered, and postmaster and abuse are in reach",
  { meta: { requirements: ["ALI-34"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { database } = await castOf(scene)
    const outside = scene.stranger()
    const contractor = scene.address("prestataire")
    await lab.mariadb.createAlias(contractor, outside)
    const fixed = ["postmaster@education.test", "abuse@education.test"]

    const mails = await whileDown(() => lab.directory.stop(), () => lab.directory.startAgain(), async () => {
      const sent = await Promise.all([contractor, ...fixed].map((to) => scene.send({ from: scene.stranger(), to: [to] })))
      for (const mail of sent) expect(mail).toHaveBeenTaken()
      await scene.awaitCopies(sent[0]!.id, [outside])
      return sent
    })

    await expect(mails[0]!).toHaveReachedExactly(scene, [outside])
    for (const mail of mails.slice(1)) await expect(mail).toHaveReachedExactly(scene, [team])
    await expect(scene).toHaveTouchedNobodyBut([outside, team])
    expect(await scene.send({ from: scene.stranger(), to: [database.unknown] })).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
  })

test("while the database of aliases is down its addresses are put off, known or not, and what comes again arrives once",
  { meta: { requirements: ["ALI-29"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { database } = await castOf(scene)
    await putsOff(scene, database, () => lab.mariadb.stop(), () => lab.mariadb.startAgain(), () => edgeForgets(lab))
  })

test("a directory that takes connections and answers nothing has mail put off before the client gives up",
  { meta: { requirements: ["ALI-30"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const replySecondsMax = await scene.bound("ALI-30", "replySecondsMax")
    const { directory } = await castOf(scene)
    const startedMs = performance.now()
    let answeredMs = Infinity

    await putsOff(scene, directory, () => lab.directory.pause(), async () => {
      answeredMs = performance.now()
      await lab.directory.resume()
    })

    scene.observe(`put off after ${Math.round(answeredMs - startedMs)} ms`)
    expect(answeredMs - startedMs).toBeLessThan(replySecondsMax * perSecond)
  })

test("a directory whose every answer comes late puts nothing off and refuses only who is nobody",
  { meta: { requirements: ["ALI-30"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const delayMs = await scene.bound("ALI-30", "delayMs")
    const { directory: { known, unknown, target, mailbox } } = await castOf(scene)
    const delay = await delayAnswers(lab.handle, { from: "postfix", to: "directory", port: directoryPorts.ldap, delayMs })
    // Connections of before the delay are not led through it.
    await lab.directory.stop()
    await lab.directory.startAgain()

    const send = (to: string) => scene.send({ from: scene.stranger(), to: [to] })
    const [toKnown, toMailbox, toUnknown] = await Promise.all([known, mailbox, unknown].map(send)).finally(() => delay.end())

    await expect(toKnown!).toHaveReachedExactly(scene, [target])
    await expect(toMailbox!).toHaveReachedExactly(scene, [mailbox])
    expect(toUnknown!).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(scene).toHaveTouchedNobodyBut([target, mailbox])
  })

test("a database of aliases that answers nothing for a while has nobody refused: the client waits, and its mail arrives once",
  { meta: { requirements: ["ALI-37"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const muteSeconds = await scene.bound("ALI-37", "muteSeconds")
    const { database: { known, unknown, target } } = await castOf(scene)
    const send = (to: string) => scene.send({ from: scene.stranger(), to: [to] })

    const mute = await lab.mariadb.pauseFor(muteSeconds * perSecond)
    const goesOn = mute.over.then(() => performance.now())
    const both = Promise.all([known, unknown].map(send))
    // The directory is asked only after the database: who comes meanwhile waits too, and postmaster does not.
    const toPostmaster = await send("postmaster@education.test")
    const postmasterAnsweredAt = performance.now()
    const [toKnown, toUnknown] = await both

    expect(toPostmaster).toHaveBeenTaken()
    expect(postmasterAnsweredAt, "postmaster waited for the database").toBeLessThan(await goesOn)
    await expect(toKnown!).toHaveReachedExactly(scene, [target])
    expect(toUnknown!).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
    await expect(scene).toHaveTouchedNobodyBut([target, team])
  })

test("a directory that goes down between two recipients of a message, or before its text, costs nobody a copy and gives none twice",
  { meta: { requirements: ["ALI-33"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const [first, second] = scene.people("ac-grenoble.test", 2).map(({ address }) => address)
    const owner = await scene.office("ce.dgesco")
    const [early, late] = [scene.address("avant"), scene.address("pendant")]
    await lab.directory.addAliases([{ addresses: [early], targets: [first!] }, { addresses: [late], targets: [second!] }])
    const [sender, id] = [scene.stranger(), scene.nextId()]
    const to = [early, owner.address, late]
    const raw = Buffer.from(`X-Recette-Id: ${id}\r\nMessage-ID: <${id}@recette.example.test>\r\nFrom: ${sender}\r\nSubject: ${id}\r\n\r\nBonjour.\r\n`)
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
    await dialog.say("EHLO client.internet.test")
    await dialog.say(`MAIL FROM:<${sender}>`)
    const before = [await dialog.say(`RCPT TO:<${early}>`), await dialog.say(`RCPT TO:<${owner.address}>`)]

    const [during, ending] = await whileDown(() => lab.directory.stop(), () => lab.directory.startAgain(), async () => {
      const reply = await dialog.say(`RCPT TO:<${late}>`)
      await dialog.say("DATA")
      return [reply, await dialog.sendRaw(`${raw.toString()}.\r\n`)]
    })
    dialog.close()
    // What the client was told is taken, it does not send again.
    const left = ending!.code === 250 ? to.filter((_, index) => [...before, during!][index]!.code !== 250) : to
    const again = await untilTaken(scene, { from: sender, to: left, raw }, id)

    expect(before.map(({ code }) => code)).toEqual([250, 250])
    for (const { code, text } of [during!, ending!]) expect(code, text).toBeLessThan(500)
    expect(during!.code, during!.text).toBeGreaterThanOrEqual(400)
    await expect(again).toHaveReachedExactly(scene, [first!, owner.address, second!])
    await expect(scene).toHaveTouchedNobodyBut([first!, owner.address, second!, team])
  })
