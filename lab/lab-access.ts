import { join } from "node:path"
import type { LabHandle } from "./handle.ts"
import type { PlatformDefinition } from "./platform.ts"
import { writeWhole } from "./whole-file.ts"

export const authorityFile = "ca.pem"

/** A port of a node as it is reached from this machine. */
export interface PublishedPort { node: string; service: string; host: string; port: number }

/** A web interface: the address that its users type, and the port of loopback that leads there. */
export interface WebAccess { node: string; url: string; host: string; port: number }

/** What a mail client is told. `certificateName` is in the server's certificate, which the lab's authority has signed. */
export interface MailAccess {
  node: string
  kind: "imap" | "submission"
  host: string
  port: number
  tls: "implicit" | "starttls"
  certificateName: string
}

export interface LoginAccess { address: string; secret: string; uses: readonly string[] }

/** Every way into a lab that is up, by hand. */
export interface LabAccess {
  ports: PublishedPort[]
  web: WebAccess[]
  mail: MailAccess[]
  logins: LoginAccess[]
  /** PEM of the authority that signed the lab's certificates. */
  authorityFile: string
}

const host = "127.0.0.1"
/** Component and service that a mail client speaks to. */
const mailDoors = [
  { component: "dovecot", service: "imaps", kind: "imap", tls: "implicit" },
  { component: "postfix", service: "submission", kind: "submission", tls: "starttls" },
] as const

/**
 * How a lab that is up is entered from this machine. A mail client's doors are those that a flow from outside leads to:
 * where a platform has several servers of a kind, only these are meant for people.
 */
export function accessOf(handle: LabHandle, { web, logins, flows }: Pick<PlatformDefinition, "web" | "logins" | "flows">): LabAccess {
  const { gateway: { ports }, nodes } = handle
  const published = Object.entries(ports).map(([name, port]) => {
    const at = name.lastIndexOf(".")
    return { node: name.slice(0, at), service: name.slice(at + 1), host, port }
  })
  const isMeant = (node: string, inside: readonly number[]): boolean =>
    flows.some(({ from, to, port }) => from === "outside" && to === node && inside.includes(port))
  return {
    ports: published, logins: [...logins], authorityFile: join(handle.resultsFolder, authorityFile),
    web: web.flatMap(({ node, url }) => {
      const port = ports[`${node}.${new URL(url).protocol.slice(0, -1)}`]
      return port === undefined ? [] : [{ node, url, host, port }]
    }),
    mail: Object.values(nodes).flatMap(({ name, component, hostname }) => mailDoors.flatMap(({ component: of, service, kind, tls }) => {
      const port = ports[`${name}.${service}`]
      if (of !== component || port === undefined || !isMeant(name, kind === "imap" ? [143, 993] : [587])) return []
      return [{ node: name, kind, host, port, tls, certificateName: hostname }]
    })),
  }
}

export async function writeAuthority({ resultsFolder, certificateAuthority }: LabHandle): Promise<void> {
  await writeWhole(join(resultsFolder, authorityFile), certificateAuthority)
}

/** Commands that open a web interface under its own name, so that its links and its certificate fit. */
export function webCommands({ url, host: at, port }: WebAccess, authority: string): { browser: string; curl: string } {
  const { hostname, protocol } = new URL(url)
  const from = `${hostname}:${protocol === "https:" ? 443 : 80}`
  return {
    browser: `chromium --user-data-dir=$(mktemp -d) --host-resolver-rules="MAP ${from} ${at}:${port}" ${url}`,
    curl: `curl --cacert ${authority} --connect-to ${from}:${at}:${port} ${url}`,
  }
}
