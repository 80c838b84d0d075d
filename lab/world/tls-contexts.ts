import { readFileSync } from "node:fs"
import { createSecureContext, type SecureContext } from "node:tls"
import type { Behaviour } from "./behaviour.ts"

/** The certificates that a mail server of the world may present, each as its behaviour asks for it. */
export class TlsContexts {
  private readonly folder: string
  private readonly made = new Map<string, SecureContext>()

  /** `folder` holds fullchain.pem and key.pem, and the same two in a folder for each defect. */
  constructor(folder: string) {
    this.folder = folder
  }

  for({ certificate, tlsVersionMax }: Behaviour): SecureContext {
    const folder = certificate ? `${this.folder}/${certificate}` : this.folder
    const key = `${folder} ${tlsVersionMax ?? ""}`
    const known = this.made.get(key)
    if (known) return known
    const context = createSecureContext({
      cert: readFileSync(`${folder}/fullchain.pem`), key: readFileSync(`${folder}/key.pem`),
      // OpenSSL speaks versions below 1.2 at security level 0 alone.
      ...tlsVersionMax ? { minVersion: "TLSv1", maxVersion: tlsVersionMax, ciphers: "DEFAULT:@SECLEVEL=0" } : {},
    })
    this.made.set(key, context)
    return context
  }
}
