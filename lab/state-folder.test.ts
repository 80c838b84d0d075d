import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { thisOwner } from "./ownership.ts"
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
  const { pid, startTicks, pidNamespace, machine } = thisOwner()
  const nameOf = (...parts: (string | number)[]): string => parts.join("-")
  const living = nameOf(pid, startTicks, pidNamespace, machine, "base")
  const dead = nameOf(4_194_305, 12, pidNamespace, machine, "context")
  const elsewhere = nameOf(4_194_305, 12, pidNamespace, "0a1b2c3d4e5f", "context")
  const names = [living, nameOf(pid, 1, pidNamespace, machine, "base"), dead, elsewhere, "notes"]
  for (const name of names) await mkdir(join(folder.path, name))

  expect(await sweepTemporaryFolders(folder.path)).toBe(2)

  expect(names.filter((name) => existsSync(join(folder.path, name)))).toEqual([living, elsewhere, "notes"])
})
