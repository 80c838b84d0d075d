import { expect, test } from "vitest"
import { bodyOf, headerLinesOf, headersOf, sizedMessage } from "./raw-message.ts"

test("a message has exactly the size that was asked for", () => {
  for (const bytes of [1_000, 1_001, 1_077, 1_078, 5_242_880, 5_242_881]) {
    const message = { bytes, id: "k3f9-1", from: "a@x.test", to: "b@x.test" }
    expect(sizedMessage(message)).toHaveLength(bytes)
    expect(sizedMessage({ ...message, lineEndBytes: 1 }).toString().replaceAll("\r\n", "\n")).toHaveLength(bytes)
  }
})

test("headers are unfolded, and the body begins after the first empty line", () => {
  const raw = Buffer.from("Subject: one\r\n two\r\nX-A: 1\r\n\r\nbody\r\n\r\nmore\r\n")
  expect(headerLinesOf(raw)).toEqual(["Subject: one two", "X-A: 1"])
  expect(headersOf(raw)["subject"]).toBe("one two")
  expect(bodyOf(raw)).toBe("body\n\nmore\n")
})
