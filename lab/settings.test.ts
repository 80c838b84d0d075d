import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { parseSettings, renderSettingsTable, settingNames } from "./settings.ts"

const exampleFile = new URL("../.recette.env.example", import.meta.url)

test("settings have defaults, and numbers are numbers", () => {
  expect(parseSettings({ RECETTE_DELIVERY_TIMEOUT_MS: "5000" }))
    .toEqual({ installEngine: "ask", deliveryTimeoutMs: 5_000, lang: "en", color: true })
})

test("an unknown name is refused by its name", () => {
  expect(() => parseSettings({ RECETTE_INSTAL_ENGINE: "no" }))
    .toThrow("RECETTE_INSTAL_ENGINE is no setting of recette\n  where: the environment, or recette.env")
})

test("a value out of its range is refused by its name", () => {
  expect(() => parseSettings({ RECETTE_DELIVERY_TIMEOUT_MS: "5" }))
    .toThrow("RECETTE_DELIVERY_TIMEOUT_MS: Too small: expected number to be >=1000")
  expect(() => parseSettings({ RECETTE_HTTP_PROXY: "proxy.example" })).toThrow("RECETTE_HTTP_PROXY: ")
})

test("an empty value counts as not set", () => {
  expect(parseSettings({ RECETTE_CA_FILE: "" }).caFile).toBeUndefined()
})

test("the language follows RECETTE_LANG, then the locale", () => {
  expect(parseSettings({ LANG: "fr_FR.UTF-8" }).lang).toBe("fr")
  expect(parseSettings({ LANG: "fr_FR.UTF-8", RECETTE_LANG: "en" }).lang).toBe("en")
  expect(parseSettings({ LC_ALL: "C.UTF-8", LANG: "fr_FR.UTF-8" }).lang).toBe("en")
})

test("the usual proxy variables count where ours are not set", () => {
  const usual = { http_proxy: "http://usual.example:3128", NO_PROXY: "localhost" }
  expect(parseSettings(usual)).toMatchObject({
    httpProxy: "http://usual.example:3128", httpsProxy: "http://usual.example:3128", noProxy: "localhost",
  })
  expect(parseSettings({ ...usual, RECETTE_HTTP_PROXY: "http://ours.example:3128" }).httpProxy)
    .toBe("http://ours.example:3128")
})

test("the table names every setting but the internal one", () => {
  const table = renderSettingsTable()
  expect(table).toContain("| `RECETTE_DELIVERY_TIMEOUT_MS` | `30000` | longest wait for one message, in ms |")
  expect(table).not.toContain("RECETTE_ANCESTORS")
})

test("the README carries the table as it is", () => {
  expect(readFileSync(new URL("../README.md", import.meta.url), "utf8")).toContain(renderSettingsTable())
})

test("the example file names every setting, and no other", () => {
  const named = [...readFileSync(exampleFile, "utf8").matchAll(/^# (RECETTE_[A-Z_]+)=/gm)].map(([, name]) => name)
  expect(named.sort()).toEqual(settingNames().filter((name) => name !== "RECETTE_ANCESTORS").sort())
})
