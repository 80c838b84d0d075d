import { fieldName, mimeTree, type MimePart } from "./mime-tree.ts"

/**
 * What stands in a copy beside what its author sent: the closed list. A value is read without folds. `list` is the
 * list's address; the engine, the edge and the store that a copy ends in may say who they are, and nothing else.
 */
function mayBeAdded(list: string): Readonly<Record<string, RegExp>> {
  const [name, domain] = list.split("@").map((text) => text!.replaceAll(".", "\\."))
  const address = `${name}@${domain}`
  const service = (suffix: string) => `${name}-${suffix}@${domain}`
  const command = (word: string) => `<mailto:sympa@${domain}\\?subject=${word}>`
  const page = (path: string) => `<https://${domain}/sympa/${path}>`
  const either = (path: string, word: string) => new RegExp(`^${page(path)}, ${command(word)}$`, "i")
  return {
    "return-path": new RegExp(`^<${service("owner")}>$`),
    "delivered-to": /^\S+@\S+$/,
    received: /^(from \S+ .*)?by \S+ .*; .*$/,
    // Of the list, and of the account that handed the message in.
    "dkim-signature": new RegExp(`\\bd=(${domain}|${domain!.slice(domain!.indexOf(".") + 1)});`),
    "authentication-results": /^mx1\.ariel-pr\.test; /,
    "reply-to": /^[^,]+@[^,]+$/,
    "x-loop": new RegExp(`^${address}$`),
    "x-sequence": /^\d+$/,
    "errors-to": new RegExp(`^${service("owner")}$`),
    precedence: /^(list|bulk)$/,
    sender: new RegExp(`^${service("request")}$`),
    "x-no-archive": /^yes$/,
    "list-id": new RegExp(`^<${name}\\.${domain}>$`),
    "list-help": either("help", "help"),
    "list-subscribe": either(`subscribe/${name}`, `sub%20${name}`),
    // With RFC 8058, a page for this copy alone.
    "list-unsubscribe": either(`(signoff/${name}|oneclick/${name}/[^/>]+)`, `sig%20${name}`),
    "list-unsubscribe-post": /^List-Unsubscribe=One-Click$/,
    "list-post": new RegExp(`^<mailto:${address}>$`),
    "list-owner": new RegExp(`^<mailto:${service("request")}>$`),
    // What the DNS says of the author's domain, where it says anything (dmarc_protection; Sympa, Message.pm).
    "x-original-dmarc-record": /^domain=[^;\s]+; v=DMARC1;[ -~]*$/,
    "archived-at": new RegExp(`^${page(`(arcsearch_id|msg)/${name}/\\d{4}-\\d\\d/[^>]*`)}$`),
  }
}

/** The header of a footer that is a part of its own (Sympa, Message.pm). */
const footerFields = ['Content-Type: text/plain; charset="UTF-8"', "Content-Disposition: inline", "Content-Transfer-Encoding: 8bit", "MIME-Version: 1.0"]

export interface Difference { differences: string[]; /** Text of the footer, where there is one. */ footer?: string }

/**
 * Compares a copy that a list distributed with what was sent (both with CR LF at each line's end): every header field,
 * and the octets of each part with the transfer encoding undone, must be those of the author. `differences` names what
 * is lost, and what is neither the author's nor on the closed list of what a list adds.
 */
export function differencesOf(sent: string, arrived: string, list: string): Difference {
  // SMTP ends the last line.
  const [before, after] = [mimeTree(sent.endsWith("\r\n") ? sent : `${sent}\r\n`), mimeTree(arrived)]
  const isSigned = typeOf(before).startsWith("multipart/signed") || typeOf(before).startsWith("multipart/encrypted")
  const footer = isSigned ? undefined : after.parts?.at(-1)
  if (isSigned || footer === undefined) {
    const kept = bodyOctets(sent) === bodyOctets(arrived) ? [] : ["the body differs"]
    return { differences: [...fieldDifferences(before, after, list, { isWrapped: false }), ...kept] }
  }
  const isWrapped = before.parts === undefined || /^multipart\/(alternative|related)/.test(typeOf(before))
  const authors = after.parts!.slice(0, -1)
  const differences = [
    ...fieldDifferences(before, after, list, { isWrapped }),
    ...(isWrapped
      ? partDifferences([{ ...before, fields: before.fields.filter(isMoved) }], authors, "part")
      : textDifferences(before, { ...after, parts: authors }, "the message")),
    ...(String(footer.fields) === String(footerFields) ? [] : [`the last part is no footer: ${footer.fields.join(", ")}`]),
  ]
  return { differences, footer: footer.content }
}

/** Fields that describe what becomes a part of its own when a footer comes beside it. */
const isMoved = (field: string) => fieldName(field).startsWith("content-")
const typeOf = ({ fields }: MimePart) => (fields.find((field) => fieldName(field) === "content-type") ?? "").replace(/^[^:]*:\s*/, "").toLowerCase()
const bodyOctets = (message: string) => message.slice(message.indexOf("\r\n\r\n") + 4).replace(/\r\n$/, "")

function fieldDifferences(before: MimePart, after: MimePart, list: string, { isWrapped }: { isWrapped: boolean }): string[] {
  const wanted = before.fields.filter((field) => !(isWrapped && isMoved(field)))
  const added = [...after.fields]
  const lost = wanted.filter((field) => {
    const at = added.indexOf(field)
    if (at >= 0) added.splice(at, 1)
    return at < 0
  })
  const allowed = mayBeAdded(list)
  const foreign = added.filter((field) => {
    if (isWrapped && /^(Content-type: multipart\/mixed; boundary="[-=_\d]+"|MIME-Version: 1\.0)$/.test(field)) return false
    const value = field.slice(field.indexOf(":") + 1).replaceAll(/\r\n[ \t]+/g, " ").trim()
    return !(allowed[fieldName(field)]?.test(value) ?? false)
  })
  return [...lost.map((field) => `lost: ${field}`), ...foreign.map((field) => `added: ${field}`)]
}

function partDifferences(before: readonly MimePart[], after: readonly MimePart[], where: string): string[] {
  if (before.length !== after.length) return [`${where}: ${after.length} parts instead of ${before.length}`]
  return before.flatMap((part, index) => {
    const place = `${where} ${index + 1}`
    const other = after[index]!
    return [
      ...(String(part.fields) === String(other.fields) ? [] : [`header of ${place}: ${other.fields.join(", ")} instead of ${part.fields.join(", ")}`]),
      ...textDifferences(part, other, place),
    ]
  })
}

function textDifferences(before: MimePart, after: MimePart, where: string): string[] {
  return [
    ...(["content", "preamble", "epilogue"] as const).flatMap((text) =>
      (before[text] ?? "") === (after[text] ?? "") ? [] : [`${text} of ${where}: ${excerpt(before[text] ?? "", after[text] ?? "")}`]),
    ...partDifferences(before.parts ?? [], after.parts ?? [], `${where}, part`),
  ]
}

function excerpt(before: string, after: string): string {
  let at = 0
  while (at < before.length && before[at] === after[at]) at += 1
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 10), at + 30))
  return `${around(after)} instead of ${around(before)} at octet ${at}`
}
