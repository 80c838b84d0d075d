import { expect, test } from "vitest"
import { durationWords, instantWords } from "./words.ts"

test("an instant is said without the machine's time zone", () => {
  expect(instantWords("2026-11-23T21:44:07.120Z", "fr")).toBe("23 novembre 2026, 21:44 UTC")
  expect(instantWords("2027-03-01T08:00:00Z", "fr")).toBe("1er mars 2027, 08:00 UTC")
  expect(instantWords("2027-03-01T08:00:00Z", "en")).toBe("1 March 2027, 08:00 UTC")
  expect(instantWords(undefined, "en")).toBe("–")
  expect(instantWords("yesterday", "en")).toBe("yesterday")
})

test("a duration is said with its unit", () => {
  expect(durationWords(840, "fr")).toBe("840 ms")
  expect(durationWords(12_430, "fr")).toBe("12,4 s")
  expect(durationWords(59_990, "en")).toBe("1 min 00 s")
  expect(durationWords(185_000, "en")).toBe("3 min 05 s")
  expect(durationWords(null, "en")).toBe("–")
})
