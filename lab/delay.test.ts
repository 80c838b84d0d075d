import { expect, test } from "vitest"
import { parseDelay } from "./delay.ts"

test("a delay names two nodes, a port and its milliseconds", () => {
  expect(parseDelay("sympa:mariadb:3306=20ms")).toEqual({ from: "sympa", to: "mariadb", port: 3306, delayMs: 20 })
})

test("another form is refused with an example", () => {
  expect(() => parseDelay("sympa-mariadb=20")).toThrow("This is no delay: sympa-mariadb=20\n  where: --delay sympa-mariadb=20\n"
    + "  what to do: write from:to:port=milliseconds, for example sympa:mariadb:3306=20ms")
})
