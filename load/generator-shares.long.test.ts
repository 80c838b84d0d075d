import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { StartedAcademiesContainer } from "../lab/academies.ts"
import { engine } from "../lab/engine.ts"
import { eventually } from "../lab/eventually.ts"
import { LivingLab } from "../lab/living-lab.ts"
import type { LoadProfile } from "./load-profile.ts"
import { runLoad, type LoadOrder } from "./run-load.ts"

// One load sent by several generators on a real lab: the same ledger, and none where one of them is lost.

let lab: LivingLab
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-shares-"))
  lab = await LivingLab.start()
})
afterAll(async () => {
  await lab?.end()
  rmSync(folder, { recursive: true, force: true })
})

/** One message to each of 60 people, 4 a second. */
const shares: LoadProfile = {
  name: "shares", sendMsMax: 240_000, drainMsMax: 120_000, honesty: { rateRatioMin: 0.5, cpuPercentMax: 100 },
  streams: [{ name: "notes", senderClass: "institution", target: { kind: "academies", each: 2 }, messages: 60, perSecond: 4, bytes: 2_048, vus: 10 }],
}
const load = (generators: number, at?: LoadOrder["at"]) =>
  runLoad({ handle: lab.handle, profile: shares, seed: 1, generators, runFolder: folder, ...(at ? { at } : {}) })

test("three generators give the ledger of one", { timeout: 600_000 }, async () => {
  const [one, three] = [await load(1), await load(3)]

  expect(one.ledger?.figures?.total).toMatchObject({ recipients: 60, fates: { "delivered-once": 60 } })
  expect(three.ledger?.figures?.total).toEqual(one.ledger?.figures?.total)
  expect([one.generators, three.generators, three.ending]).toEqual([1, 3, "passed"])
})

test("a generator that is killed in mid-run leaves no conclusion, and is gone afterwards", { timeout: 600_000 }, async () => {
  const { container: { dockerode } } = await engine()
  const name = `recette-${lab.handle.run}-generator-2`
  const academies = new StartedAcademiesContainer(lab.handle)
  // Until then the academies still have the record of the load before.
  const begun = Promise.withResolvers<void>()
  const loading = load(3, async (moment) => {
    if (moment === "send") begun.resolve()
  })
  await Promise.race([begun.promise, loading])
  await eventually("the first copies have arrived", async () => (await academies.recording().catch(() => ({ recipients: 0 }))).recipients > 0, { withinMs: 180_000 })
  await dockerode.getContainer(name).kill()

  const { ledger, honest, ending } = await loading
  expect([ledger?.conclusion, ledger?.figures, honest, ending]).toEqual(["inconclusive", null, false, "killed"])
  expect(ledger?.gaps.map(({ where }) => where)).toContain("submissions-generator-2")
  expect((await dockerode.listContainers({ all: true })).flatMap(({ Names }) => Names)).not.toContain(`/${name}`)
})
