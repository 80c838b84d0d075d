import type { ConfinedMail } from "./confined-application.ts"
import { expect, test } from "./confined-test.ts"

// An application in a loop. This suite begins once others have ended: for a minute, its server is held back.

test("an application that sends more than its share a minute is put off, and the others go on",
  { meta: { requirements: ["CNF-16"], mode: "exclusive" }, concurrent: false }, async ({ scene }) => {
    const perMinuteMax = await scene.bound("CNF-16", "minuteMessagesMax")
    const [recipient] = scene.people(1)
    const mails: ConfinedMail[] = []
    // Postfix counts from minute to minute: a new one may begin on the way.
    while (mails.length <= 2 * perMinuteMax && !mails.at(-1)?.refusal) mails.push(await scene.send({ from: "bourses", recipients: [recipient!] }))
    const other = await scene.send({ from: "notes", recipients: [recipient!] })

    const taken = mails.slice(0, -1)
    expect(mails.at(-1)!.refusal, `after ${mails.length} messages`).toMatchObject({ code: 450, enhanced: "4.7.1" })
    await expect(other).toHaveBeenKept(scene)
    for (const mail of taken) await expect(mail).toHaveBeenKept(scene)
    scene.observe(`${taken.length} taken within the minute`)
  })
