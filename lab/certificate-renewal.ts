import { labCertificates, renewedCertificate } from "./certificate-path.ts"
import type { ExecOutcome } from "./engine.ts"
import type { StartedInsideContainer } from "./inside-container.ts"

/** What a release's component runs once its certificate was renewed, where it brings such a file. */
const hooks: Readonly<Record<string, string>> = {
  postfix: "/etc/postfix/certificate-renewed", dovecot: "/etc/dovecot/certificate-renewed",
}

/**
 * Puts a node's renewed certificate and key in the place of those in force, and those where the renewed ones were, so
 * that it can be done again. Each file is there at every moment.
 */
export async function exchangeCertificates(node: StartedInsideContainer): Promise<void> {
  await node.run(["sh", "-euc", ["key", "chain"].map((kind) => {
    const [inForce, renewed] = [labCertificates[kind as "key" | "chain"], renewedCertificate[kind as "key" | "chain"]]
    return `ln ${inForce} ${inForce}.before; mv ${renewed} ${inForce}; mv ${inForce}.before ${renewed}`
  }).join("; ")])
}

/** Runs what the release has for it, as root. How it ended is returned; 127 where the release has nothing. */
export async function runRenewalHook(node: StartedInsideContainer): Promise<ExecOutcome> {
  return node.exec(["sh", "-c", hooks[node.node.component]!])
}
