import type { Services } from "./services.ts"

/** One copy of a message, as it is held outside the platform or in one of its mailboxes. */
export interface Copy {
  /** Envelope recipient, or the address of the mailbox. */
  recipient: string
  /** The server that took it, or `mailbox`. */
  place: string
  /** Envelope sender; unknown for a mailbox. */
  sender?: string
  raw: () => Promise<Buffer>
}

/** Every copy, wherever it is, of the message with this `X-Recette-Id` in its own header. */
export async function copiesOf(services: Services, id: string): Promise<Copy[]> {
  return (await Promise.all([copiesOutside(services, id), copiesInMailboxes(services, id)])).flat()
}

/** Copies that the academies' servers and the internet's took. */
export async function copiesOutside({ academies, internet }: Services, id: string): Promise<Copy[]> {
  const nodes = await Promise.all([academies, internet].map(async (node) => (await node.copiesOf(id)).map((row): Copy => ({
    recipient: row.recipient, place: row.server, sender: row.sender, raw: () => node.message(row.transaction),
  }))))
  return nodes.flat()
}

/** Copies in any folder of any mailbox. */
export async function copiesInMailboxes({ dovecot }: Services, id: string): Promise<Copy[]> {
  return (await dovecot.copiesOf(id)).map(({ address, raw }) =>
    ({ recipient: address, place: "mailbox", raw: async () => raw }))
}

/**
 * Everybody who got anything that has to do with `token` since `sinceUs` (microseconds since the epoch), whatever it is:
 * as sender or recipient, in the id, or anywhere in the text of a message without id (a notice, a copy for somebody).
 */
export async function recipientsOfAnything(services: Services, token: string, sinceUs: number): Promise<string[]> {
  const { academies, internet, dovecot } = services
  const outside = [academies, internet].map(async (node) => {
    const rows = await node.acceptances({ sinceUs })
    const belongs = await Promise.all(rows.map(async (row) =>
      [row.id, row.sender, row.recipient, row.messageId].some((field) => field?.includes(token))
      || (row.id === null && (await node.message(row.transaction)).includes(token))))
    return rows.filter((_, index) => belongs[index]).map(({ recipient }) => recipient)
  })
  const mailboxes = (await dovecot.messagesWith(token)).map(({ address }) => address)
  return [...new Set([...(await Promise.all(outside)).flat(), ...mailboxes])].sort()
}
