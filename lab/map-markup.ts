/** Text that has been made markup: what mail or a log says cannot become it by mistake. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toString(): string {
    return this.text
  }
}

export type Piece = Markup | string | number | readonly Piece[]

/** A template of HTML or SVG: every value that is no Markup is escaped, so that it stays text. */
export function markup(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return new Markup(strings.map((string, index) => string + (index < values.length ? written(values[index]!) : "")).join(""))
}

function written(value: Piece): string {
  if (value instanceof Markup) return value.text
  if (Array.isArray(value)) return value.map((one: Piece) => written(one)).join("")
  return String(value).replaceAll(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`)
}
