import { createHash } from "node:crypto"
import { simpleParser } from "mailparser"
import { eventually } from "../lab/eventually.ts"
import { AntispamOperator } from "./antispam-operator.ts"
import { foldersOf } from "./inbox.ts"
import {
  age, demandAddress, demands, expireHeld, heldFor, isReport, isVirus, journalOf, listHeld, makeReports, operatorReleases, program, readableBy, reportOf, sendHeld,
} from "./quarantine.ts"
import { bodyOf } from "./raw-message.ts"
import { deliveryMsMax } from "./scene.ts"
import { finalReply, SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// What is suspicious is kept apart, told to its recipient, let out once by who may, and erased in time.

const suspicious = (id: string, from: string, to: string) => Buffer.from([
  `X-Recette-Id: ${id}`, `Message-ID: <${id}@recette.example.test>`, `From: ${from}`, `To: ${to}`, "Subject: =?utf-8?B?R1JBVFVJVCAhISE=?=", "MIME-Version: 1.0",
  "Content-Type: text/html; charset=utf-8", "", `<p>Bonjour ${id} <a href="https://ailleurs-${id}.test/">https://www.education.test/</a></p>`, "",
].join("\r\n"))

test("a suspicious message is held for each of its recipients, in no folder of theirs, and clean mail arrives",
  { meta: { requirements: ["SPM-29"] } }, async ({ scene, lab }) => {
    const [anne, zoe] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi")]
    const stranger = scene.stranger()
    const to = [anne.address, zoe.address]
    const forged = await SendingDomain.make(scene, "quarantaine", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=quarantine", signs: true })

    const scored = await sendHeld(scene, (id) => ({ from: stranger, to, raw: suspicious(id, stranger, anne.address) }))
    const unproved = await forged.send({ to, sender: `retour@${forged.name}x.test`, tamper: (text) => text.replace("Bonjour", "Bonsoir") })
    const clean = await scene.send({ from: stranger, to })

    expect(finalReply(unproved.outcome)).toMatchObject({ code: 250 })
    await expect(clean).toHaveReachedExactly(scene, to)
    expect(await readableBy(lab, clean)).toEqual(to)
    for (const mail of [scored, unproved]) {
      await scene.awaitCopies(mail.id, to)
      expect(await heldFor(lab, mail), mail.id).toEqual(to)
      expect(await readableBy(lab, mail), mail.id).toEqual([])
    }
  })

test("who brings a mark of the quarantine along holds nothing back with it, and a mail program finds no way into the quarantine",
  { meta: { requirements: ["SPM-29", "SPM-33"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgesco")
    const held = await sendHeld(scene, { from: scene.stranger(), to: [owner.address], attachments: [program()] })

    const marked = await scene.send({ from: owner, to: [owner.address], headers: { "X-Quarantine": "score 99", "X-Spam": "Yes" } })

    expect(await readableBy(lab, held)).toEqual([])
    await scene.awaitCopies(marked.id, [owner.address])
    expect(await readableBy(lab, marked)).toEqual([owner.address])
    const { folders, opened } = await foldersOf(lab, owner, ["Quarantine/held", "Quarantine", "../.quarantine"])
    expect(folders.filter((name) => /quarantine/i.test(name))).toEqual([])
    expect(opened).toEqual([])
  })

test("a message that brings a program of a declared type is held, and other attachments arrive",
  { meta: { requirements: ["SPM-30"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.elections")
    const from = scene.stranger()
    const names = ["facture.js", "RAPPORT.EXE", "photo.jpg.scr", "acces.lnk", "image.iso"]

    const programs = await Promise.all(names.map((name) => sendHeld(scene, { from, to: [owner.address], attachments: [program(name)] })))
    const document = await scene.send({ from, to: [owner.address], attachments: [{ filename: "note.pdf", content: Buffer.from("%PDF-1.4 rien") }, { filename: "js.txt", content: "exe" }] })

    for (const [index, mail] of programs.entries()) {
      expect(mail, names[index]).toHaveBeenTaken()
      expect([await heldFor(lab, mail), await readableBy(lab, mail)], names[index]).toEqual([[owner.address], []])
    }
    await expect(document).toHaveReachedExactly(scene, [owner.address])
    expect(await readableBy(lab, document)).toEqual([owner.address])
  })

test("each person is told of what is held for them and of nothing else, once, and who has nothing held gets no report",
  { meta: { requirements: ["SPM-31"] } }, async ({ scene, lab }) => {
    const [anne, zoe, luc] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi"), await scene.office("ce.securite")]
    const from = scene.stranger()
    const held = (to: readonly string[], subject: string) => sendHeld(scene, { from, to, subject: `${subject} ${scene.token}`, attachments: [program()] })
    const [annes, both] = [await held([anne.address], "Prime d'été"), await held([anne.address, zoe.address], "Votre colis")]

    await makeReports(lab)
    await makeReports(lab)

    const reports = await Promise.all([anne, zoe, luc].map(async (person) =>
      (await scene.reads(person)).filter(({ parsed }) => isReport(parsed.subject)).map(({ parsed }) => parsed.text ?? "")))
    const mentions = (texts: readonly string[], { subject }: { subject: string }) => texts.join("\n").split(subject).length - 1
    expect(reports.map((texts) => [mentions(texts, annes), mentions(texts, both)])).toEqual([[1, 1], [0, 1], [0, 0]])
    expect(reports[2]).toEqual([])
    expect(reports[0]!.join("\n")).toContain(from)
    for (const word of ["retenus", "held outside your mailbox", "14"]) expect(reports[1]!.join("\n")).toContain(word)
  })

test("a message that its recipient demands arrives once, unchanged, for nobody else, and it is written down who had it out",
  { meta: { requirements: ["SPM-32", "SPM-34"] } }, async ({ scene, lab }) => {
    const [anne, zoe] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi")]
    const to = [anne.address, zoe.address]
    const mail = await sendHeld(scene, { from: scene.stranger(), to, text: `Bonjour ${scene.token}\n`, attachments: [program()] })
    const before = (await lab.dovecot.copiesOf(mail.id)).find(({ address }) => address === anne.address)!
    await makeReports(lab)
    const address = demandAddress(await reportOf(scene, anne, mail), mail)

    // Side by side, and once more: a person presses twice.
    await Promise.all([demands(scene, anne, address), demands(scene, anne, address)])
    const read = await scene.receives(anne, "the message that was let out", ({ parsed }) => parsed.messageId === mail.messageId)
    const later = await demands(scene, anne, address)
    await scene.drain()

    expect(later).toHaveBeenTaken()
    expect(await readableBy(lab, mail)).toEqual([anne.address])
    expect(await heldFor(lab, mail)).toEqual([zoe.address])
    expect(bodyOf(Buffer.from(read.raw, "latin1"))).toBe(bodyOf(before.raw))
    expect((await simpleParser(read.raw)).attachments.map(({ filename }) => filename)).toEqual([program().filename])
    const done = (await journalOf(lab, mail.messageId)).filter((line) => line.includes(" released "))
    expect(done).toHaveLength(1)
    expect(done[0]).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z released by=${anne.address} for=${anne.address} message=`))
  })

test("a token that is somebody else's or nobody's lets nothing out, which is written down",
  { meta: { requirements: ["SPM-33", "SPM-34"] } }, async ({ scene, lab }) => {
    const [anne, zoe] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi")]
    const mail = await sendHeld(scene, { from: scene.stranger(), to: [anne.address], attachments: [program()] })
    await makeReports(lab)
    const address = demandAddress(await reportOf(scene, anne, mail), mail)
    const guessed = address.replace(/\+[0-9a-f]+@/, `+${"0".repeat(32)}@`)

    const tried = [await demands(scene, zoe, address), await demands(scene, anne, guessed), await demands(scene, anne, address.replace("+", "+../"))]
    const outside = await scene.send({ from: scene.stranger(), to: [address] })
    await scene.drain()

    for (const one of tried.slice(0, 2)) expect(one).toHaveBeenTaken()
    expect(outside).toHaveBeenTaken()
    const refused = await eventually("each refused demand is written down", async () => {
      const lines = (await journalOf(lab, scene.token)).filter((line) => line.includes(" refused "))
      return lines.length >= 3 && lines
    }, { withinMs: deliveryMsMax })
    expect(refused.filter((line) => line.includes(`by=${zoe.address} token of=${anne.address}`))).toHaveLength(1)
    expect([await readableBy(lab, mail), await heldFor(lab, mail)]).toEqual([[], [anne.address]])
  })

test("what is held longer than declared is erased with its token, and what is younger stays",
  { meta: { requirements: ["SPM-35"] } }, async ({ scene, lab }) => {
    const days = await scene.bound("SPM-35", "heldDays")
    const anne = await scene.office("ce.dgrh")
    const [old, young] = await Promise.all(["ancien", "recent"].map((subject) =>
      sendHeld(scene, { from: scene.stranger(), to: [anne.address], subject: `${subject} ${scene.token}`, attachments: [program()] })))
    await makeReports(lab)
    const address = demandAddress(await reportOf(scene, anne, old!), old!)
    const nameOf = async ({ messageId }: { messageId: string }) => (await listHeld(lab, anne.address)).find((one) => one.messageId === messageId)!.name
    const [oldName, youngName] = [await nameOf(old!), await nameOf(young!)]

    await age(lab, anne.address, oldName, days)
    await age(lab, anne.address, youngName, days - 1)
    await expireHeld(lab)
    await demands(scene, anne, address)
    await scene.drain()

    expect([await heldFor(lab, old!), await readableBy(lab, old!)]).toEqual([[], []])
    expect(await heldFor(lab, young!)).toEqual([anne.address])
    expect((await journalOf(lab, oldName)).filter((line) => line.includes(" expired "))).toHaveLength(1)
  })

test("a virus that is known only once the message is held is not released, neither by its recipient nor by operators",
  { meta: { requirements: ["SPM-36"] } }, async ({ scene, lab }) => {
    const anne = await scene.office("ce.dgrh")
    const later = `virus-de-demain-${scene.token}`
    const held = () => sendHeld(scene, { from: scene.stranger(), to: [anne.address], text: `${later}\n`, attachments: [program()] })
    const [first, second] = [await held(), await held()]
    await makeReports(lab)
    const address = demandAddress(await reportOf(scene, anne, first), first)
    const { name } = (await listHeld(lab, anne.address)).find(({ messageId }) => messageId === second.messageId)!

    await lab.clamav.learn(`Recette.${scene.token}`, later)
    await eventually("the virus is known", () => isVirus(lab, later), { withinMs: deliveryMsMax })
    await demands(scene, anne, address)
    await operatorReleases(lab, "olivier", anne.address, name)
    await scene.drain()

    const erased = await eventually("both are written down as erased", async () => {
      const lines = (await Promise.all([first, second].map(({ messageId }) => journalOf(lab, messageId)))).flat()
      return lines.length >= 2 && lines
    }, { withinMs: deliveryMsMax })
    expect(erased.map((line) => line.split(" ")[1])).toEqual(["virus-erased", "virus-erased"])
    for (const mail of [first, second]) expect([await readableBy(lab, mail), await heldFor(lab, mail)]).toEqual([[], []])
  })

test("what an operator lets out is learned as clean, and what a person lets out is not",
  { meta: { requirements: ["SPM-37", "SPM-34"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const anne = await scene.office("ce.dgrh")
    const operator = new AntispamOperator(lab)
    const held = (which: string) => sendHeld(scene, { from: scene.stranger(), to: [anne.address], text: `${ownWords(scene.token, which)}\n`, attachments: [program()] })
    const [persons, operators] = [await held("a person lets it out"), await held("an operator lets it out")]
    await makeReports(lab)
    const address = demandAddress(await reportOf(scene, anne, persons), persons)
    const before = await operator.learnedClean()

    await demands(scene, anne, address)
    await scene.receives(anne, "the message of the demand", ({ parsed }) => parsed.messageId === persons.messageId)
    const afterPerson = await operator.learnedClean()
    const { name } = (await listHeld(lab, anne.address)).find(({ messageId }) => messageId === operators.messageId)!
    await operatorReleases(lab, "olivier", anne.address, name)
    await scene.receives(anne, "the operator's message", ({ parsed }) => parsed.messageId === operators.messageId)

    expect(afterPerson).toBe(before)
    expect(await operator.learnedClean()).toBe(before + 1)
    expect((await journalOf(lab, operators.messageId)).map((line) => line.split(" ").slice(1, 4))).toEqual([["released", "by=olivier", `for=${anne.address}`]])
    expect(await readableBy(lab, operators)).toEqual([anne.address])
  })

/**
 * A text whose words no other message has. What is clean by its words already, rspamd does not learn again (its
 * lua_bayes_learn.lua), and one sentence of the round before is enough for that.
 */
function ownWords(...of: readonly string[]): string {
  const letters = (text: string) => createHash("sha256").update(text).digest("hex").replaceAll(/\d/g, (digit) => "ghijklmnop"[Number(digit)]!)
  return Array.from({ length: 60 }, (_, index) => letters([...of, index].join(" ")).slice(0, 9)).join(" ")
}
