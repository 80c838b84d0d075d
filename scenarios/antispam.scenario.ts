import { eventually } from "../lab/eventually.ts"
import { copiesOf } from "./copies.ts"
import { headerLinesOf } from "./raw-message.ts"
import { finalReply, SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// What the antispam refuses, marks and puts off, and what it lets pass as it came.

// In halves, so that no file of this project is itself taken for what it stands for.
const gtube = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-" + "ANTI-UBE-TEST-EMAIL*C.34X"
const eicar = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD" + "-ANTIVIRUS-TEST-FILE!$H+H*"
/** The shortened wait of greylisting, with room. */
const greylistingMsMax = 15_000
const isMarked = (raw: Buffer) => headerLinesOf(raw).some((line) => /^X-Spam: Yes$/i.test(line))
const proved = { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=reject", signs: true }

test("the spam test text is refused from a stranger and from an account, and a text that only resembles it passes",
  { meta: { requirements: ["SPM-01", "SPM-09"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const sender = await SendingDomain.make(scene, "gtube", proved)

    const { id, outcome } = await sender.send({ to: [owner.address], text: `Bonjour\n${gtube}\n` })
    const submitted = await scene.send({ from: owner, to: [scene.stranger()], text: `Bonjour\n${gtube}\n` })
    const near = await sender.send({ to: [owner.address], text: `Bonjour, le test s'appelle GTUBE.\n${gtube.replace("UBE-TEST", "UBE TEST")}\n` })

    expect(finalReply(outcome)).toMatchObject({ code: 554 })
    expect(submitted).toHaveBeenRefused({ code: 554 })
    expect(finalReply(near.outcome)).toMatchObject({ code: 250 })
    await scene.awaitCopies(near.id, [owner.address])
    await scene.settle([owner.address])
    expect(await copiesOf(lab, id)).toEqual([])
    expect((await copiesOf(lab, near.id)).map(({ recipient }) => recipient)).toEqual([owner.address])
  })

test("a virus is refused whoever sends it and however it is packed, and a harmless attachment passes",
  { meta: { requirements: ["SPM-02"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.cabinet")
    const sender = await SendingDomain.make(scene, "virus", proved)
    const infected = { filename: "facture.doc", content: Buffer.from(eicar) }
    const synthetic = { filename: "note.bin", content: Buffer.from(`debut RECETTE-SYNTHETIC${"-VIRUS-SIGNATURE"} fin`) }
    const list = lab.hasLists ? [(await scene.list("groupe-annuaire", { subscribed: scene.people("ac-lyon.test", 2) })).address] : []

    const refused = await Promise.all([
      sender.send({ to: [owner.address], attachments: [infected] }), sender.send({ to: [owner.address], attachments: [synthetic] }),
      sender.send({ to: [owner.address], text: `Bonjour\n${synthetic.content.toString()}\n` }),
    ])
    const submitted = await scene.send({ from: owner, to: [scene.stranger(), ...list], attachments: [infected] })
    const clean = await sender.send({ to: [owner.address], attachments: [{ filename: "note.pdf", content: Buffer.from("%PDF-1.4 rien") }] })

    for (const { outcome } of refused) expect(finalReply(outcome)).toMatchObject({ code: 554, text: expect.stringContaining("Virus found") as string })
    expect(submitted).toHaveBeenRefused({ code: 554 })
    expect(finalReply(clean.outcome)).toMatchObject({ code: 250 })
    await scene.awaitCopies(clean.id, [owner.address])
    await scene.settle([owner.address])
    for (const { id } of refused) expect(await copiesOf(lab, id)).toEqual([])
    expect(await copiesOf(lab, submitted.id)).toEqual([])
  })

test("a link to a listed site is refused, one whose text names another site is marked, and an honest one passes",
  { meta: { requirements: ["SPM-03", "SPM-09"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.messagerie")
    const sender = await SendingDomain.make(scene, "liens", proved)
    const bad = `banque-${scene.token}.test`
    await lab.dns.setRecords(`${bad}.dbl.${lab.serverDomain}`, [{ type: "A", ttl: 5, data: "127.0.1.4" }])
    const unproved = await SendingDomain.make(scene, "deguise")
    const linking = (text: string, to: string, from = sender) =>
      from.send({ to: [owner.address], text: `Voir ${to}\n`, html: `<p>Bonjour, voyez <a href="${to}">${text}</a>.</p>` })

    const listed = await linking("votre compte", `https://connexion.${bad}/compte`)
    const disguised = await eventually("the disguised link is taken when it comes again", async () => {
      const sent = await linking("https://www.education.test/paie", `https://paie-${scene.token}.test/x`, unproved)
      return sent.outcome.accepted.length > 0 ? sent : undefined
    }, { withinMs: greylistingMsMax })
    const honest = await linking("https://www.education.test/paie", "https://paie.education.test/bulletin")
    const again = await sender.send({ to: [owner.address], html: `<p><a href="https://paie-${scene.token}.test/x">la page de la paie</a></p>` })

    expect(finalReply(listed.outcome)).toMatchObject({ code: 554, text: expect.stringContaining("links to a site listed") as string })
    for (const { outcome } of [honest, again]) expect(finalReply(outcome)).toMatchObject({ code: 250 })
    await scene.awaitCopies(honest.id, [owner.address])
    await scene.awaitCopies(again.id, [owner.address])
    await scene.settle([owner.address])
    expect(await copiesOf(lab, listed.id)).toEqual([])
    const [copy] = await copiesOf(lab, honest.id)
    expect(isMarked(await copy!.raw()), "the honest link").toBe(false)
    await scene.awaitCopies(disguised.id, [owner.address])
    const [suspicious] = await copiesOf(lab, disguised.id)
    expect(isMarked(await suspicious!.raw()), "the disguised link").toBe(true)
  })

test("a domain's policy on forged mail is carried out: reject, quarantine and none",
  { meta: { requirements: ["SPM-06", "SPM-04", "SPM-05"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    const elsewhere = "v=spf1 ip4:203.0.113.9 -all"
    const [rejecting, quarantining, none, honest] = await Promise.all([
      SendingDomain.make(scene, "rejet", { spf: elsewhere, dmarc: "v=DMARC1; p=reject" }),
      SendingDomain.make(scene, "quarantaine", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=quarantine", signs: true }),
      SendingDomain.make(scene, "aucune", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=none" }),
      SendingDomain.make(scene, "honnete", proved),
    ])
    const bounces = `retour@${none.name}`

    const bySpf = await rejecting.send({ to: [owner.address] })
    const changed = await honest.send({ to: [owner.address], sender: bounces, tamper: (text) => text.replace("Bonjour", "Bonsoir") })
    const quarantined = await quarantining.send({ to: [owner.address], sender: bounces, tamper: (text) => text.replace("Bonjour", "Bonsoir") })
    const whole = await honest.send({ to: [owner.address], sender: bounces })
    const asked = await none.send({ to: [owner.address] })

    for (const { outcome } of [bySpf, changed]) expect(finalReply(outcome).code, finalReply(outcome).text).toBe(554)
    for (const { outcome } of [quarantined, whole, asked]) expect(finalReply(outcome).code, finalReply(outcome).text).toBe(250)
    for (const { id } of [quarantined, whole, asked]) await scene.awaitCopies(id, [owner.address])
    const marked = await Promise.all([quarantined, whole, asked].map(async ({ id }) => isMarked(await (await copiesOf(lab, id))[0]!.raw())))
    expect(marked).toEqual([true, false, false])
    const [copy] = await copiesOf(lab, whole.id)
    expect(headerLinesOf(await copy!.raw()).join("\n")).toMatch(/^Authentication-Results: .*dkim=pass.*dmarc=pass/m)
    expect(await copiesOf(lab, bySpf.id)).toEqual([])
    expect(await copiesOf(lab, changed.id)).toEqual([])
  })

test("clean mail of strangers, agents and accounts, and a newsletter, arrive unmarked",
  { meta: { requirements: ["SPM-07", "SPM-08"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.elections")
    const [agent] = scene.people("ac-rennes.test")
    const shop = await SendingDomain.make(scene, "lettre", proved)
    const unproved = await SendingDomain.make(scene, "simple")
    const newsletter = {
      to: [owner.address], subject: "La lettre de rentrée : 10 idées gratuites !", text: "La lettre de rentrée, en ligne.\n",
      html: `<html><body><h1>La lettre</h1><p>Dix idées pour la rentrée.</p>${Array.from({ length: 12 }, (_, index) =>
        `<p><a href="https://clics.${shop.name}/r/${index}">Lire l'article ${index}</a></p>`).join("")}
        <img src="https://clics.${shop.name}/logo.png" alt="logo"><p><a href="https://clics.${shop.name}/fin">Se désabonner</a></p></body></html>`,
      headers: { "List-Unsubscribe": `<https://clics.${shop.name}/fin>`, "List-Id": `<lettre.${shop.name}>`, Precedence: "bulk" },
    }

    const sent = await Promise.all([shop.send(newsletter), unproved.send({ to: [owner.address] })])
    const mails = await Promise.all([
      scene.send({ from: agent!.address, to: [owner.address] }), scene.send({ from: owner, to: [owner.address] }),
      scene.send({ from: scene.stranger(), to: [owner.address] }),
    ])

    for (const { outcome } of sent) expect(finalReply(outcome)).toMatchObject({ code: 250 })
    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [owner.address])
    for (const { id } of [...sent, ...mails]) {
      await scene.awaitCopies(id, [owner.address])
      expect(isMarked(await (await copiesOf(lab, id))[0]!.raw()), id).toBe(false)
    }
  })

test("a client on the blocklist is refused, and welcome again once it is taken off",
  { meta: { requirements: ["SPM-10"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.securite")
    const [listed, other] = await scene.academies(2)
    const [record] = (await lab.dns.records(`mx.${listed!.domain}`)).filter(({ type }) => type === "A")
    const entry = `${String(record!.data).split(".").reverse().join(".")}.bl.${lab.serverDomain}`
    const from = ({ domain }: { domain: string }) => scene.send({ from: scene.people(domain)[0]!.address, to: [owner.address] })

    await lab.dns.setRecords(entry, [{ type: "A", ttl: 1, data: "127.0.0.2" }])
    const [refused, neighbour] = await Promise.all([from(listed!), from(other!)]).finally(() => lab.dns.setRecords(entry, []))
    const later = await from(listed!)

    expect(refused).toHaveBeenRefused({ code: 554 })
    expect(refused.refusal?.reply.text).toContain(`bl.${lab.serverDomain}`)
    await expect(refused).toHaveReachedExactly(scene, [])
    for (const mail of [neighbour, later]) await expect(mail).toHaveReachedExactly(scene, [owner.address])
  })
