import { platformEntrances } from "../lab/postfix.ts"
import type { SendOutcome } from "../lab/world/smtp-client.ts"
import type { Scene } from "./scene.ts"
import { decentMessage } from "./raw-message.ts"

export type PlatformName = keyof typeof platformEntrances

export interface HandedOver {
  to: readonly string[]
  /** The whole message, with the id in it; a decent one without it. */
  raw?: (id: string) => Buffer
  sender?: string
  /** Name of the academy whose server comes instead of the platform's own. */
  by?: string
}

/** Hands a message over at a platform's own entrance of antispam-alias, from the address of its server (the lab's internet). */
export async function handOver(
  scene: Scene, platform: PlatformName, { to, raw, by, sender = `liste-${scene.token}@listes-${scene.token}.test` }: HandedOver,
): Promise<{ id: string; outcome: SendOutcome }> {
  const { postfix, internet, academies } = scene.services
  const id = scene.nextId()
  const data = raw?.(id).toString("utf8") ?? decentMessage({ id, from: sender, to: to.join(", ") })
  const order = { host: postfix.node.hostname, port: platformEntrances[platform], sender, recipients: [...to], data }
  return { id, outcome: await (by === undefined ? internet.send(order) : academies.send({ ...order, from: by })) }
}
