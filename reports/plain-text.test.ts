import { expect, test } from "vitest"
import { plainLine, plainText } from "./plain-text.ts"

test("terminal sequences and control characters go, newlines and tabs stay", () => {
  expect(plainText("\u001b[31mred\u001b[0m\tline\r\nnext\u0000\u0007\u009b\u001b]0;title\u0007")).toBe("red\tline\nnext")
})

test("half characters and noncharacters never reach a file", () => {
  expect(plainText("a\ud800b\udc00c\ufffed\uffff")).toBe("a\ufffdb\ufffdcd")
})

test("characters that turn the reading direction are written by number", () => {
  expect(plainText("gnp\u202eexe \u2066x\u2069")).toBe("gnp⟨U+202E⟩exe ⟨U+2066⟩x⟨U+2069⟩")
})

test("letters of any script and signs beyond the basic plane stay", () => {
  expect(plainText("Éléonore Ż 漢字 עברית 👩‍💻")).toBe("Éléonore Ż 漢字 עברית 👩‍💻")
})

test("one line is one line", () => {
  expect(plainLine(" a\n\n b\tc ")).toBe("a b c")
})
