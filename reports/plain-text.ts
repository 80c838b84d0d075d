/**
 * Text from a mail, a log or an error, made fit to be shown: terminal sequences and control characters are removed,
 * half characters replaced, and characters that turn the reading direction (which can disguise a sentence) are written
 * by their number. Newlines and tabs stay.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\^_])/g, "")
    .toWellFormed()
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/[^\t\n\u0020-\u007e\u00a0-\ufffd\u{10000}-\u{10ffff}]|[\u{1fffe}\u{1ffff}]/gu, "")
    .replaceAll(/[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g, (mark) => `⟨U+${hexOf(mark)}⟩`)
}

/** The same on one line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim()
}

function hexOf(mark: string): string {
  return mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")
}
