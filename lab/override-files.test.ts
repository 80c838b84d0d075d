import { expect, test } from "vitest"
import { settingLines } from "./override-files.ts"

const nothing = { files: [], set: {}, unset: [], services: {} }

test("writes each setting on a line of its own, in the component's way", () => {
  const [set, unset] = settingLines({ ...nothing, set: { sleep: "1", send: "private" }, unset: ["nrcpt", "avg"] }, " ")

  expect(set).toMatchObject({ target: "/recette/set", content: "sleep 1\nsend private\n" })
  expect(unset).toMatchObject({ target: "/recette/unset", content: "nrcpt\navg\n" })
})

test("without overrides both files are empty, so that nothing of an earlier start remains", () => {
  expect(settingLines(nothing, "=").map(({ content }) => content)).toEqual(["", ""])
})

test("refuses a value of several lines, which would become another setting", () => {
  expect(() => settingLines({ ...nothing, set: { send: "private\nsubscribe open" } }, " "))
    .toThrow("The value of send has more than one line\n  where: release.yaml, set")
})
