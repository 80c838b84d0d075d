import { eventually } from "../lab/eventually.ts"
import { copiesOf } from "./copies.ts"
import { bodyOf, headerLinesOf } from "./raw-message.ts"
import { finalReply, SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// Who waits, who is judged how, and what the antispam leaves alone.

const greylistingMsMax = 15_000
/** Points enough to be put off: no date, a subject that shouts, a link in disguise. Nothing in it is refused. */
const suspicious = (id: string, from: string, to: string) => Buffer.from([
  `X-Recette-Id: ${id}`, `Message-ID: <${id}@recette.example.test>`, `From: ${from}`, `To: ${to}`, "Subject: =?utf-8?B?R1JBVFVJVCAhISE=?=", "MIME-Version: 1.0",
  "Content-Type: text/html; charset=utf-8", "", `<p>Bonjour ${id} <a href="https://ailleurs-${id}.test/">https://www.education.test/</a></p>`, "",
].join("\r\n"))

test("what looks suspicious is put off and taken when it comes again, and clean mail never waits",
  { meta: { requirements: ["SPM-11"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgesco")
    const stranger = scene.stranger()
    const id = scene.nextId()
    const again = () => scene.send({ from: stranger, to: [owner.address], raw: suspicious(id, stranger, owner.address) }, id)

    const first = await again()
    const clean = await scene.send({ from: scene.stranger(), to: [owner.address] })
    const taken = await eventually("the message is taken when it comes again", async () => {
      const mail = await again()
      return mail.accepted.length > 0 ? mail : undefined
    }, { withinMs: greylistingMsMax })

    expect(first).toHaveBeenRefused({ code: 451 })
    expect(clean).toHaveBeenTaken()
    await expect(taken).toHaveReachedExactly(scene, [owner.address])
    await expect(clean).toHaveReachedExactly(scene, [owner.address])
    const [copy] = await copiesOf(lab, id)
    expect(headerLinesOf(await copy!.raw())).toContain("X-Spam: Yes")
  })

test("an account's message, and a list's, are not judged like a stranger's",
  { meta: { requirements: ["SPM-19"] } }, async ({ scene, lab }) => {
    const [minister, office] = await Promise.all([scene.office("ce.cabinet"), scene.office("ce.communication")])
    const application = await scene.account(scene.address("application"))
    const stranger = scene.stranger()
    const members = scene.people("ac-dijon.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const same = (from: typeof office | string, to: string, id = scene.nextId()) =>
      scene.send({ from, to: [to], raw: suspicious(id, typeof from === "string" ? from : from.address, to) }, id)

    const strangers = await same(stranger, office.address)
    const mails = await Promise.all([minister, office, application].map((account) => same(account, office.address)))
    const posted = await same(list.owner, list.address)

    expect(strangers).toHaveBeenRefused({ code: 451 })
    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [office.address])
    await expect(posted).toHaveReachedExactly(scene, members.map(({ address }) => address))
    for (const { id } of [...mails, posted]) {
      for (const copy of await copiesOf(lab, id)) expect(headerLinesOf(await copy.raw())).not.toContain("X-Spam: Yes")
    }
  })

test("a single-use link is neither fetched nor rewritten by the antispam",
  { meta: { requirements: ["PRI-04"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.elections")
    const sender = await SendingDomain.make(scene, "portail", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=reject", signs: true })
    const host = `vote-${scene.token}.test`
    const links = [`https://${host}/ouverture?jeton=${scene.token}%2Babc&a=1`, `http://${host}/o/${scene.token}`]
    const sinceUs = scene.startedUs

    const { id, outcome } = await sender.send({
      to: [owner.address], text: `Votre lien : ${links.join(" ")}\n`, html: links.map((link) => `<a href="${link}">ouvrir mon espace</a>`).join("<br>"),
    })

    expect(finalReply(outcome)).toMatchObject({ code: 250 })
    await scene.awaitCopies(id, [owner.address])
    const [copy] = await copiesOf(lab, id)
    const body = bodyOf(await copy!.raw()).replaceAll("=\n", "").replaceAll("=3D", "=")
    for (const link of links) expect(body.split(link).length - 1, `${link} stands twice`).toBe(2)
    expect(body).not.toMatch(/https?:\/\/(?!vote-)/)
    expect((await lab.dns.asked(`${host}.dbl.${lab.serverDomain}`, { sinceUs })).length, "the link was looked at").toBeGreaterThan(0)
    expect(await lab.dns.asked(host, { sinceUs }), "nobody looked for the site itself").toEqual([])
  })
