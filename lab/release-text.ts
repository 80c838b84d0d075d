/** A line of a configuration file, split where its comment starts. */
export interface CodeLine {
  /** From 1. */
  line: number
  /** What the component reads. */
  code: string
  /** The comment with its mark, and the end of the line as it was. */
  comment: string
}

/** Comments that take a whole line: Postfix, Sympa, Dovecot, MariaDB, and `//` of programs. */
const wholeLine = /^\s*(#|\/\/)/

/** Further marks of comments, by the ending of the file. */
const marks = [
  { ending: /\.zone$/, mark: /;/ },
  { ending: /\.sql$/, mark: /(^|\s)--\s/ },
  { ending: /\.(cnf|ini)$/, mark: /^\s*;/ },
]

/**
 * The lines of a text file, one byte one character (latin1), so that joining them again gives the same bytes.
 * Comments are whole lines that start with `#` or `//`, in SQL also `--`, in zone files everything after `;`, in
 * configuration of MariaDB (.cnf) also lines with `;`. What follows a `#` after a value counts as read: in most of
 * these languages it is a part of the value.
 * A binary file (one with a zero byte) has no lines.
 */
export function codeLines(content: Buffer, path: string): CodeLine[] {
  if (content.includes(0)) return []
  return content.toString("latin1").split("\n").map((text, index) => {
    const start = commentStart(text, path)
    return { line: index + 1, code: text.slice(0, start), comment: text.slice(start) }
  })
}

function commentStart(text: string, path: string): number {
  if (wholeLine.test(text)) return 0
  const found = marks.find(({ ending }) => ending.test(path))?.mark.exec(text)
  return found ? found.index : text.length
}
