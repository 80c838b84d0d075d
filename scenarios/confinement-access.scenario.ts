import { ClaimFailed } from "./claim-failed.ts"
import { handIn, inDialog, login, treeOf } from "./confined-application.ts"
import { expect, test } from "./confined-test.ts"
import { decentMessage } from "./raw-message.ts"
import { SmtpDialog } from "./smtp-dialog.ts"

// Who hands in mail, and who reads it, tidies it up, and for how long it is kept.

test("two members of a team see the same tree, marks included",
  { meta: { requirements: ["CNF-12"] } }, async ({ scene }) => {
    const mail = await scene.send({ from: "notes", recipients: scene.people(1) })
    await expect(mail).toHaveBeenKept(scene)

    const [uid] = await scene.found(scene.member("notes", 1), mail)
    await scene.reading(scene.member("notes", 1), async (client) => client.messageFlagsAdd(String(uid), ["\\Flagged"], { uid: true }))

    const flags = await scene.reading(scene.member("notes", 2), async (client) =>
      [...((await client.fetchOne(String(uid), { flags: true }, { uid: true })) || { flags: [] as string[] }).flags ?? []])
    expect(flags).toContain("\\Flagged")
  })

test("a member of another team finds nothing of it, in any folder",
  { meta: { requirements: ["CNF-12"] } }, async ({ scene }) => {
    const mail = await scene.send({ from: "notes", recipients: scene.people(1) })
    await expect(mail).toHaveBeenKept(scene)

    const folders = await scene.reading(scene.member("inscriptions"), async (client) => (await client.list()).map(({ path }) => path))

    expect(folders.filter((path) => /notes|bourses|exploitation|avis/.test(path))).toEqual([])
    expect(await scene.found(scene.member("inscriptions"), mail)).toEqual([])
  })

test("a wrong password opens no tree, nor does another team's",
  { meta: { requirements: ["CNF-12"] } }, async ({ scene }) => {
    const { address } = scene.member("notes")
    const { password } = scene.member("inscriptions")

    const attempts = [`${password}x`, password, ""].map(async (wrong) => scene.reading({ address, password: wrong }, async () => "open")
      .catch((error: unknown) => error instanceof ClaimFailed ? "refused" : Promise.reject(error as Error)))

    expect(await Promise.all(attempts)).toEqual(["refused", "refused", "refused"])
  })

test("what a member takes out is gone for the whole team, and no other tree loses anything",
  { meta: { requirements: ["CNF-14"] } }, async ({ scene }) => {
    const recipients = scene.people(1)
    const removed = await scene.send({ from: "notes", recipients })
    const kept = await scene.send({ from: "notes", recipients })
    const others = await scene.send({ from: "inscriptions", recipients })
    for (const mail of [removed, kept, others]) await expect(mail).toHaveBeenKept(scene)

    const uids = await scene.found(scene.member("notes", 1), removed)
    await scene.reading(scene.member("notes", 1), async (client) => client.messageDelete(uids.map(String).join(","), { uid: true }))

    expect(await scene.found(scene.member("notes", 2), removed)).toEqual([])
    expect(await scene.found(scene.member("notes", 2), kept)).toHaveLength(1)
    expect(await scene.found(scene.member("inscriptions"), others)).toHaveLength(1)
  })

