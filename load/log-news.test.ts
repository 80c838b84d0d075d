import { appendFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryFolder } from "../lab/temporary-release.ts"
import { LogNews } from "./log-news.ts"

const mark = "load l1abc has drained"

test("a text is found once it has come whole, and one of before is none", async () => {
  const path = join(temporaryFolder({ "postfix.log": `postfix: ${mark}\n` }), "postfix.log")
  const news = await LogNews.from(path)
  expect(await news.bring(mark)).toBe(false)
  appendFileSync(path, "l'été\nload l1abc has ")
  expect(await news.bring(mark)).toBe(false)
  appendFileSync(path, "drained\nmore")

  expect(await news.bring(mark)).toBe(true)
})

test("it is found behind more than is read at once, and across two pieces", async () => {
  const path = join(temporaryFolder({ "postfix.log": "" }), "postfix.log")
  const news = await LogNews.from(path)
  appendFileSync(path, `${"x".repeat(1_048_576 - 5)}${mark}`)

  expect(await news.bring(mark)).toBe(true)
})

test("a log that is not there yet is an error for now", async () => {
  const path = join(temporaryFolder({ other: "" }), "postfix.log")
  const news = await LogNews.from(path)
  await expect(news.bring(mark)).rejects.toThrow("ENOENT")
  appendFileSync(path, mark)

  expect(await news.bring(mark)).toBe(true)
})
