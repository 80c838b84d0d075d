import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { startTicks } from "./ownership.ts"
import { sweepTemporaryFolders, temporaryFolder } from "./state-folder.ts"

test("a temporary folder goes with its block", async () => {
  let path: string
  {
    await using folder = await temporaryFolder("test-block")
    path = folder.path
    expect(existsSync(path)).toBe(true)
  }
  expect(existsSync(path)).toBe(false)
})

test("the sweep takes the folders of dead processes only, also where their pid lives again", async () => {
  await using folder = await temporaryFolder("test-sweep")
  const living = `${process.pid}-${startTicks(process.pid)!}-base`
  for (const name of [living, `${process.pid}-1-base`, "4194305-12-context", "notes"]) await mkdir(join(folder.path, name))

  expect(await sweepTemporaryFolders(folder.path)).toBe(2)

  expect(["notes", living].filter((name) => existsSync(join(folder.path, name)))).toEqual(["notes", living])
  expect(existsSync(join(folder.path, "4194305-12-context"))).toBe(false)
})
