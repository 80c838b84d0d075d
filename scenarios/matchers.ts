import { expect } from "vitest"
import { claim, missedWait } from "./claims.ts"
import { copiesOf, recipientsOfAnything, type Copy } from "./copies.ts"
import type { Mail } from "./letter.ts"
import { Scene } from "./scene.ts"
import type { Reply } from "./smtp-dialog.ts"

declare module "vitest" {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /**
     * `await expect(mail).toHaveReachedExactly(scene, addresses)`: once everything has settled (Scene.settle), the
     * academies, the internet and all mailboxes together hold one copy for each of these addresses, and no other.
     */
    toHaveReachedExactly(scene: Scene, addresses: readonly string[]): Promise<void>
    /** `await expect(scene).toHaveTouchedNobodyBut(addresses)`: nobody else got anything of this scenario, of any kind. */
    toHaveTouchedNobodyBut(addresses: readonly string[]): Promise<void>
    /** Every recipient was accepted, and the message too. */
    toHaveBeenTaken(): R
    /** Nothing of it was accepted; with `code` and `enhanced`, every reply that says so has them. */
    toHaveBeenRefused(expected?: Partial<Pick<Reply, "code" | "enhanced">>): R
    /** Nothing of it was accepted, and every reply that says so tells the client to come again (4yz). */
    toHaveBeenPutOff(): R
  }
}

expect.extend({
  async toHaveReachedExactly(mail: Mail, scene: Scene, addresses: readonly string[]) {
    const wanted = addresses.map((address) => address.toLowerCase())
    // Who must get it decides the failure: what is missing after that time is said with where the copies are.
    const arrival = await missedWait(() => scene.awaitCopies(mail.id, wanted))
    const settling = arrival ?? await missedWait(() => scene.settle([...mail.recipients, ...addresses]))
    const copies = await copiesOf(scene.services, mail.id)
    const { missing, extra } = compare(wanted, copies)
    const pass = settling === undefined && missing.length === 0 && extra.length === 0
    scene.observe(`${mail.id}: ${copies.length} copies for ${wanted.length} addresses`)
    return claim(pass, [
      `${mail.id} from <${mail.sender}> should have reached ${wanted.join(", ") || "nobody"}, one copy each`,
      ...missing.length > 0 ? [`missing: ${missing.join(", ")}`] : [],
      ...extra.length > 0 ? [`too many: ${extra.map(placeOf).join(", ")}`] : [],
      ...refusalsOf(mail), ...settling ? [settling] : [],
    ])
  },

  async toHaveTouchedNobodyBut(scene: Scene, addresses: readonly string[]) {
    const allowed = new Set(addresses.map((address) => address.toLowerCase()))
    const touched = await recipientsOfAnything(scene.services, scene.token, scene.startedUs)
    const others = touched.filter((address) => !allowed.has(address) && !address.startsWith("temoin."))
    return claim(others.length === 0, [`Somebody got something who had no part in this: ${others.join(", ")}`])
  },

  toHaveBeenTaken(mail: Mail) {
    const pass = mail.accepted.length === mail.recipients.length && mail.refusal === undefined
    return claim(pass, [
      `${mail.id} from <${mail.sender}> should have been taken for ${mail.recipients.join(", ")}`, ...refusalsOf(mail),
    ])
  },

  toHaveBeenRefused(mail: Mail, expected: Partial<Pick<Reply, "code" | "enhanced">> = {}) {
    const replies = repliesOf(mail)
    const isAsExpected = ({ code, enhanced }: Reply) =>
      (expected.code ?? code) === code && (expected.enhanced ?? enhanced) === enhanced && code >= 400
    const pass = mail.accepted.length === 0 && replies.length > 0 && replies.every(isAsExpected)
    const wanted = `${expected.code ?? "4xx or 5xx"} ${expected.enhanced ?? ""}`.trim()
    return claim(pass, [
      `${mail.id} from <${mail.sender}> to ${mail.recipients.join(", ")} should have been refused (${wanted})`,
      ...mail.accepted.length > 0 ? [`accepted for: ${mail.accepted.join(", ")}`] : [], ...refusalsOf(mail),
    ])
  },

  toHaveBeenPutOff(mail: Mail) {
    const replies = repliesOf(mail)
    const pass = mail.accepted.length === 0 && replies.length > 0 && replies.every(({ code }) => code >= 400 && code < 500)
    return claim(pass, [
      `${mail.id} from <${mail.sender}> to ${mail.recipients.join(", ")} should have been put off (4xx)`,
      ...mail.accepted.length > 0 ? [`accepted for: ${mail.accepted.join(", ")}`] : [], ...refusalsOf(mail),
    ])
  },
})

function repliesOf({ refused, refusal }: Mail): Reply[] {
  return [...refused.map(({ reply }) => reply), ...refusal ? [refusal.reply] : []]
}

/** Both sides as multisets: an address that is wanted once and got two copies has one too many. */
export function compare(wanted: readonly string[], copies: readonly Copy[]): { missing: string[]; extra: Copy[] } {
  const missing = [...wanted]
  const extra = copies.filter(({ recipient }) => {
    const index = missing.indexOf(recipient.toLowerCase())
    if (index >= 0) missing.splice(index, 1)
    return index < 0
  })
  return { missing, extra }
}

function placeOf({ recipient, place }: Copy): string {
  return `${recipient} (${place})`
}

function refusalsOf({ refused, refusal }: Mail): string[] {
  return [
    ...refused.map(({ recipient, reply }) => `refused for ${recipient}: ${reply.code} ${reply.text}`),
    ...refusal ? [`refused at ${refusal.step}: ${refusal.reply.code} ${refusal.reply.text}`] : [],
  ]
}
