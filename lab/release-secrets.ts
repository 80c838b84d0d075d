import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto"
import { InputError } from "./failure.ts"
import { codeLines } from "./release-text.ts"
import type { Origin, Release } from "./release-model.ts"

/** Secrets of one lab, by name; a whole file's under `component/file`. */
export type Secrets = Readonly<Record<string, string>>

/** The public half of a key, as the data of its TXT record: written in a zone. */
const publicKey = /\{\{dkim:([A-Za-z0-9][A-Za-z0-9._/-]*)\}\}/g
const textOctetsMax = 255

const placeholder = /\{\{\s*secret\b([^}]*)\}\}/g
const wellFormed = /^:([A-Za-z0-9][A-Za-z0-9._/-]*)$/
const secretCharacters = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
const secretLength = 24
/** Bits of the RSA keys that stand for a release's own, such as DKIM's (RFC 8301 section 3.2). */
const rsaBits = 2048

/**
 * New secrets for one lab, drawn from the system's random source: one for each name that the release declares or
 * writes as `{{secret:NAME}}`, and one for each of `more` (what the lab itself needs). A name has one value in the
 * whole lab; those of `known` are kept. Text secrets are 24 letters and digits, which need no quotes in any configuration syntax; a file secret
 * that ends in .key or .pem is an RSA private key (PKCS #8, PEM).
 */
export function secretsFor(
  release: Release, { more = [], known = {} }: { more?: readonly string[]; known?: Secrets } = {},
): Secrets {
  const names = [...new Set([...release.secrets, ...secretNames(release), ...more, ...Object.keys(known)])].sort()
  const made = (name: string): string => /\/.*\.(key|pem)$/.test(name) ? privateKey() : randomText()
  return Object.fromEntries(names.map((name) => [name, known[name] ?? made(name)]))
}

/** Names written as `{{secret:NAME}}` outside comments, in files and settings of the release. */
export function secretNames(release: Release): string[] {
  const names = new Set<string>()
  for (const component of Object.values(release.components)) {
    for (const [path, { content, source }] of component.files) {
      for (const { code, line } of codeLines(content, path)) {
        for (const name of placeholdersIn(code, { file: source, line })) names.add(name)
      }
    }
    const ofNodes = Object.values(component.nodes).map(({ set }) => set)
    const settings = [component.set, ...Object.values(component.services), ...ofNodes]
    for (const value of settings.flatMap((set) => Object.values(set))) {
      for (const name of placeholdersIn(value, { file: `${release.folder}/release.yaml`, line: 1 })) names.add(name)
    }
  }
  return [...names].sort()
}

/**
 * Fills in the public halves of the keys that stand in a text as `{{dkim:component/file.key}}`: `"v=DKIM1; …" "…"`, the
 * data of a TXT record (RFC 6376 section 3.6.1), in strings of at most 255 octets. Returns the names that it used.
 * Throws InputError for a key that the release does not declare.
 */
export function fillPublicKeys(text: string, secrets: Secrets, { file, line }: Origin): { text: string; names: string[] } {
  const names = [...text.matchAll(publicKey)].map(([, name]) => name!)
  const valueOf = (_: string, name: string): string => {
    // Nothing is generated yet where a release is only checked.
    if (Object.keys(secrets).length === 0) return "\"v=DKIM1; p=\""
    const key = secrets[name]
    if (key === undefined || !key.includes("PRIVATE KEY")) {
      throw new InputError(`There is no key ${name}`, {
        where: `${file}:${line}`, remedy: `add "${name}" to the secrets of release.yaml; its name ends in .key or .pem`,
      })
    }
    const record = `v=DKIM1; k=rsa; p=${createPublicKey(key).export({ type: "spki", format: "der" }).toString("base64")}`
    return record.match(new RegExp(`.{1,${textOctetsMax}}`, "g"))!.map((part) => `"${part}"`).join(" ")
  }
  return { names, text: text.replaceAll(publicKey, valueOf) }
}

/** Fills in the secrets of a text. Returns the names that it used. Throws InputError for a placeholder that is misspelt. */
export function fillSecrets(text: string, secrets: Secrets, origin: Origin): { text: string; names: string[] } {
  const names = placeholdersIn(text, origin)
  const valueOf = (written: string, rest: string) => secrets[wellFormed.exec(rest)![1]!] ?? written
  return { names, text: text.replaceAll(placeholder, valueOf) }
}

/** File secrets of one component: path in the component, and the name under which `secretsFor` keeps its content. */
export function fileSecrets(secrets: readonly string[], component: string): { path: string; name: string }[] {
  return secrets.filter((name) => name.startsWith(`${component}/`))
    .map((name) => ({ name, path: name.slice(component.length + 1) }))
}

/** `text` without the values of `secrets`, for messages, logs and reports. */
export function redacted(text: string, secrets: Secrets): string {
  return Object.entries(secrets).reduce((rest, [name, value]) => rest.replaceAll(value, `{{secret:${name}}}`), text)
}

function placeholdersIn(text: string, { file, line }: Origin): string[] {
  return [...text.matchAll(placeholder)].map(([written, rest = ""]) => {
    const name = wellFormed.exec(rest)?.[1]
    if (name) return name
    throw new InputError(`${written} is no secret`, {
      where: `${file}:${line}`,
      remedy: "write {{secret:name}}, with letters, digits, points and hyphens, for example {{secret:database-postfix}}",
    })
  })
}

function randomText(): string {
  let text = ""
  while (text.length < secretLength) {
    // Bytes above the last whole multiple would make the first characters likelier.
    const [byte = 0] = randomBytes(1)
    if (byte < 256 - (256 % secretCharacters.length)) text += secretCharacters[byte % secretCharacters.length]
  }
  return text
}

function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync("rsa", { modulusLength: rsaBits })
  return key.export({ type: "pkcs8", format: "pem" }).toString()
}
