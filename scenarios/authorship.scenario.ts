import { eventually } from "../lab/eventually.ts"
import { copiesOf, copiesOutside } from "./copies.ts"
import { deliveryMsMax, listDomain } from "./scene.ts"
import { SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// Lists that demand a proof of who wrote: a name in From is none.

const unsigned = (written: string) => written.replace(/^DKIM-Signature:.*\r\n(?:[ \t].*\r\n)*/im, "")

test("a list that demands a proof of its author distributes what he signs or confirms, and nothing that merely bears his name",
  { meta: { requirements: ["SEC-30"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-rennes.test", 2).map(({ address }) => address)
    const domain = await SendingDomain.make(scene, "auteur", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=none", signs: true })
    const list = await scene.list("info-personnels", {
      owners: [domain.author], send: "auteurs_signes", subscribed: members.map((address) => ({ address })),
    })

    // Out of the author's own server: address and domain are right, and a colleague's message passes SPF like his.
    const forged = await domain.send({ to: [list.address], sender: `stagiaire@${domain.name}`, tamper: unsigned })
    const own = await domain.send({ to: [list.address] })
    const answer = await eventually(`${own.id} is distributed, or its author is asked`, async () => {
      if ((await copiesOutside(lab, own.id)).length > 0) return { key: null }
      const asked = await lab.internet.acceptances({ recipient: domain.author, sinceUs: scene.startedUs })
      return requestIn(await Promise.all(asked.map(async ({ transaction }) => lab.internet.message(transaction))), own.id)
    }, { withinMs: deliveryMsMax })
    if (answer.key !== null) await domain.send({ to: [`sympa@${listDomain}`], subject: `CONFIRM ${answer.key}` })

    expect([forged, own].map(({ outcome }) => outcome.accepted), "both reach the list engine").toEqual([[list.address], [list.address]])
    await scene.awaitCopies(own.id, members)
    expect((await copiesOf(lab, own.id)).map(({ recipient }) => recipient).sort()).toEqual([...members].sort())
    expect((await copiesOf(lab, forged.id)).map(({ recipient }) => recipient), "copies of what bears his name").toEqual([])
  })

/** The key of the request to confirm the message with that id. */
function requestIn(messages: readonly Buffer[], id: string): { key: string } | undefined {
  const texts = messages.map((raw) => raw.toString("latin1").replaceAll(/=\r?\n/g, ""))
  const text = texts.find((one) => new RegExp(`${id}\\b`).test(one))
  const key = /CONFIRM(?:\s|=20|%20)+([0-9a-f]{32})/.exec(text ?? "")?.[1]
  return key === undefined ? undefined : { key }
}
