import { expect, test } from "vitest"
import { platformNamed, shippedPlatforms } from "../lab/platform.ts"
import { electorsOf2018, extrapolation } from "./electorate.ts"
import { estimatedSeconds, sentAfterSeconds } from "./estimate.ts"
import { parseSetting, profileAt, type ProfileDefinition } from "./profile-definition.ts"
import { definitionNamed, definitions, profileNamed } from "./profile-list.ts"
import { profileFacts, profileLines } from "./profile-lines.ts"

const named = (name: string, given: Record<string, number> = {}) => profileNamed(name, given)
const lists = (name: string, given: Record<string, number> = {}) => named(name, given).streams.flatMap(({ target }) => target.kind === "list" ? [target] : [])
const scaled = definitions.filter(({ parameters }) => "electors" in parameters)

test("platforms name profiles that there are, and every name leads to its own profile", () => {
  for (const { profiles } of shippedPlatforms()) for (const name of profiles) expect(named(name).name).toBe(name)
  expect(() => profileNamed("storm")).toThrow(/^There is no load profile storm\n {2}where: the command line\n {2}what to do: use smoke, smoke-confinement, smoke-mailboxes, aliases, vote-code/)
  expect(platformNamed("ariel-pr").profiles[0]).toBe("smoke")
})

test.each<[string, Record<string, number>, string]>([
  ["too few", { electors: 5 }, "The profile reminder cannot have electors 5\n  where: the command line\n  what to do: give a whole number from 300 to 1400000; without it, it is 3000"],
  ["too many", { electors: 2_000_000 }, "The profile reminder cannot have electors 2000000"],
  ["no whole number", { electors: 3_000.5 }, "The profile reminder cannot have electors 3000.5"],
  ["another parameter out of bounds", { bytes: 10 }, "The profile reminder cannot have bytes 10\n  where: the command line\n  what to do: give a whole number from 1000 to 1000000; without it, it is 10000"],
  ["an unknown parameter", { members: 5 }, "The profile reminder has no parameter members\n  where: the command line\n  what to do: use electors, bytes"],
])("%s is wrong input", (_, given, message) => {
  expect(() => named("reminder", given)).toThrow(message)
})

test("a profile that is always the same takes no parameter", () => {
  expect(() => named("smoke", { electors: 3_000 })).toThrow("The profile smoke has no parameter electors\n  where: the command line\n  what to do: leave it out: this profile is always the same")
  expect(() => parseSetting("mailings")).toThrow("This sets no parameter: mailings\n  where: --set mailings\n  what to do: write name=number")
  expect(parseSetting("mailings=3")).toEqual(["mailings", 3])
})

test("quick loads are what they were: no parameter, no assumption, no world", () => {
  expect(named("smoke")).toMatchObject({ parameters: {}, assumptions: [], sendMsMax: 420_000, drainMsMax: 600_000 })
  expect(named("smoke").streams.map(({ name, messages, perSecond }) => [name, messages, perSecond])).toEqual([
    ["consignes", 360, 10], ["applications", 360, 10], ["boites", 288, 8], ["lettre", 1, 0.5],
  ])
})

test.each(definitions.map((one) => [one.name, one] as const))("%s: every parameter is an assumption with its source, in both languages", (_, definition) => {
  const { assumptions = [], summary } = profileAt(definition)
  expect(assumptions.length).toBeGreaterThanOrEqual(Object.keys(definition.parameters).length)
  for (const text of [summary!, ...assumptions.map(({ what }) => what)]) expect(text.fr.length > 0 && text.en.length > 0).toBe(true)
  for (const { source, value } of assumptions) expect(source.length > 0 && value.length > 0).toBe(true)
  for (const { standard, min, max } of Object.values(definition.parameters)) expect(min <= standard && standard <= max).toBe(true)
})

test.each(definitions.map((one) => [one.name, one] as const))("%s: its sessions never pass what the edge takes of one client", (_, definition: ProfileDefinition) => {
  const { streams, isRamp } = profileAt(definition)
  // Sessions stay to the end of the load; those of a step go with it, at last while the next one begins.
  const at = (second: number) => streams.filter(({ startSeconds = 0, messages, perSecond }) => startSeconds <= second && (!isRamp || second < startSeconds + messages / perSecond + 5))
  for (let second = 0; second <= sentAfterSeconds(streams); second += 1) expect(at(second).reduce((sum, { vus }) => sum + vus, 0)).toBeLessThanOrEqual(50)
})

