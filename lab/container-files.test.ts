import { execFileSync } from "node:child_process"
import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Readable } from "node:stream"
import { setTimeout as pause } from "node:timers/promises"
import { expect, test } from "vitest"
import { unpack } from "./container-files.ts"
import { temporaryFolder } from "./state-folder.ts"

// Of a length that tar reads whole: 10 240 octets, its record.
test("an archive whose stream ends some time after its end mark is unpacked", async () => {
  await using from = await temporaryFolder("unpack-from")
  await using into = await temporaryFolder("unpack-into")
  await writeFile(join(from.path, "one"), "text")
  const archive = execFileSync("tar", ["--create", "--file=-", `--directory=${from.path}`, "one"])

  await unpack(Readable.from(async function* () {
    yield archive
    await pause(200)
    yield Buffer.alloc(512)
  }()), into.path)

  expect(await readFile(join(into.path, "one"), "utf8")).toBe("text")
})
