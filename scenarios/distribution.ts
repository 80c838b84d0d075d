import type { Person } from "../fixtures/people.ts"
import type { Copy } from "./copies.ts"
import { copiesOf } from "./copies.ts"
import type { Mail } from "./letter.ts"
import type { SceneList } from "./scene-list.ts"
import type { Scene } from "./scene.ts"

/** One message that one list has distributed to members of every kind, and every copy that there is of it. */
export interface Distribution {
  list: SceneList
  mail: Mail
  /** From the staff database only, by hand only, and by both ways. */
  included: readonly Person[]
  byHand: readonly { address: string }[]
  both: readonly Person[]
  copies: readonly Copy[]
  attachment: Buffer
}

/**
 * Makes a list and distributes one message. Several scenarios read different claims off the same copies, since making
 * a list and waiting for its distribution is by far the dearest thing here; none of them changes anything.
 */
export async function distribute(scene: Scene): Promise<Distribution> {
  const included = [...scene.people("ac-lyon.test", 3), ...scene.people("ac-nantes.test", 2)]
  const both = scene.people("ac-normandie.test", 2)
  const elsewhere = { address: scene.stranger() }
  const mailbox = await scene.office("ce.securite")
  const agent = scene.people("ac-lille.test")[0]!
  const list = await scene.list("info-personnels", { included: [...included, ...both], subscribed: [...both, agent, elsewhere] })
  await list.addByHand(mailbox.address)
  const attachment = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 31) % 256))
  const mail = await scene.send({
    from: list.owner, to: [list.address], text: textOf(scene),
    attachments: [{ filename: "décret.pdf", content: attachment, contentType: "application/pdf" }],
  })
  await scene.awaitCopies(mail.id, [...list.members])
  await scene.settle([...list.members, list.address])
  const copies = await copiesOf(scene.services, mail.id)
  return { list, mail, included, byHand: [agent, elsewhere, mailbox], both, copies, attachment }
}

/** A text with what is damaged most easily: accents, leading dots, a line that begins with From. */
function textOf(scene: Scene): string {
  return `L'été, où ça ? Œuvre n° 5, ${scene.token}.\n.\n..point\nFrom ici\n${"z".repeat(500)}\n`
}
