import { eventually } from "../lab/eventually.ts"
import type { ConfinedMail } from "./confined-application.ts"
import { expect, test } from "./confined-test.ts"

// Mailboxes that are down, and what an operator does meanwhile.

test("mail that waits for the mailboxes is kept once, however often its queue is flushed by hand",
  { meta: { requirements: ["CNF-18", "CNF-01"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    await lab.dovecot.stop()
    const mails: ConfinedMail[] = []
    for (const recipient of scene.people(4, "ac-lyon.test")) mails.push(await scene.send({ from: "bourses", recipients: [recipient] }))

    for (let turn = 0; turn < 3; turn += 1) await lab.postfix.flush()
    await eventually("all wait for the mailboxes", async () => (await lab.postfix.queue()).length === mails.length, { withinMs: 25_000 })
    await scene.mailboxesBack()
    await lab.postfix.flush()

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("a configuration that is read anew under traffic lets nothing out and loses nothing",
  { meta: { requirements: ["CNF-18", "CNF-01"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const mails: ConfinedMail[] = []
    for (const [index, recipient] of scene.people(9).entries()) {
      const [mail] = await Promise.all([
        scene.send({ from: index % 2 === 0 ? "notes" : "inscriptions", recipients: [recipient] }),
        ...index % 3 === 1 ? [lab.postfix.run(["postfix", "reload"])] : [],
      ])
      mails.push(mail)
    }

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })
