import "reflect-metadata" // @peculiar/x509 needs it loaded first
import { webcrypto } from "node:crypto"
import * as x509 from "@peculiar/x509"

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }
const dayMs = 86_400_000
const validDays = 30

export interface IssuedCertificate { certificate: string; key: string }

/** Makes a certificate authority that lives as long as one lab. All texts are PEM. */
export class CertificateAuthority {
  /** The authority's own certificate: what a client of the lab trusts. */
  readonly certificate: string
  private readonly issuer: x509.X509Certificate
  private readonly keys: webcrypto.CryptoKeyPair
  private serial = 1

  private constructor(issuer: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.issuer = issuer
    this.keys = keys
    this.certificate = issuer.toString("pem")
  }

  static async create(run: string): Promise<CertificateAuthority> {
    x509.cryptoProvider.set(webcrypto)
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
    const issuer = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01", name: `CN=recette lab ${run}`, keys: keys, signingAlgorithm: algorithm,
      ...validity(),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      ],
    })
    return new CertificateAuthority(issuer, keys)
  }

  /** A server's certificate for these DNS names (RFC 6125: names in subjectAltName), with its key, valid 30 days. */
  async issue(names: readonly string[]): Promise<IssuedCertificate> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
    this.serial += 1
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: this.serial.toString(16).padStart(2, "0"), subject: `CN=${names[0]}`,
      issuer: this.issuer.subject, signingKey: this.keys.privateKey,
      publicKey: keys.publicKey, signingAlgorithm: algorithm, ...validity(),
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      ],
    })
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)
    return { certificate: certificate.toString("pem"), key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") }
  }
}

function validity(): { notBefore: Date; notAfter: Date } {
  const now = Date.now()
  return { notBefore: new Date(now - dayMs), notAfter: new Date(now + validDays * dayMs) }
}
