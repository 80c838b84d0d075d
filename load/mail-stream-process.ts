import { academies } from "../fixtures/academies.ts"
import { sendStream, type StreamedMessage, type StreamOrder } from "./mail-stream.ts"

// A stream in a process of its own, so that what it costs can be told from what its server costs.

export type StreamProcessOrder = Omit<StreamOrder, "recipient">
export interface StreamOutcome { sent: StreamedMessage[]; cpuMs: number }

/** Address of the person in a place of the audience. */
export function agent(place: number): string {
  return `prenom.nom${place}@${academies[place % academies.length]!.domain}`
}

if (import.meta.main) {
  process.once("message", (order: StreamProcessOrder) => {
    void sendStream({ ...order, recipient: agent }).then((sent) => {
      const { user, system } = process.cpuUsage()
      process.send!({ sent, cpuMs: (user + system) / 1_000 } satisfies StreamOutcome, () => process.exit(0))
    })
  })
}
