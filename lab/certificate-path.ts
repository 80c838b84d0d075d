/** Where the lab puts what it makes for each node, by the word that a release's bindings use. */
export const labCertificates = {
  chain: "/recette/tls/fullchain.pem",
  key: "/recette/tls/key.pem",
  authority: "/recette/tls/ca.pem",
  // For mutants: the server's own certificate without its issuer's, and one for another machine's name.
  leaf: "/recette/tls/leaf.pem",
  "other-name-chain": "/recette/tls/other-name/fullchain.pem",
  "other-name-key": "/recette/tls/other-name/key.pem",
} as const
export const certificateKinds = Object.keys(labCertificates) as (keyof typeof labCertificates)[]
/** Where the certificate and key lie that a renewal puts in the place of `chain` and `key`. */
export const renewedCertificate = { chain: "/recette/tls/renewed/fullchain.pem", key: "/recette/tls/renewed/key.pem" } as const

/** Files that Debian's packages bring or make at installation. */
const debianFiles = new Set([
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/ssl/certs/ssl-cert-snakeoil.pem", "/etc/ssl/private/ssl-cert-snakeoil.key",
])

const path = /(?<![\w.$}*-])\/[\w.+@/-]*[\w+@-]/g
const certificateEnding = /\.(pem|crt|cer|key|p12|pfx)$/

/**
 * Absolute paths of a line that bindings must say something about: those that they name, and those that end like a
 * certificate or a key and are neither the lab's own, nor Debian's, nor a file that the release brings (`ownPaths`).
 */
export function certificatePathsIn(
  line: string,
  { bindings, ownPaths }: { bindings: { certificates: Readonly<Record<string, string>> }; ownPaths: readonly string[] },
): { text: string; start: number; end: number }[] {
  const found = [...line.matchAll(path)].map(({ 0: text, index }) => ({ text, start: index, end: index + text.length }))
  return found.filter(({ text }) => text in bindings.certificates || (certificateEnding.test(text) && !text.startsWith("/recette/")
      && !debianFiles.has(text) && !ownPaths.some((own) => text.endsWith(`/${own}`))))
}
