import { treeOf } from "./confined-application.ts"
import { headOf } from "./confined-scene.ts"
import { expect, test } from "./confined-test.ts"
import { packetsTurnedBack } from "./isolation-again.ts"
import { asTransmitted, decentMessage } from "./raw-message.ts"

// What an application under test sends is kept in its tree, and nothing of it gets out.

test("each recipient of To, Cc and Bcc, at any domain, has a copy in the application's tree",
  { meta: { requirements: ["CNF-02", "CNF-01"] } }, async ({ scene }) => {
    const [to, cc, bcc] = [scene.people(2, "ac-lyon.test"), scene.people(2, "education.test"), scene.people(3)]
    const recipients = [...to, ...cc, ...bcc]

    const mail = await scene.send({
      from: "notes", recipients,
      data: decentMessage({ id: "{id}", from: `application.${scene.token}@${scene.domain}`, to: `${to.join(", ")}\r\nCc: ${cc.join(", ")}` }),
    })

    await expect(mail).toHaveBeenKept(scene, recipients.length)
    await expect(scene).toHaveStayedInside()
  })

test("a message for 120 recipients at as many domains is kept 120 times",
  { meta: { requirements: ["CNF-02", "CNF-01"] } }, async ({ scene }) => {
    const recipients = Array.from({ length: 120 }, (_, index) => `agent${index}@d${index}.${scene.domain}`)

    const mail = await scene.send({ from: "notes", recipients })

    await expect(mail).toHaveBeenKept(scene, 120)
    await expect(scene).toHaveStayedInside()
  })

test("what an application sends is read over IMAP by a member of its team",
  { meta: { requirements: ["CNF-02", "CNF-12"] } }, async ({ scene }) => {
    const mail = await scene.send({ from: "notes", recipients: scene.people(2) })
    await expect(mail).toHaveBeenKept(scene, 2)

    const found = await scene.found(scene.member("notes"), mail)

    expect(found).toHaveLength(2)
  })