test("what is older than the time of keeping is removed in every folder, and what is a day younger stays",
  { meta: { requirements: ["CNF-13"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const days = await scene.bound("CNF-13", "retentionDays")
    const placed = [
      { reader: scene.member("notes"), folder: "INBOX", age: days + 1 }, { reader: scene.member("notes"), folder: "Trash", age: days + 1 },
      { reader: scene.member("bourses"), folder: "INBOX", age: days + 1 }, { reader: scene.member("notes"), folder: "INBOX", age: days - 1 },
    ].map((one) => ({ ...one, id: scene.nextId() }))
    for (const { reader, folder, age, id } of placed) {
      // With its date of arrival: a file that is only made older may have that date in Dovecot's cache already.
      const arrived = new Date(Date.now() - age * 86_400_000)
      await scene.reading(reader, async (client) => client.append(folder, decentMessage({ id, from: "a@b.test", to: "c@d.test" }), [], arrived))
    }

    await lab.dovecot.run(["/etc/dovecot/retention"])

    const left = await Promise.all(placed.map(async ({ id }) => (await scene.copies({ id })).length))
    expect(left).toEqual([0, 0, 0, 1])
  })

test("a server that is no application's is refused, for postmaster too",
  { meta: { requirements: ["CNF-15", "CNF-01"] } }, async ({ scene, lab }) => {
    const recipients = [...scene.people(1), "postmaster", `notes@${"confinement.test"}`]
    const replies = await Promise.all(recipients.map(async (recipient) => {
      const dialog = await SmtpDialog.open(lab.postfix.smtpFor())
      await dialog.say("EHLO client.internet.test")
      const id = scene.nextId()
      const mail = await inDialog(dialog, id, {
        from: "notes", sender: scene.people(1)[0]!, recipients: [recipient], data: decentMessage({ id, from: scene.people(1)[0]!, to: recipient }),
      })
      dialog.close()
      return { id, codes: [...mail.refused.map(({ reply }) => reply.code), ...mail.refusal ? [mail.refusal.code] : []] }
    }))

    expect(replies.map(({ codes }) => codes)).toEqual([[554], [554], [554]])
    await scene.drain()
    for (const { id } of replies) expect(await scene.copies({ id })).toEqual([])
  })

test("an application whose login leads to no tree is refused",
  { meta: { requirements: ["CNF-15"] } }, async ({ scene, lab }) => {
    const account = login(lab, "sans-arbre", "application-sans-arbre")
    const dialog = await SmtpDialog.asAccount(lab.postfix.submissionFor(account))
    const id = scene.nextId()

    const mail = await inDialog(dialog, id, {
      from: "notes", sender: treeOf("sans-arbre"), recipients: scene.people(1), data: decentMessage({ id, from: treeOf("sans-arbre"), to: "a@b.test" }),
    })
    dialog.close()

    expect(mail.accepted).toEqual([])
    expect(mail.refused.map(({ reply }) => reply.code)).toEqual([554])
    await scene.drain()
    expect(await scene.copies({ id })).toEqual([])
  })

test("submission on CONFINEMENT takes neither login nor message before TLS",
  { meta: { requirements: ["CNF-20"] } }, async ({ scene, lab }) => {
    const { host, port, auth } = lab.postfix.submissionFor(login(lab, "notes", "application-notes"))
    const dialog = await SmtpDialog.open({ host, port })
    const hello = await dialog.say("EHLO client.internet.test")

    const attempt = await dialog.say(`AUTH PLAIN ${Buffer.from(`\0${auth.user}\0${auth.pass}`).toString("base64")}`)
    const mail = await dialog.say(`MAIL FROM:<${scene.people(1)[0]}>`)
    dialog.close()

    expect(hello.text).not.toMatch(/\bAUTH\b/)
    expect([attempt.code, mail.code]).toEqual([530, 530])
  })

test("an application with a wrong password hands in nothing",
  { meta: { requirements: ["CNF-20"] } }, async ({ scene, lab }) => {
    const right = login(lab, "notes", "application-notes")

    const refused = await SmtpDialog.asAccount(lab.postfix.submissionFor({ ...right, password: `${right.password}x` }))
      .then(() => "taken", (error: unknown) => error instanceof ClaimFailed ? error.message : Promise.reject(error as Error))

    expect(refused).toContain("is refused: 535")
    const id = scene.nextId()
    const mail = await handIn(lab, id, { from: "notes", sender: right.address, recipients: scene.people(1), data: decentMessage({ id, from: right.address, to: "a@b.test" }) })
    await expect(mail).toHaveBeenKept(scene)
  })
