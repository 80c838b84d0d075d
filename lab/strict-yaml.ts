import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml"
import type { z } from "zod"
import { InputError } from "./failure.ts"

/** A YAML file that matched its schema, and where each of its values stands. */
export interface StrictYaml<T> {
  value: T
  /** Line (from 1) of the value at `path`, or of the nearest value above it that the file contains. */
  lineOf(path: readonly PropertyKey[]): number
}

/**
 * Parses `text` against a strict schema. `file` is what an error names, with the line.
 * Below the keys `textBelow`, numbers and truth words are the text that was written (`0`, `0644`, `true`).
 * Throws InputError: broken YAML, a key given twice, an unknown key, a value that the schema refuses (the first one).
 */
export function parseStrictYaml<Schema extends z.ZodType>(
  schema: Schema, text: string, file: string, { textBelow = [] }: { textBelow?: readonly string[] } = {},
): StrictYaml<z.output<Schema>> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const broken = document.errors[0]
  if (broken) {
    throw new InputError(`${file} is not valid YAML: ${broken.message.split("\n")[0]}`, {
      where: `${file}:${lines.linePos(broken.pos[0]).line}`,
      remedy: broken.code === "DUPLICATE_KEY" ? "keep one of the two" : "mend that line (indentation, quotes, colons)",
    })
  }
  takeAsText(document, textBelow)
  const lineOf = (path: readonly PropertyKey[]) => lineIn(document, lines, path)
  const result = schema.safeParse(plainValue(document, file))
  if (result.success) return { value: result.data, lineOf }
  throw refusal(result.error.issues[0]!, file, lineOf)
}

function takeAsText(document: Document, keys: readonly string[]): void {
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || !keys.includes(String(key.value)) || !isNode(value)) return
      visit(value, {
        Scalar: (at, scalar) => {
          if (at !== "key" && typeof scalar.value !== "string" && scalar.source) scalar.value = scalar.source
        },
      })
    },
  })
}

function plainValue(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw new InputError(`${file} is not valid YAML: ${(cause as Error).message}`, {
      where: `${file}:1`, remedy: "write the values out instead of using & and *", cause,
    })
  }
}

function refusal(issue: z.core.$ZodIssue, file: string, lineOf: (path: readonly PropertyKey[]) => number): InputError {
  const place = issue.path.length > 0 ? issue.path.map(String).join(".") : "the top level"
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys
    return new InputError(`${file}: unknown key ${key} in ${place}`, {
      where: `${file}:${lineOf([...issue.path, key])}`, remedy: "correct the spelling, or remove the key",
    })
  }
  const quoted = issue.code === "invalid_type" && issue.expected === "string" && !/undefined/.test(issue.message)
  const reason = issue.code === "invalid_union" ? unionReason(issue)
    : issue.code === "invalid_key" ? issue.issues[0]?.message ?? issue.message : issue.message
  const missing = /received undefined/.test(reason)
  return new InputError(missing ? `${file}: ${place} is missing` : `${file}: ${place}: ${reason}`, {
    where: `${file}:${lineOf(issue.path)}`,
    remedy: missing ? "add it"
      : quoted ? "put the value in quotes: it is taken as text, as it is written" : "correct this value",
  })
}

function unionReason(issue: z.core.$ZodIssueInvalidUnion): string {
  return issue.errors.map((alternative) => alternative[0]?.message).filter(Boolean).join(", or: ") || issue.message
}

function lineIn(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    const isThatPair = (item: unknown) => isPair(item) && isNode(item.key) && String(item.key.toJSON()) === String(key)
    const pair = isMap(parent) ? parent.items.find(isThatPair) : undefined
    const node = pair?.key ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
