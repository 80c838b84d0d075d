import { treeOf } from "./confined-application.ts"
import { expect, test } from "./confined-test.ts"
import { eventually } from "../lab/eventually.ts"

// What the platform itself writes: it stays inside, for the team of CONFINEMENT.

test("a delivery notice that an application asks for stays inside, whatever its sender",
  { meta: { requirements: ["CNF-08", "CNF-01"] } }, async ({ scene }) => {
    const [sender, recipient] = scene.people(2, "ac-lyon.test")

    const mail = await scene.send({ from: "notes", sender: sender!, recipients: [recipient!], recipientParameters: "NOTIFY=SUCCESS,FAILURE,DELAY" })

    await expect(mail).toHaveBeenKept(scene)
    const notices = await eventually("the notice is kept", async () => {
      const found = await scene.notices()
      return found.length > 0 && found
    }, { withinMs: 25_000, everyMs: 300 })
    expect(notices.map(({ address }) => address)).toEqual(notices.map(() => treeOf("avis")))
    await expect(scene).toHaveStayedInside()
  })

test("mail that is given up, and the bounce of a bounce, become notices that stay inside",
  { meta: { requirements: ["CNF-08", "CNF-01"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const [sender, recipient] = scene.people(2, "ac-lyon.test")
    await lab.dovecot.stop()
    await scene.send({ from: "bourses", sender: sender!, recipients: [recipient!] })
    await scene.send({ from: "bourses", sender: "", recipients: [recipient!] })
    await eventually("both wait for the mailboxes", async () =>
      (await lab.postfix.queue()).filter(({ recipients }) => recipients.some(({ address }) => address === treeOf("bourses"))).length === 2,
    { withinMs: 25_000 })

    await lab.postfix.run(["postsuper", "-e", "ALL"])
    await lab.postfix.flush()
    await eventually("both are given up", async () =>
      (await lab.postfix.queue()).every(({ recipients }) => recipients.every(({ address }) => address === treeOf("avis"))), { withinMs: 25_000 })
    await scene.mailboxesBack()
    await scene.drain()

    const notices = await scene.notices()
    expect(notices.map(({ address }) => address)).toEqual([treeOf("avis"), treeOf("avis")])
    await expect(scene).toHaveStayedInside()
  })
