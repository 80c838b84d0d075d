import type { Credentials } from "../lab/dovecot.ts"
import { AntispamOperator } from "./antispam-operator.ts"
import { copiesOf } from "./copies.ts"
import { handOver } from "./platform-entrance.ts"
import { heldFor } from "./quarantine.ts"
import { headerLinesOf } from "./raw-message.ts"
import { finalReply, SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// Mail comes from several of the team's platforms, and each is judged by the policy that was declared for it.

/** In halves, so that no file of this project is itself taken for a virus. */
const virus = `debut RECETTE-SYNTHETIC${"-VIRUS-SIGNATURE"} fin`
const isMarked = (raw: Buffer) => headerLinesOf(raw).some((line) => /^X-(Spam|Quarantine):/i.test(line))

/**
 * What a stranger is refused for: no date, a subject that shouts, words and links of unwanted mail. `more` are lines of
 * the header.
 */
const unwanted = (from: string, more: readonly string[] = []) => (id: string) => Buffer.from([
  `X-Recette-Id: ${id}`, `From: ${from}`, `To: undisclosed@${id}.test`, ...more, "Subject: FREE MONEY GUARANTEED !!!", "MIME-Version: 1.0",
  "Content-Type: text/html; charset=utf-8", "",
  `<p>Click here to be removed. Earn money from home, free, guaranteed, no risk, credit card, order now, winner, mortgage, viagra ${id}`,
  `<a href="https://ailleurs-${id}.test/">https://www.education.test/</a>`, `<a href="https://autre-${id}.test/">https://paie.education.test/</a></p>`, "",
].join("\r\n"))

/** Puts off a stranger, and nothing more. */
const suspicious = (from: string, to: string) => (id: string) => Buffer.from([
  `X-Recette-Id: ${id}`, `Message-ID: <${id}@recette.example.test>`, `From: ${from}`, `To: ${to}`, "Subject: =?utf-8?B?R1JBVFVJVCAhISE=?=", "MIME-Version: 1.0",
  "Content-Type: text/html; charset=utf-8", "", `<p>Bonjour ${id} <a href="https://ailleurs-${id}.test/">https://www.education.test/</a></p>`, "",
].join("\r\n"))

test("the history names the policy by which each platform's mail was judged",
  { meta: { requirements: ["SPM-22"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const application = await scene.account(`appli.notes.${scene.token}@education.test`)
    const operator = new AntispamOperator(lab)
    const policiesOf = async ({ id }: { id: string }) => {
      const rows = await operator.judgements(`${id}@recette.example.test`)
      return rows.flatMap(({ symbols }) => Object.keys(symbols).filter((symbol) => symbol.startsWith("POLICY_")))
    }

    const listEngine = await handOver(scene, "list-engine", { to: [owner.address] })
    const unionLists = await handOver(scene, "union-lists", { to: [owner.address] })
    const others = await Promise.all([application, owner, scene.stranger()].map((from: Credentials | string) => scene.send({ from, to: [owner.address] })))

    const policies = await Promise.all([listEngine, unionLists, ...others].map(policiesOf))
    expect(policies).toEqual([["POLICY_LIST_ENGINE"], ["POLICY_UNION_LISTS"], ["POLICY_APPLICATIONS"], ["POLICY_ACCOUNTS"], ["POLICY_MAILBOXES"]])
    for (const { id } of [listEngine, unionLists, ...others]) await scene.awaitCopies(id, [owner.address])
  })

test("what the list engine sends is neither refused nor marked, although a stranger would be, and a virus is",
  { meta: { requirements: ["SPM-22"] } }, async ({ scene, lab }) => {
    const [agent] = scene.people("ac-strasbourg.test")
    const owner = await scene.office("ce.dgesco")
    const author = scene.stranger()

    const strangers = await scene.send({ from: author, to: [owner.address], raw: unwanted(author)(`${scene.token}-0`) })
    const { id, outcome } = await handOver(scene, "list-engine", { to: [owner.address, agent!.address], raw: unwanted(author) })
    const infected = await handOver(scene, "list-engine", {
      to: [owner.address], raw: (it) => Buffer.from(`X-Recette-Id: ${it}\r\nFrom: ${author}\r\nSubject: note\r\n\r\n${virus}\r\n`),
    })

    expect(strangers).toHaveBeenRefused({ code: 554 })
    expect(finalReply(outcome)).toMatchObject({ code: 250 })
    expect(finalReply(infected.outcome)).toMatchObject({ code: 554, text: expect.stringContaining("Virus found") as string })
    await scene.awaitCopies(id, [owner.address, agent!.address])
    for (const copy of await copiesOf(lab, id)) expect(isMarked(await copy.raw()), copy.recipient).toBe(false)
    expect(await heldFor(lab, { id })).toEqual([])
  })

test("a union's message is neither refused, marked nor held for what it says, whoever its author is, and a virus in it is refused",
  { meta: { requirements: ["SPM-23"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    // The author's own domain asks receivers to refuse what it did not send itself.
    const union = await SendingDomain.make(scene, "syndicat-exemple", { spf: "v=spf1 ip4:203.0.113.9 -all", dmarc: "v=DMARC1; p=reject", signs: true })
    const author = scene.stranger()

    const strangers = await scene.send({ from: author, to: [owner.address], raw: unwanted(author)(`${scene.token}-0`) })
    const alone = await union.send({ to: [owner.address], tamper: (text) => text.replace("Bonjour", "Camarades") })
    const sent = await Promise.all([
      handOver(scene, "union-lists", { to: [owner.address], raw: unwanted(union.author) }),
      handOver(scene, "union-lists", { to: [owner.address], raw: suspicious(union.author, owner.address) }),
    ])
    const infected = await handOver(scene, "union-lists", {
      to: [owner.address], raw: (it) => Buffer.from(`X-Recette-Id: ${it}\r\nFrom: ${union.author}\r\nSubject: tract\r\n\r\n${virus}\r\n`),
    })

    expect(strangers).toHaveBeenRefused({ code: 554 })
    expect(finalReply(alone.outcome)).toMatchObject({ code: 554 })
    for (const { id, outcome } of sent) {
      expect(finalReply(outcome)).toMatchObject({ code: 250 })
      await scene.awaitCopies(id, [owner.address])
      const [copy] = await copiesOf(lab, id)
      expect(isMarked(await copy!.raw()), id).toBe(false)
      expect(await heldFor(lab, { id })).toEqual([])
    }
    expect(finalReply(infected.outcome)).toMatchObject({ code: 554, text: expect.stringContaining("Virus found") as string })
    expect(await copiesOf(lab, infected.id)).toEqual([])
  })

test("an application's odd message is not put off nor marked, and a listed link or a virus in one is refused",
  { meta: { requirements: ["SPM-24"] } }, async ({ scene, lab }) => {
    const application = await scene.account(`appli.notes.${scene.token}@education.test`)
    const owner = await scene.office("ce.elections")
    const stranger = scene.stranger()
    const bad = `piege-${scene.token}.test`
    await lab.dns.setRecords(`${bad}.dbl.${lab.serverDomain}`, [{ type: "A", ttl: 5, data: "127.0.1.4" }])
    const odd = (from: Credentials | string, id = scene.nextId()) => scene.send(
      { from, to: [owner.address], raw: suspicious(typeof from === "string" ? from : from.address, owner.address)(id) }, id)

    const strangers = await odd(stranger)
    const own = await odd(application)
    const listed = await scene.send({ from: application, to: [owner.address], text: `Voir https://www.${bad}/compte\n` })
    const infected = await scene.send({ from: application, to: [owner.address], text: `${virus}\n` })

    expect(strangers).toHaveBeenRefused({ code: 451 })
    await expect(own).toHaveReachedExactly(scene, [owner.address])
    expect(isMarked(await (await copiesOf(lab, own.id))[0]!.raw())).toBe(false)
    expect(await heldFor(lab, own)).toEqual([])
    for (const mail of [listed, infected]) expect(mail).toHaveBeenRefused({ code: 554 })
  })

test("neither a header, nor a greeting, nor another platform's entrance gives a client another policy",
  { meta: { requirements: ["SPM-25"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.messagerie")
    const author = scene.stranger()
    const claims = ["MTA-Name: union-lists", "MTA-Tag: union-lists", "Settings-Id: union-lists", "X-Rspamd-Settings: union-lists", "X-Spam: No"]
    const operator = new AntispamOperator(lab)

    const claimed = await scene.send({ from: author, to: [owner.address], raw: unwanted(author, claims)(`${scene.token}-0`) })
    const greeted = await lab.internet.send({
      host: lab.postfix.node.hostname, helo: "union-lists", sender: author, recipients: [owner.address],
      data: unwanted(author)(`${scene.token}-0`).toString(),
    })
    const entered = await Promise.all((["list-engine", "union-lists"] as const).map((platform) =>
      handOver(scene, platform, { to: [owner.address], by: "ac-toulouse.test", sender: scene.people("ac-toulouse.test")[0]!.address })))
    const open = await handOver(scene, "union-lists", { to: [owner.address] })

    expect(claimed).toHaveBeenRefused({ code: 554 })
    expect(finalReply(greeted).code, finalReply(greeted).text).toBeGreaterThanOrEqual(500)
    for (const { id, outcome } of entered) {
      expect(outcome.refused, id).toMatchObject([{ code: 554 }])
      expect(await copiesOf(lab, id)).toEqual([])
    }
    expect(finalReply(open.outcome)).toMatchObject({ code: 250 })
    const rows = (await operator.history()).filter(({ symbols }) => "POLICY_UNION_LISTS" in symbols)
    expect(rows.filter(({ "message-id": id }) => id.startsWith(scene.token)).map(({ "message-id": id }) => id)).toEqual([`${open.id}@recette.example.test`])
  })