test("lists grow with the electorate, all of them of the same electors, and none waits for a moderator", () => {
  for (const { name } of scaled) {
    const [small, large] = [lists(name, { electors: 1_000 }), lists(name, { electors: 10_000 })].map((targets) => Math.max(...targets.map(({ members }) => members)))
    expect(large! / small!, name).toBeCloseTo(10, 0)
    for (const target of lists(name)) expect(target, name).toMatchObject({ electors: true, atOnce: true })
  }
})

test("thirteen unions post within the minute, and lists shrink where one machine cannot carry them", () => {
  const unions = named("campaign-day").streams.filter(({ senderClass }) => senderClass === "union")
  expect(unions).toHaveLength(13)
  expect(Math.max(...unions.map(({ startSeconds }) => startSeconds!)) - Math.min(...unions.map(({ startSeconds }) => startSeconds!))).toBeLessThan(60)
  expect(new Set(unions.map(({ startSeconds }) => startSeconds)).size).toBe(13)
  expect(lists("campaign-day", { electors: electorsOf2018, deliveriesMax: 130_000 })[0]!.members).toBe(10_000)
  expect(lists("campaign-day", { leavable: 1 })[0]!.list).toBe("info-personnels")
})

test("a soak posts no more than is served, whatever the electorate", () => {
  expect(lists("soak", { electors: electorsOf2018 })[0]!.members).toBe(4_800)
  expect(estimatedSeconds(named("soak", { electors: electorsOf2018, minutes: 60 }))).toBeLessThan(3_800)
})

test("codes go while the mailing does, at every scale", () => {
  for (const electors of [3_000, 40_000, electorsOf2018]) {
    const { streams } = named("vote-code", { electors })
    const codes = streams.find(({ name }) => name === "codes")!
    // At 200 copies a second, faster than any that was measured, the mailing lasts longer still.
    expect(codes.startSeconds! + codes.messages / codes.perSecond, `${electors}`).toBeLessThanOrEqual(Math.max(31, electors * 2 / 200 + 6))
    expect(codes.messages).toBeGreaterThanOrEqual(100)
  }
})

test("the slow and the silent academy are no part of what is compared", () => {
  const { streams, world } = named("slow-academy")
  expect(world!.map(({ academies }) => academies)).toEqual([["lille"], ["nice"]])
  for (const name of ["avant", "pendant"]) expect(streams.find((one) => one.name === name)!.target).toMatchObject({ except: ["lille", "nice"] })
})

test("the national mail's limits are those published, a quarter of them at night", () => {
  const { world, streams } = named("throttled")
  expect(world![0]!.behaviour.limits!.windows.map(({ perClientMax, perSenderMax }) => [perClientMax, perSenderMax])).toEqual([[175, 175], [250, 250], [1_500, 1_000], [2_000, 1_250]])
  expect(named("throttled", { divisor: 1 }).world![0]!.behaviour.limits!.windows[0]).toEqual({ windowSeconds: 60, perClientMax: 700, perSenderMax: 700 })
  const notes = streams.find(({ name }) => name === "notes")!
  expect([notes.messages > 175, notes.messages < 250]).toEqual([true, true])
})

test("what is below the whole electorate is extrapolated, and says so", () => {
  expect(extrapolation(named("reminder"))).toMatchObject({ electors: 3_000, measured: 3_000, sentence: { en: expect.stringContaining("measured with 3 000 electors: whatever is said of 1 023 211 (2018) is extrapolated") } })
  expect(extrapolation(named("reminder", { electors: 1_400_000 }))).toBeNull()
  expect(extrapolation(named("campaign-day", { electors: 1_400_000 }))).toMatchObject({ electors: 1_400_000, measured: 15_384 })
  expect(extrapolation(named("stress"))).toBeNull()
})

test("the list of profiles says what each asks and how long it takes, one of them all that it supposes", () => {
  const short = profileLines(definitions, { electors: 12_700 }, { lang: "en", inFull: false })
  expect(short).toHaveLength(definitions.length * 2)
  expect(short).toContain(`  1 posts to 1 lists, 12 700 copies; some ${Math.round(estimatedSeconds(named("reminder", { electors: 12_700 })) / 60)} min`)
  const full = profileLines([definitionNamed("vote-code")], { electors: 6_000 }, { lang: "fr", inFull: true }).join("\n")
  expect(full).toContain("electors 6000 (300…1400000) : électeurs")
  expect(full).toContain("suppose 120 s : durée de vie d'un code")
  expect(full).toContain("est extrapolé")
  expect(profileFacts([definitionNamed("stress")], { electors: 6_000 })).toMatchObject([{ name: "stress", parameters: { steps: 7 }, extrapolated: null }])
})
