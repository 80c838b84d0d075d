import { authenticate, type AuthenticateResult } from "mailauth"
import type { Services } from "./services.ts"

/**
 * What a receiver finds out about a message that `ip` handed over: SPF, DKIM, DMARC and ARC, by a verifier that is not
 * the platform's own, with the records that the lab's DNS serves.
 */
export async function proofOf(
  { dns }: Services, raw: Buffer, { ip, helo, sender }: { ip: string; helo: string; sender: string },
): Promise<AuthenticateResult> {
  const resolver = async (name: string, type: string): Promise<never> => {
    const records = (await dns.records(name.toLowerCase())).filter((record) => record.type === type.toUpperCase())
    if (records.length === 0) throw Object.assign(new Error(`no ${type} of ${name}`), { code: "ENODATA" })
    return records.map(({ data }) => data) as never
  }
  return authenticate(raw, { ip, helo, sender, resolver, disableBimi: true, mta: "verifier.internet.test" })
}
