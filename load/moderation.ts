import { createTransport } from "nodemailer"
import type { LabHandle } from "../lab/handle.ts"
import { StartedPostfixContainer } from "../lab/postfix.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import type { PreparedStream } from "./prepare.ts"

/**
 * Lets a moderator of each moderated list accept by mail what is held for them, and says how many messages that were. For a
 * platform that has drained: what its lists hold then waits for a moderator and for nothing else. A message counts as due from
 * when its author was to send it, so that the moderator's way is part of its time.
 */
export async function acceptWhatWaits(handle: LabHandle, prepared: readonly PreparedStream[]): Promise<number> {
  const sympa = new StartedSympaContainer(handle)
  try {
    const held = (await sympa.spools()).filter(({ spool }) => spool === "moderation").flatMap(({ list, file }) => {
      const stream = prepared.find(({ target, moderator }) => moderator !== null && target === list)
      return stream ? [{ stream, key: keyOf(file) }] : []
    })
    for (const { stream, key } of held) await accept(handle, stream, key)
    return held.length
  } finally {
    await sympa.close()
  }
}

async function accept(handle: LabHandle, { target, moderator }: PreparedStream, key: string): Promise<void> {
  const [name, domain] = target.split("@")
  const transport = createTransport(new StartedPostfixContainer(handle).submissionFor(moderator!))
  await transport.sendMail({
    from: moderator!.address, to: `sympa@${domain}`, subject: "commande", text: `DISTRIBUTE ${name} ${key}\n`,
  })
  transport.close()
}

/** The key of a held message, from its file: `<list>@<domain>_<key>` (Sympa::Spool::Moderation). */
export function keyOf(file: string): string {
  return file.slice(file.lastIndexOf("_") + 1)
}
