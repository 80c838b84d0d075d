import { createTransport } from "nodemailer"
import { setTimeout as pause } from "node:timers/promises"
import type { LabHandle } from "../lab/handle.ts"
import { StartedPostfixContainer } from "../lab/postfix.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"
import type { PreparedStream } from "./prepare.ts"

const lookEveryMs = 500

/**
 * Lets a moderator of each moderated list accept by mail what waits for them, as soon as it waits: a message counts as due
 * from when its author was to send it, so that the moderator's way is part of its time. Ends when all that was sent has been
 * accepted, or after `withinMs`: the ledger then finds the others lost.
 */
export async function acceptWhatWaits(
  handle: LabHandle, prepared: readonly PreparedStream[], { withinMs, say }: { withinMs: number; say: (line: string) => void },
): Promise<void> {
  const moderated = prepared.filter(({ moderator }) => moderator !== null)
  const due = moderated.reduce((total, { stream }) => total + stream.messages, 0)
  if (due === 0) return
  const sympa = new StartedSympaContainer(handle)
  const deadline = performance.now() + withinMs
  const accepted = new Set<string>()
  try {
    while (accepted.size < due && performance.now() < deadline) {
      const waiting = (await sympa.spools()).filter(({ spool, file }) => spool === "moderation" && !accepted.has(file))
      for (const { list, file } of waiting) {
        const stream = moderated.find(({ target }) => target === list)
        if (stream === undefined) continue
        await accept(handle, stream, keyOf(file))
        accepted.add(file)
      }
      if (waiting.length > 0) say(`${accepted.size} of ${due} messages accepted by a moderator`)
      if (accepted.size < due) await pause(lookEveryMs)
    }
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

/** `<list>@<domain>_<key>` (Sympa::Spool::Moderation). */
function keyOf(file: string): string {
  return file.slice(file.lastIndexOf("_") + 1)
}
