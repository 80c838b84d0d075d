import { expect, test } from "vitest"
import { sourceLines } from "./base-image.ts"

test("mirrors become lines of sources.list", () => {
  expect(sourceLines("trixie", {
    debianMirror: "http://mirror.example/debian", debianSecurityMirror: "http://mirror.example/security",
  })).toEqual([
    "deb http://mirror.example/debian trixie main",
    "deb http://mirror.example/debian trixie-updates main",
    "deb http://mirror.example/security trixie-security main",
  ])
})

test("without mirrors the base keeps Debian's own sources", () => {
  expect(sourceLines("bookworm", { debianMirror: undefined, debianSecurityMirror: undefined })).toEqual([])
})
