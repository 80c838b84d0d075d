import { hostileRecipients } from "../fixtures/hostile-recipients.ts"
import { confinedDomain, type ConfinedMail } from "./confined-application.ts"
import type { ConfinedScene } from "./confined-scene.ts"
import { expect, test } from "./confined-test.ts"

// Sixty forms of a recipient, each in a message of its own: kept once in the tree of its application, and nowhere else.

test("sub-addresses and marks of all kinds are kept, and lead nowhere else",
  { meta: { requirements: ["CNF-04", "CNF-01"] } }, async ({ scene }) => {
    const mails = await sendEach(scene, "sub-addresses and marks")

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("source routes, percent signs and bang paths are kept, and lead nowhere else",
  { meta: { requirements: ["CNF-04", "CNF-01"] } }, async ({ scene }) => {
    const mails = await sendEach(scene, "routes and relays")

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("local parts with quotes, spaces and points are kept, and lead nowhere else",
  { meta: { requirements: ["CNF-04", "CNF-01"] } }, async ({ scene }) => {
    const mails = await sendEach(scene, "local parts")

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("recipients that look like commands and files are kept, and nothing is run or written",
  { meta: { requirements: ["CNF-04", "CNF-01"] } }, async ({ scene, lab }) => {
    const mails = await sendEach(scene, "commands and files")

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
    expect(await lab.postfix.run(["find", "/tmp", "-name", `*${scene.token}*`])).toBe("")
  })

test("domains of all kinds, literals and names that do not exist are kept, and lead nowhere else",
  { meta: { requirements: ["CNF-04", "CNF-01"] } }, async ({ scene }) => {
    const mails = await sendEach(scene, "domains")

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

test("the relay's own names, postmaster without a domain included, are kept in the tree of who wrote to them",
  { meta: { requirements: ["CNF-04", "CNF-03", "CNF-01"] } }, async ({ scene }) => {
    const mails = await sendEach(scene, "the relay's own names")

    for (const mail of mails) await expect(mail).toHaveBeenKept(scene)
    await expect(scene).toHaveStayedInside()
  })

/** One message for each form of a kind, by turns from an application with a login and from one known by its server. */
async function sendEach(scene: ConfinedScene, kind: keyof typeof hostileRecipients): Promise<ConfinedMail[]> {
  const names = { user: `anne.${scene.token}`, domain: scene.domain, relay: scene.services.postfix.node.hostname, own: confinedDomain }
  const mails: ConfinedMail[] = []
  for (const { write } of hostileRecipients[kind]) {
    mails.push(await scene.send({ from: "inscriptions", recipients: [write(names)] }))
  }
  return mails
}
