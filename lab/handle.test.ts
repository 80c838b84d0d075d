import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { InputError } from "./failure.ts"
import { readHandle } from "./handle.ts"

test("a handle that is not there is wrong input, which names the option", async () => {
  const reading = readHandle("/nowhere/lab.json")
  await expect(reading).rejects.toThrow(InputError)
  await expect(reading).rejects.toMatchObject({ where: "--lab /nowhere/lab.json" })
})

test.each([["another file's JSON", '{ "schema": "recette.load/v1" }'], ["no JSON", "lab"], ["nothing", "null"]])("%s is no handle", async (_, text) => {
  await inFile(text, async (path) => { await expect(readHandle(path)).rejects.toThrow("This file is no lab's handle") })
})

test("a lab's handle is read", async () => {
  await inFile('{ "schema": "recette.lab/v1", "run": "r1" }', async (path) => {
    expect(await readHandle(path)).toMatchObject({ run: "r1" })
  })
})

async function inFile(text: string, use: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "recette-handle-"))
  try {
    await writeFile(join(folder, "lab.json"), text)
    await use(join(folder, "lab.json"))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
