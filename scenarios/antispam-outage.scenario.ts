import { eventually } from "../lab/eventually.ts"
import type { StartedInsideContainer } from "../lab/inside-container.ts"
import { copiesOf } from "./copies.ts"
import { deliveryMsMax, type Scene } from "./scene.ts"
import { expect, test } from "./test.ts"
import { whileDown } from "./while-down.ts"

// The antispam, or its virus scanner, is down or answers nothing: nothing enters or leaves unseen, and nothing is lost.

/** A stranger's and an account's message, each put off with 451 and taken when it comes again, once. */
async function putOff(scene: Scene, component: StartedInsideContainer, how: "stopped" | "frozen"): Promise<void> {
  const owner = await scene.office("ce.messagerie")
  const target = scene.stranger()
  const letters = [{ from: scene.stranger(), to: [owner.address] }, { from: owner, to: [target] }]
  const [down, up] = how === "stopped"
    ? [() => component.stop(), () => component.startAgain()] : [() => component.pause(), () => component.resume()]

  const mails = await whileDown(down, up, () => Promise.all(letters.map((letter) => scene.send(letter))))
  const meanwhile = await Promise.all(mails.map(({ id }) => copiesOf(scene.services, id)))
  const again = await Promise.all(letters.map((letter) => scene.send(letter)))

  for (const mail of mails) expect(mail).toHaveBeenPutOff()
  expect(meanwhile.flat()).toEqual([])
  await expect(again[0]).toHaveReachedExactly(scene, [owner.address])
  await expect(again[1]).toHaveReachedExactly(scene, [target])
  for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [])
}

test("mail is put off while the antispam is down, and taken once it is back",
  { meta: { requirements: ["SPM-12"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    await putOff(scene, lab.rspamd, "stopped")
  })

test("a list's copies wait while the antispam is down, and arrive once each when it is back",
  { meta: { requirements: ["SPM-12"], mode: "exclusive", needs: ["sympa"] }, concurrent: false }, async ({ scene, lab }) => {
    const members = scene.people("ac-orleans-tours.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })
    const author = list.owner

    // The post passes the edge, and waits there for the frozen list engine until the antispam is down for sure.
    const mail = await whileDown(() => lab.sympa.pause(), () => lab.sympa.resume(), async () => {
      const post = await scene.send({ from: author, to: [list.address] })
      await lab.rspamd.stop()
      return post
    })
    await eventually("the list engine's copies wait in its queue", async () => {
      const waiting = (await lab.sympa.queue()).flatMap(({ recipients }) => recipients.filter(({ delayReason }) => delayReason !== undefined))
      return members.every(({ address }) => waiting.some((recipient) => recipient.address === address))
    }, { withinMs: deliveryMsMax }).finally(() => lab.rspamd.startAgain())

    await expect(mail).toHaveReachedExactly(scene, members.map(({ address }) => address))
    expect(await scene.reads(author)).toEqual([])
  })

test("mail is put off while the antispam takes connections and answers nothing",
  { meta: { requirements: ["SPM-13"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    await putOff(scene, lab.rspamd, "frozen")
  })

test("mail is put off while the virus scanner is down",
  { meta: { requirements: ["SPM-14"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    await putOff(scene, lab.clamav, "stopped")
  })

test("mail is put off while the virus scanner takes connections and answers nothing",
  { meta: { requirements: ["SPM-14"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    await putOff(scene, lab.clamav, "frozen")
  })
