import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { DishonestAcademies } from "../lab/dishonest-academies.ts"
import { LivingLab } from "../lab/living-lab.ts"
import type { Dishonesty, Planted } from "../lab/world/dishonesty.ts"
import type { LoadFile } from "./load-file.ts"
import type { LoadProfile } from "./load-profile.ts"
import { runLoad } from "./run-load.ts"

// Would a load on a real lab notice that its own parts lie? Each lie is told by the academies' server, which counts how often,
// or by the generator; the ledger must find that very number, or conclude nothing.

/** Few messages and many recipients, from many sessions: a machine that others keep busy takes them at this rate as well. */
const messages = 100
const perMessage = 30
const recipients = messages * perMessage
const perSecond = 5
const vus = 40
const one1000 = 1_000
const script = join(import.meta.dirname, "honesty.k6.ts")

let lab: LivingLab
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-honesty-"))
  lab = await LivingLab.start()
}, 900_000)

afterAll(async () => {
  await lab?.end()
  rmSync(folder, { recursive: true, force: true })
})

interface Judged extends LoadFile { planted: Planted | undefined }

/** Runs the load while the academies lie so, and says what they planted. */
async function judged(name: string, { lie, script: own = script }: { lie?: Dishonesty; script?: string } = {}): Promise<Judged> {
  const academies = new DishonestAcademies(lab.handle)
  const profile: LoadProfile = {
    name, script: own,
    streams: [{
      name: "notes", senderClass: "institution", target: { kind: "academies", each: 10 }, messages, perSecond, bytes: 2_000, vus,
    }],
    sendMsMax: 120_000, drainMsMax: 180_000, honesty: { rateRatioMin: 0.9, cpuPercentMax: 100 },
  }
  const file = await runLoad({
    handle: lab.handle, profile, seed: 7, runFolder: folder,
    at: async (moment) => { if (moment === "send" && lie) await academies.lie(lie) },
  })
  return { ...file, planted: lie && await academies.beHonest() }
}

/** Fates of all recipients, without those that nobody met. */
function fatesOf({ ledger }: LoadFile): Record<string, number> {
  return Object.fromEntries(Object.entries(ledger!.figures!.total.fates).filter(([, count]) => count > 0))
}

function missed({ honesty }: LoadFile): string[] {
  return honesty.filter(({ held }) => !held).map(({ check }) => check)
}

test("where nobody lies, nothing is found", async () => {
  const file = await judged("honest")

  expect(missed(file)).toEqual([])
  expect(file).toMatchObject({ honest: true, failure: null, ledger: { conclusion: "reconciled" } })
  expect(fatesOf(file)).toEqual({ "delivered-once": recipients })
  expect(file.ledger!.figures!.total.marks).toMatchObject({ altered: 0, contradicted: 0 })
})

test("academies that drop one acknowledged message in a thousand are caught with the exact number", async () => {
  const { planted, ...file } = await judged("drops", { lie: { dropsEvery: one1000 } })

  expect(planted!.dropped).toBeGreaterThanOrEqual(recipients / one1000)
  expect(fatesOf(file)).toEqual({ "delivered-once": recipients - planted!.dropped, lost: planted!.dropped })
  expect(file.ledger!.figures!.examples.map(({ offence, first }) => [offence, first.length])).toEqual([["lost", planted!.dropped]])
})

test("academies that record one message in a thousand twice are caught with the exact number", async () => {
  const { planted, ...file } = await judged("repeats", { lie: { repeatsEvery: one1000 } })

  expect(planted!.repeated).toBeGreaterThanOrEqual(recipients / one1000)
  expect(fatesOf(file)).toEqual({ "delivered-once": recipients - planted!.repeated, duplicated: planted!.repeated })
  expect(file.ledger!.figures!.total.extraCopies).toBe(planted!.repeated)
})

test("unexpected and altered copies are caught with their exact numbers", async () => {
  const { planted, ...file } = await judged("strays", { lie: { straysEvery: one1000, altersEvery: one1000 - 1 } })

  expect(planted!.strayed).toBeGreaterThanOrEqual(recipients / one1000)
  expect(planted!.altered).toBeGreaterThanOrEqual(recipients / one1000)
  expect(fatesOf(file)).toEqual({ "delivered-once": recipients, unexpected: planted!.strayed })
  expect(file.ledger!.figures!.total.marks.altered).toBe(planted!.altered)
})

test("academies that end their record early leave no conclusion, and the exact number that is missing", async () => {
  const { planted, ...file } = await judged("ends-early", { lie: { endsAfter: recipients / 2 } })

  expect(planted!.unwritten).toBeGreaterThan(0)
  expect(file).toMatchObject({ failure: null, ledger: { conclusion: "inconclusive", figures: null } })
  expect(file.ledger!.gaps.map(({ where, missing }) => [where, missing])).toEqual([[expect.stringMatching(/^acceptances-academies-/), planted!.unwritten]])
})

test("a generator at half the rate leaves no conclusion", async () => {
  const slow = join(folder, "half-rate.k6.ts")
  const text = readFileSync(script, "utf8")
  expect(text).toContain("const slowness = 1\n")
  writeFileSync(slow, text.replace("const slowness = 1\n", "const slowness = 2\n"))

  const file = await judged("half-rate", { script: slow })

  expect(missed(file)).toEqual(["rate"])
  expect(file).toMatchObject({ honest: false, streams: [{ asked: { messages, perSecond }, achieved: { messages } }] })
  expect(file.streams[0]!.achieved.perSecond).toBeLessThan(perSecond * 0.6)
  expect(fatesOf(file)).toEqual({ "delivered-once": recipients })
})
