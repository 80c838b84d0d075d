import { expect, test } from "vitest"
import { z } from "zod"
import { parseStrictYaml } from "./strict-yaml.ts"

const schema = z.strictObject({
  name: z.string(),
  parts: z.array(z.strictObject({ size: z.number() })).default([]),
  names: z.record(z.string().regex(/^[a-z]+$/, { error: "a name has small letters only" }), z.string()).default({}),
})

test("a file that matches is returned, with the line of each value, or of the nearest above it", () => {
  const { value, lineOf } = parseStrictYaml(schema, "# a\nname: x\nparts:\n  - size: 1\n  - size: 2\n", "a.yaml")
  expect(value).toEqual({ name: "x", parts: [{ size: 1 }, { size: 2 }], names: {} })
  expect([["name"], ["parts", 1, "size"], ["parts", 1, "other"], ["names"]].map(lineOf)).toEqual([2, 5, 5, 1])
})

test.each([
  ["name: x\nparts:\n  - size: 1\n    sise: 2\n", "a.yaml: unknown key sise in parts.0\n  where: a.yaml:4\n  what to do: correct the spelling, or remove the key"],
  ["parts: []\n", "a.yaml: name is missing\n  where: a.yaml:1\n  what to do: add it"],
  ["name: 2026.10\n", "a.yaml: name: Invalid input: expected string, received number\n  where: a.yaml:1\n  what to do: put the value in quotes: it is taken as text, as it is written"],
  ["name: x\nnames: { A: b }\n", "a.yaml: names.A: a name has small letters only\n  where: a.yaml:2\n"],
  ["name: x\n name: y\n", "a.yaml is not valid YAML: "],
  ["name: x\nname: y\n", "a.yaml is not valid YAML: Map keys must be unique\n  where: a.yaml:2\n  what to do: keep one of the two"],
  ["name: *other\n", "a.yaml is not valid YAML: "],
  ["", "a.yaml: the top level: Invalid input: expected object, received null\n  where: a.yaml:1\n"],
])("%j is refused, with its line", (text, message) => {
  expect(() => parseStrictYaml(schema, text, "a.yaml")).toThrow(message)
})

test("below the keys that hold settings, a value is the text that was written", () => {
  const schema = z.strictObject({ version: z.string(), set: z.record(z.string(), z.string()) })
  const text = 'version: "1"\nset: { limit: 0, mode: 0644, on: true, nothing: ~, text: "7" }\n'

  expect(parseStrictYaml(schema, text, "a.yaml", { textBelow: ["set"] }).value.set)
    .toEqual({ limit: "0", mode: "0644", on: "true", nothing: "~", text: "7" })
  expect(() => parseStrictYaml(schema, text, "a.yaml")).toThrow("set.limit: Invalid input: expected string, received number")
})
