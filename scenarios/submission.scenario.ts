import { copiesOf } from "./copies.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"

// Who may hand over a message, and how: relaying, TLS and login.

const plain = ({ address, password }: { address: string; password: string }) =>
  Buffer.from(`\0${address}\0${password}`).toString("base64")

test("a stranger gets nothing relayed, whatever the form of the address",
  { meta: { requirements: ["ROU-02"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    const [agent] = scene.people("ac-dijon.test")
    const target = scene.stranger()
    const [user, domain] = target.split("@")
    const forms = [
      target, agent!.address, `${user}%${domain}@education.test`, `@education.test:${target}`, `"${target}"@education.test`,
      `${domain}!${user}@education.test`, `${user}@[${lab.internet.node.address}]`, `${user}@${scene.token}.education.test`,
      `${user}%${domain}@${lab.postfix.node.hostname}`, `"${target}"@listes.education.test`,
    ]

    for (const sender of [scene.stranger(), owner.address, agent!.address]) {
      const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
      await dialog.say("EHLO client.internet.test")
      for (const form of forms) {
        await dialog.say(`MAIL FROM:<${sender}>`)
        const reply = await dialog.say(`RCPT TO:<${form}>`)
        expect(reply.code, `RCPT TO:<${form}> from <${sender}>: ${reply.text}`).toBeGreaterThanOrEqual(400)
        await dialog.say("RSET")
      }
      dialog.close()
    }
    await scene.settle([target, agent!.address])
    await expect(scene).toHaveTouchedNobodyBut([])
  })

test("the null sender relays nothing either, and an account does",
  { meta: { requirements: ["ROU-02"] } }, async ({ scene, lab }) => {
    const account = await scene.office("ce.dgrh")
    const [target, agent] = [scene.stranger(), scene.people("ac-nantes.test")[0]!.address]
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
    await dialog.say("EHLO client.internet.test")
    await dialog.say("MAIL FROM:<>")
    const notices = [await dialog.say(`RCPT TO:<${target}>`), await dialog.say(`RCPT TO:<${agent}>`)]
    dialog.close()

    const allowed = await scene.send({ from: account, to: [target, agent] })

    expect(notices.map(({ code }) => code)).toEqual([554, 554])
    await expect(allowed).toHaveReachedExactly(scene, [target, agent])
    await expect(scene).toHaveTouchedNobodyBut([target, agent])
  })

test("VRFY and EXPN tell nothing of who exists",
  { meta: { requirements: ["SEC-21"] } }, async ({ scene, lab }) => {
    const account = await scene.office("ce.securite")
    const list = lab.hasLists ? [(await scene.list("info-personnels", { subscribed: scene.people("ac-nantes.test", 2) })).address] : []
    const known = [account.address, account.address.split("@")[0]!, ...list, "postmaster@education.test", "root"]
    const dialogs = [await SmtpDialog.open(lab.postfix.smtpFor()), await SmtpDialog.asAccount(lab.postfix.submissionFor(account))]

    for (const dialog of dialogs) {
      await dialog.say("EHLO client.internet.test")
      const answers = async (address: string) => [await dialog.say(`VRFY ${address}`), await dialog.say(`EXPN ${address}`)]
      const unknown = await answers(`personne-${scene.token}@education.test`)
      const all = [...unknown]
      for (const address of known) all.push(...await answers(address))
      const named = await dialog.say("NOOP")
      dialog.close()

      for (const { code } of all) expect(code).toBeGreaterThanOrEqual(500)
      expect(new Set(all.map(({ code, text }) => `${code} ${text}`)).size, "one answer a command, whoever is asked for").toBeLessThanOrEqual(2)
      expect(named.code, "the session goes on").toBe(250)
    }
  })

test("an academy's server gets nothing relayed either",
  { meta: { requirements: ["ROU-02"] } }, async ({ scene, lab }) => {
    const [agent] = scene.people("ac-besancon.test")
    const target = scene.stranger()
    const id = scene.nextId()

    const outcome = await lab.academies.send({
      from: "ac-besancon.test", host: lab.postfix.node.hostname, sender: agent!.address, recipients: [target],
      data: `X-Recette-Id: ${id}\nFrom: ${agent!.address}\nTo: ${target}\nSubject: ${id}\n\nBonjour ${id}\n`,
    })

    expect(outcome.accepted).toEqual([])
    expect(outcome.refused.map(({ code }) => code >= 500)).toEqual([true])
    await scene.settle([target])
    await expect(scene).toHaveTouchedNobodyBut([])
  })

test("submission takes neither a password nor a message before TLS",
  { meta: { requirements: ["ROU-05"] } }, async ({ scene, lab }) => {
    const account = await scene.office("ce.cabinet")
    const [agent] = scene.people("ac-nice.test")
    const dialog = await SmtpDialog.open(lab.postfix.endpointFor("submission"))

    const offer = await dialog.say("EHLO client.internet.test")
    const login = await dialog.say(`AUTH PLAIN ${plain(account)}`)
    const from = await dialog.say(`MAIL FROM:<${account.address}>`)
    const to = await dialog.say(`RCPT TO:<${agent!.address}>`)
    dialog.close()

    expect(offer.text).toContain("STARTTLS")
    expect(offer.text).not.toContain("AUTH")
    expect([login.code, from.code, to.code].filter((code) => code < 500)).toEqual([])
    const overTls = await scene.send({ from: account, to: [agent!.address] })
    expect(overTls).toHaveBeenTaken()
    await expect(overTls).toHaveReachedExactly(scene, [agent!.address])
    await expect(scene).toHaveTouchedNobodyBut([agent!.address])
  })

test("submission takes nothing without a login, not even for a mailbox of its own",
  { meta: { requirements: ["ROU-06"] } }, async ({ scene, lab }) => {
    const account = await scene.office("ce.dgrh")
    const [agent] = scene.people("ac-lyon.test")
    const dialog = await SmtpDialog.open(lab.postfix.endpointFor("submission"))
    await dialog.say("EHLO client.internet.test")
    await dialog.say("STARTTLS")
    expect(await dialog.startTls(lab.postfix.smtpFor().tls)).toBeUndefined()
    await dialog.say("EHLO client.internet.test")

    for (const recipient of [agent!.address, account.address]) {
      const from = await dialog.say(`MAIL FROM:<${account.address}>`)
      const to = await dialog.say(`RCPT TO:<${recipient}>`)
      expect(Math.max(from.code, to.code), `${from.text}; ${to.text}`).toBeGreaterThanOrEqual(500)
      await dialog.say("RSET")
    }
    dialog.close()

    await scene.settle([agent!.address])
    await expect(scene).toHaveTouchedNobodyBut([])
  })

test("a wrong password and an unknown account are refused",
  { meta: { requirements: ["ROU-08"] } }, async ({ scene }) => {
    const account = await scene.office("ce.elections")
    const [agent] = scene.people("ac-strasbourg.test")
    const impostors = [
      { ...account, password: `${account.password}x` }, { ...account, password: "motdepasse" },
      { address: scene.address("personne"), password: account.password },
    ]

    const mails = await Promise.all(impostors.map((from) => scene.send({ from, to: [agent!.address] })))

    for (const mail of mails) expect(mail).toHaveBeenRefused({ code: 535 })
    const mail = await scene.send({ from: account, to: [agent!.address] })
    await expect(mail).toHaveReachedExactly(scene, [agent!.address])
    await expect(scene).toHaveTouchedNobodyBut([agent!.address])
  })

test("an account writes as itself and as what it was granted, and as nobody else",
  { meta: { requirements: ["ROU-07"] } }, async ({ scene, lab }) => {
    const [account, colleague] = await Promise.all([scene.office("ce.messagerie"), scene.office("ce.securite")])
    const [agent] = scene.people("ac-toulouse.test")
    const granted = scene.address("communication")
    await lab.mariadb.createAlias(granted, account.address)
    await lab.mariadb.allowSender(granted, account.address)
    const send = (sender: string) => scene.send({ from: account, sender, to: [agent!.address] })

    const taken = await Promise.all([send(account.address), send(granted)])
    const refused = await Promise.all(
      [colleague.address, scene.stranger(), agent!.address, scene.address("personne")].map(send))

    for (const mail of refused) expect(mail).toHaveBeenRefused()
    for (const mail of taken) await expect(mail).toHaveReachedExactly(scene, [agent!.address])
    expect((await copiesOf(lab, taken[1]!.id)).map((copy) => copy.sender)).toEqual([granted])
    await expect(scene).toHaveTouchedNobodyBut([agent!.address])
  })

test("port 25 takes no password, in clear or over TLS",
  { meta: { requirements: ["ROU-24"] } }, async ({ scene, lab }) => {
    const account = await scene.office("ce.dgesco")
    const target = scene.stranger()
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())

    const inClear = [await dialog.say("EHLO client.internet.test"), await dialog.say(`AUTH PLAIN ${plain(account)}`)]
    await dialog.say("STARTTLS")
    expect(await dialog.startTls(lab.postfix.smtpFor().tls)).toBeUndefined()
    const overTls = [await dialog.say("EHLO client.internet.test"), await dialog.say(`AUTH PLAIN ${plain(account)}`)]
    await dialog.say(`MAIL FROM:<${account.address}>`)
    const relayed = await dialog.say(`RCPT TO:<${target}>`)
    dialog.close()

    for (const [offer, login] of [inClear, overTls]) {
      expect(offer!.text).not.toMatch(/^AUTH/m)
      expect(login!.code, login!.text).toBeGreaterThanOrEqual(500)
    }
    expect(relayed.code, relayed.text).toBeGreaterThanOrEqual(500)
  })

test("the edge offers TLS on port 25 with a certificate in its name, to those who want it",
  { meta: { requirements: ["ROU-23"] } }, async ({ lab }) => {
    const dialog = await SmtpDialog.open(lab.postfix.smtpFor())

    const offer = await dialog.say("EHLO client.internet.test")
    const ready = await dialog.say("STARTTLS")
    const wrong = await dialog.startTls(lab.postfix.smtpFor().tls)
    const hello = wrong ?? await dialog.say("EHLO client.internet.test")
    dialog.close()

    expect(offer.text).toMatch(/^STARTTLS$/m)
    expect(ready.code).toBe(220)
    expect(wrong, "the certificate is verified, and its name too").toBeUndefined()
    expect(hello).toMatchObject({ code: 250 })
  })

test("submission refuses TLS older than 1.2",
  { meta: { requirements: ["ROU-29"] } }, async ({ lab }) => {
    const handshake = async (version: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => {
      const dialog = await SmtpDialog.open(lab.postfix.endpointFor("submission"))
      await dialog.say("EHLO client.internet.test")
      await dialog.say("STARTTLS")
      const wrong = await dialog.startTls({
        ...lab.postfix.smtpFor().tls, minVersion: version, maxVersion: version, ciphers: "DEFAULT:@SECLEVEL=0",
      })
      dialog.close()
      return wrong
    }

    const [old, older, good, best] = await Promise.all(
      (["TLSv1.1", "TLSv1", "TLSv1.2", "TLSv1.3"] as const).map(handshake))

    expect(old, "TLS 1.1").toBeInstanceOf(Error)
    expect(older, "TLS 1.0").toBeInstanceOf(Error)
    expect([good, best]).toEqual([undefined, undefined])
  })
