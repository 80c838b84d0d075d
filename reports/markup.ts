import { plainText } from "./plain-text.ts"

/** Text that is HTML already. Only `html` makes it, so that nothing reaches a page without being escaped. */
export class Markup {
  readonly text: string
  constructor(text: string) { this.text = text }
}

export type Fragment = string | number | Markup | null | readonly Fragment[]

/** A template whose values are escaped, unless they are Markup; null writes nothing, an array its parts in turn. */
export function html(parts: TemplateStringsArray, ...values: Fragment[]): Markup {
  return new Markup(parts.map((part, index) => part + (index < values.length ? fragment(values[index] ?? null) : "")).join(""))
}

function fragment(value: Fragment): string {
  if (value === null) return ""
  if (value instanceof Markup) return value.text
  if (typeof value === "object") return value.map(fragment).join("")
  return escapeHtml(plainText(String(value)))
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;")
}