test("three applications that write to one address each have the message in their own tree",
  { meta: { requirements: ["CNF-03"] } }, async ({ scene }) => {
    const recipients = scene.people(1)

    const mails = [
      await scene.send({ from: "notes", recipients }), await scene.send({ from: "inscriptions", recipients }),
      await scene.send({ from: "bourses", recipients }),
    ]

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("a message that gives itself out as another application's stays in the tree of the one that sent it",
  { meta: { requirements: ["CNF-03"] } }, async ({ scene }) => {
    const other = treeOf("inscriptions")

    const mail = await scene.send({
      from: "notes", sender: other, recipients: [other],
      data: `X-Confinement-Recipient: ${other}\r\nDelivered-To: ${other}\r\nX-Original-To: ${other}\r\nSender: ${other}\r\n`
        + `Received: by mx1.confinement.test (Authenticated sender: ${other}); Thu, 1 Jan 2026 08:30:00 +0100\r\n`
        + decentMessage({ id: "{id}", from: other, to: other, body: `Bonjour, ${scene.token}.\r\n` }),
    })

    await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("addresses that stand in the headers alone get nothing",
  { meta: { requirements: ["CNF-05", "CNF-01"] } }, async ({ scene }) => {
    const [named] = scene.people(1, "ac-lyon.test")
    const [recipient] = scene.people(1)
    const headers = ["To", "Cc", "Bcc", "Resent-To", "Resent-Bcc", "Apparently-To", "Reply-To", "Errors-To", "Return-Receipt-To",
      "Disposition-Notification-To", "Return-Path"].map((name) => `${name}: ${named}\r\n`).join("")

    const mail = await scene.send({
      from: "notes", recipients: [recipient!],
      data: `X-Recette-Id: {id}\r\nFrom: ${named}\r\n${headers}Subject: {id}\r\n\r\nBonjour {id}`,
    })

    await expect(mail).toHaveBeenKept(scene)
    expect(await scene.notices()).toEqual([])
    await expect(scene).toHaveStayedInside()
  })

test("each recipient of the envelope can be read in every copy, blind ones too",
  { meta: { requirements: ["CNF-05"] } }, async ({ scene }) => {
    const recipients = scene.people(3)

    const mail = await scene.send({ from: "bourses", recipients, data: decentMessage({ id: "{id}", from: `a.${scene.token}@${scene.domain}`, to: recipients[0]! }) })

    await expect(mail).toHaveBeenKept(scene, 3)
    const named = (await scene.copies(mail)).map(({ raw }) => [...headOf(raw).matchAll(/^X-Confinement-Recipient: (\S+)/gm)].map((one) => one[1]))
    expect(named).toEqual([recipients, recipients, recipients])
  })

test("a message is kept octet for octet below the trace headers of its way",
  { meta: { requirements: ["CNF-06"] } }, async ({ scene }) => {
    const recipients = scene.people(1)
    const data = `x-ODD-case:  two spaces\r\nSubject: pli\r\n  suite\r\n\tet fin\r\nX-Recette-Id: {id}\r\nFrom: sans domaine\r\n`
      + `To: liste : a@b.test, c ;\r\nX-Long: ${"mot ".repeat(240)}fin\r\n\r\n.point\r\n..deux\r\n  espaces en fin   \r\n\r\n--\r\n${scene.token}`

    const mail = await scene.send({ from: "notes", recipients, data })

    await expect(mail).toHaveBeenKept(scene)
    const [copy] = await scene.copies(mail)
    const arrived = asTransmitted(copy!.raw).toString("latin1")
    expect(arrived.slice(arrived.indexOf("x-ODD-case"))).toBe(`${data.replaceAll("{id}", mail.id)}\r\n`)
  })

test("a message that an application forwards, with Resent headers and a long way behind it, is kept",
  { meta: { requirements: ["CNF-07", "CNF-01"] } }, async ({ scene }) => {
    const [author, recipient] = scene.people(2)
    const way = Array.from({ length: 60 }, (_, index) => `Received: from h${index}.test by h${index + 1}.test; Thu, 1 Jan 2026 08:30:00 +0100\r\n`).join("")

    const mail = await scene.send({
      from: "notes", recipients: [recipient!], sender: author!,
      data: `Resent-From: ${author}\r\nResent-To: ${recipient}\r\nDelivered-To: ${recipient}\r\n${way}${decentMessage({ id: "{id}", from: author!, to: author! })}`,
    })

    await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("an automatic reply of an application is kept, and nobody answers it",
  { meta: { requirements: ["CNF-07", "CNF-01"] } }, async ({ scene }) => {
    const [away, recipient] = scene.people(2)

    const mail = await scene.send({
      from: "inscriptions", recipients: [recipient!], sender: "",
      data: `Auto-Submitted: auto-replied\r\nPrecedence: junk\r\nX-Auto-Response-Suppress: All\r\n${decentMessage({ id: "{id}", from: away!, to: recipient! })}`,
    })

    await expect(mail).toHaveBeenKept(scene)
    expect(await scene.notices()).toEqual([])
    await expect(scene).toHaveStayedInside()
  })

test("a delivery notice of an application, and one about that notice, are kept",
  { meta: { requirements: ["CNF-07", "CNF-01"] } }, async ({ scene }) => {
    const [recipient] = scene.people(1)
    const notice = (subject: string): string =>
      `X-Recette-Id: {id}\r\nFrom: MAILER-DAEMON@${scene.domain}\r\nTo: ${recipient}\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\n`
      + "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nnon remis\r\n"
      + `--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; ${scene.domain}\r\n\r\nFinal-Recipient: rfc822; ${recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--`

    const bounce = await scene.send({ from: "notes", recipients: [recipient!], sender: "", data: notice("Undelivered Mail Returned to Sender") })
    const again = await scene.send({ from: "notes", recipients: [`MAILER-DAEMON@${scene.domain}`], sender: "", data: notice("Postmaster notify: see transcript") })

    await expect(bounce).toHaveBeenKept(scene)
    await expect(again).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("what a job hands to sendmail on the relay is kept, sub-address and command forms included",
  { meta: { requirements: ["CNF-09", "CNF-01"] } }, async ({ scene }) => {
    const recipients = [...scene.people(2, "ac-lyon.test"), `anne.${scene.token}+suite@${scene.domain}`, `|cat.${scene.token}`, `root.${scene.token}`]

    const mail = await scene.send({ from: "exploitation", recipients })

    await expect(mail).toHaveBeenKept(scene, recipients.length)
    await expect(scene).toHaveStayedInside()
  })

test("recipients that sendmail reads in the headers are kept, and the blind ones' header is taken off",
  { meta: { requirements: ["CNF-09", "CNF-01"] } }, async ({ scene, lab }) => {
    const [to, cc, bcc] = scene.people(3)
    const id = scene.nextId()
    const data = `X-Recette-Id: ${id}\nFrom: a.${scene.token}@${scene.domain}\nTo: ${to}\nCc: ${cc}\nBcc: ${bcc}\nSubject: ${id}\n\nBonjour\n`

    await lab.postfix.run(["sendmail", "-t", "-i"], { input: data })

    const mail = { id, from: "exploitation" as const, sender: "", accepted: [to!, cc!, bcc!], refused: [] }
    await expect(mail).toHaveBeenKept(scene, 3)
    expect((await scene.copies(mail)).filter(({ raw }) => /^Bcc:/im.test(headOf(raw)))).toEqual([])
    await expect(scene).toHaveStayedInside()
  })

test("a text of eight bits is kept as it was sent",
  { meta: { requirements: ["CNF-10"] } }, async ({ scene }) => {
    const text = Buffer.from("Évaluation des élèves : reçu, à vérifier – œuvre complète ✓").toString("latin1")

    const mail = await scene.send({
      from: "notes", recipients: scene.people(1), mailParameters: "BODY=8BITMIME",
      data: `X-Recette-Id: {id}\r\nFrom: a@${scene.domain}\r\nSubject: {id}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${text}`,
    })

    await expect(mail).toHaveBeenKept(scene)
    const [copy] = await scene.copies(mail)
    expect(copy!.raw.toString("latin1")).toContain(text)
    expect(headOf(copy!.raw)).toMatch(/^Content-Transfer-Encoding: 8bit/m)
  })

test("a message with accented addresses and headers (SMTPUTF8) is kept",
  { meta: { requirements: ["CNF-11", "CNF-01"] } }, async ({ scene }) => {
    const octets = (text: string): string => Buffer.from(text).toString("latin1")
    const recipients = [`jérôme.${scene.token}@académie.${scene.domain}`, `élève.${scene.token}@${scene.domain}`].map(octets)
    const sender = octets(`rédaction.${scene.token}@notés.${scene.domain}`)

    const mail = await scene.send({
      from: "notes", recipients, sender, mailParameters: "SMTPUTF8 BODY=8BITMIME",
      data: octets(`X-Recette-Id: {id}\r\nFrom: Rédaction <rédaction@notés.${scene.domain}>\r\nTo: jérôme@académie.${scene.domain}\r\nSubject: Évaluation\r\n\r\nReçu`),
    })

    await expect(mail).toHaveBeenKept(scene, 2)
    const [copy] = await scene.copies(mail)
    expect(copy!.raw.toString("utf8")).toContain("Subject: Évaluation")
    await expect(scene).toHaveStayedInside()
  })

test("accented mail that a job hands to sendmail is kept",
  { meta: { requirements: ["CNF-11", "CNF-09"] } }, async ({ scene }) => {
    const mail = await scene.send({
      from: "exploitation", recipients: [`jérôme.${scene.token}@académie.${scene.domain}`],
      data: `X-Recette-Id: {id}\r\nFrom: Rédaction <r@${scene.domain}>\r\nSubject: Évaluation\r\n\r\nReçu`,
    })

    await expect(mail).toHaveBeenKept(scene)
    expect((await scene.copies(mail))[0]!.raw.toString("utf8")).toContain("Subject: Évaluation")
    await expect(scene).toHaveStayedInside()
  })

test("lists, their commands and addresses of the other platforms are kept like any other",
  { meta: { requirements: ["CNF-17", "CNF-01"] } }, async ({ scene }) => {
    const recipients = [
      `ariel.${scene.token}@listes.education.test`, "sympa@listes.education.test", `ariel.${scene.token}-request@listes.education.test`,
      `ariel.${scene.token}-editor@listes.education.test`, "bounce+liste@listes.education.test", `ce.dsi.${scene.token}@education.test`,
      `syndicat.${scene.token}@listes.syndicales.test`,
    ]

    const mail = await scene.send({ from: "notes", recipients, body: `SUBSCRIBE ariel.${scene.token}\r\n` })

    await expect(mail).toHaveBeenKept(scene, recipients.length)
    await expect(scene).toHaveStayedInside()
  })

test("nothing is asked of the DNS about a recipient's or a sender's domain",
  { meta: { requirements: ["CNF-19"] } }, async ({ scene, lab }) => {
    const domains = [scene.domain, `un.${scene.domain}`, `deux.${scene.domain}`]

    const mail = await scene.send({ from: "bourses", recipients: domains.map((domain) => `anne@${domain}`) })
    await expect(mail).toHaveBeenKept(scene, 3)

    const asked = await Promise.all(domains.map(async (domain) => lab.dns.asked(domain, { sinceUs: scene.startedUs })))
    expect(asked.flat()).toEqual([])
  })

test("while hostile recipients are handed in, not one packet is turned back at the lab's border",
  { meta: { requirements: ["CNF-01"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const before = await packetsTurnedBack(lab.handle)

    const recipients = [`a@[198.51.100.25]`, `a@${scene.domain}`, `@relais.test:a@${scene.domain}`, `a%${scene.domain}@mx1.confinement.test`, "a@ac-lyon.test"]
    const mail = await scene.send({ from: "notes", recipients })
    await expect(mail).toHaveBeenKept(scene, recipients.length)

    expect(await packetsTurnedBack(lab.handle)).toBe(before)
  })

test("at this moment no server outside holds a message, or has turned one down",
  { meta: { requirements: ["CNF-01"] } }, async ({ scene, lab }) => {
    const mail = await scene.send({ from: "notes", recipients: scene.people(2, "ac-lyon.test") })
    await expect(mail).toHaveBeenKept(scene, 2)

    const { acceptedMessages, refused } = await lab.internet.counters()

    expect({ acceptedMessages, refused }).toEqual({ acceptedMessages: 0, refused: 0 })
  })
