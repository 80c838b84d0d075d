import { ImapFlow } from "imapflow"
import { simpleParser, type ParsedMail } from "mailparser"
import type { Credentials } from "../lab/dovecot.ts"
import { eventually } from "../lab/eventually.ts"
import { ClaimFailed } from "./claim-failed.ts"
import type { Services } from "./services.ts"

/** A message read in a mailbox: parsed, and as it is. */
export interface ReadMail { parsed: ParsedMail; raw: string }

/** All messages of an account's inbox, read by IMAP over TLS, oldest first. */
export async function readInbox(services: Services, account: Credentials): Promise<ReadMail[]> {
  return withInbox(services, account, async (client) => messagesIn(client))
}

/**
 * The first message of an account's inbox for which `matches` is true; waits for it. `what` is a noun phrase that
 * becomes the error. Throws StillNotTrue after `withinMs`.
 */
export async function awaitMail(
  services: Services, account: Credentials, what: string,
  { matches, withinMs }: { matches: (mail: ReadMail) => boolean; withinMs: number },
): Promise<ReadMail> {
  return withInbox(services, account, async (client) => {
    let read = 0
    return eventually(`${account.address} has ${what}`, async () => {
      await client.noop()
      const fresh = await messagesIn(client, read + 1)
      read += fresh.length
      return fresh.find(matches)
    }, { withinMs, everyMs: 200 })
  })
}

/** The folders that an account's mail program is shown, and which of these `names` it can open all the same. */
export async function foldersOf(services: Services, account: Credentials, names: readonly string[]): Promise<{ folders: string[]; opened: string[] }> {
  return withInbox(services, account, async (client) => {
    const folders = (await client.list()).map(({ path }) => path)
    const opened: string[] = []
    for (const name of names) await client.mailboxOpen(name, { readOnly: true }).then(() => opened.push(name), () => undefined)
    return { folders, opened }
  })
}

/** Messages from that sequence number on: nothing is ever taken out of an inbox, so numbers stay. */
async function messagesIn(client: ImapFlow, first = 1): Promise<ReadMail[]> {
  const messages: ReadMail[] = []
  if (client.mailbox === false || client.mailbox.exists < first) return messages
  for await (const { source } of client.fetch(`${first}:*`, { source: true })) {
    if (source) messages.push({ parsed: await simpleParser(source), raw: source.toString("latin1") })
  }
  return messages
}

async function withInbox<T>(services: Services, account: Credentials, work: (client: ImapFlow) => Promise<T>): Promise<T> {
  const client = new ImapFlow(services.dovecot.imapFor(account))
  client.on("error", () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    // Throws a LabFailure where the server itself is gone.
    await services.dovecot.run(["/ready.sh"])
    throw new ClaimFailed(`The mailbox of ${account.address} cannot be opened: ${(cause as Error).message}`, { cause })
  }
  try {
    await client.mailboxOpen("INBOX", { readOnly: true })
    return await work(client)
  } finally {
    client.close()
  }
}
