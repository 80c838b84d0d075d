import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { forgetRun, registeredRuns, registerRun } from "./run-registry.ts"

const owner = { pid: 1, startTicks: "2", bootId: "boot", pidNamespace: "3", machine: "m" }

test("a run is known from its registration until it is forgotten", async () => {
  const folder = mkdtempSync(join(tmpdir(), "recette-registry-"))
  expect(await registeredRuns(folder)).toEqual([])

  await registerRun({ run: "one", owner, image: "world" }, folder)
  expect(await registeredRuns(folder)).toEqual([{ run: "one", owner, image: "world" }])

  await forgetRun(folder, "one")
  await forgetRun(folder, "one")
  expect(await registeredRuns(folder)).toEqual([])
})

test("a file that is no note of a run is left out", async () => {
  const folder = mkdtempSync(join(tmpdir(), "recette-registry-"))
  await registerRun({ run: "one", owner, image: "world" }, folder)
  writeFileSync(join(folder, "runs", "broken.json"), "{")
  writeFileSync(join(folder, "runs", "other.json"), JSON.stringify({ run: "else", owner }))

  expect((await registeredRuns(folder)).map(({ run }) => run)).toEqual(["one"])
})
