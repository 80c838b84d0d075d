import "reflect-metadata" // @peculiar/x509 needs it loaded first
import { webcrypto } from "node:crypto"
import * as x509 from "@peculiar/x509"
import type { CertificateDefect } from "./world/behaviour.ts"

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" }
const dayMs = 86_400_000
const validDays = 30

/** A certificate as a server presents it: itself and then its issuer, with its key. */
export interface IssuedCertificate {
  certificate: string
  /** The server's own certificate alone: an incomplete chain, for a client that knows only the root. */
  leaf: string
  key: string
}

/** All that a lab gives a node to be a server with TLS. */
export interface NodeCertificates extends IssuedCertificate {
  /** The root's certificate, as `CertificateAuthority.certificate`. */
  authority: string
  /** The certificate and key that follow this one, for the same names. */
  renewed: IssuedCertificate
  /** A certificate for each defect, otherwise as this one. */
  defective: Record<CertificateDefect, IssuedCertificate>
}

interface Signer { certificate: x509.X509Certificate; keys: webcrypto.CryptoKeyPair }

/**
 * Makes a certificate authority that lives as long as one lab: a root, which clients trust, and an issuer below it,
 * which signs servers' certificates, as real authorities do. All texts are PEM.
 */
export class CertificateAuthority {
  /** The root's certificate: what a client of the lab trusts. */
  readonly certificate: string
  private readonly issuer: Signer
  private serial = 2

  private constructor(root: x509.X509Certificate, issuer: Signer) {
    this.issuer = issuer
    this.certificate = root.toString("pem")
  }

  static async create(run: string): Promise<CertificateAuthority> {
    x509.cryptoProvider.set(webcrypto)
    const [rootKeys, keys] = await Promise.all([newKeys(), newKeys()])
    const root = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01", name: `CN=recette lab ${run}`, keys: rootKeys, signingAlgorithm: algorithm, ...validity(),
      extensions: authorityExtensions(1),
    })
    const issuer = await x509.X509CertificateGenerator.create({
      serialNumber: "02", subject: `CN=recette lab ${run} servers`, issuer: root.subject, signingKey: rootKeys.privateKey,
      publicKey: keys.publicKey, signingAlgorithm: algorithm, ...validity(), extensions: authorityExtensions(0),
    })
    return new CertificateAuthority(root, { certificate: issuer, keys })
  }

  /**
   * A server's certificate for these DNS names (RFC 6125: names in subjectAltName), with its key, valid 30 days from
   * yesterday, or `agedDays` earlier.
   */
  async issue(names: readonly string[], { agedDays = 0 }: { agedDays?: number } = {}): Promise<IssuedCertificate> {
    const keys = await newKeys()
    this.serial += 1
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: this.serial.toString(16).padStart(2, "0"), subject: `CN=${names[0]}`,
      issuer: this.issuer.certificate.subject, signingKey: this.issuer.keys.privateKey,
      publicKey: keys.publicKey, signingAlgorithm: algorithm, ...validity(agedDays),
      extensions: [
        new x509.BasicConstraintsExtension(false),
        new x509.ExtendedKeyUsageExtension(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      ],
    })
    const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)
    const leaf = `${certificate.toString("pem")}\n`
    return {
      leaf, certificate: `${leaf}${this.issuer.certificate.toString("pem")}\n`,
      key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    }
  }

  /** What a node needs whose certificate is valid for these names. */
  async forNode(names: readonly string[]): Promise<NodeCertificates> {
    const [own, renewed, defective] = [await this.issue(names), await this.issue(names), await this.defective(names)]
    return { ...own, authority: this.certificate, renewed, defective }
  }

  private async defective(names: readonly string[]): Promise<Record<CertificateDefect, IssuedCertificate>> {
    const stranger = await CertificateAuthority.create("nobody knows")
    const good = await this.issue(names)
    return {
      expired: await this.issue(names, { agedDays: validDays + 2 }),
      "other-name": await this.issue(["mx.elsewhere.test"]),
      "unknown-authority": await stranger.issue(names),
      "incomplete-chain": { ...good, certificate: good.leaf },
    }
  }
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])
}

function authorityExtensions(pathLength: number): x509.Extension[] {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]
}

function validity(agedDays = 0): { notBefore: Date; notAfter: Date } {
  const start = Date.now() - (1 + agedDays) * dayMs
  return { notBefore: new Date(start), notAfter: new Date(start + (1 + validDays) * dayMs) }
}
