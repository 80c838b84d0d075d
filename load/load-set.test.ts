import { expect, test } from "vitest"
import { platformNamed } from "../lab/platform.ts"
import { electorsOf2018 } from "./electorate.ts"
import { estimatedSeconds } from "./estimate.ts"
import { loadSet, namesOf, parseBudget, setLines, type LoadSetOrder } from "./load-set.ts"

const arielPr = platformNamed("ariel-pr")
const bare = { name: "relais", profiles: [], places: {} }
const names = (order: LoadSetOrder, platform: Parameters<typeof loadSet>[1] = arielPr) => loadSet(order, platform).chosen.map(({ name }) => name)

test("a quick qualification has the first load of its platform, a higher level all of them", () => {
  expect(names({ level: "quick" })).toEqual(["smoke"])
  expect(names({ level: "full" })).toEqual(arielPr.profiles)
  expect(names({ level: "election" })).toEqual(arielPr.profiles)
  expect(names({ level: "quick" }, platformNamed("confinement"))).toEqual(["smoke-confinement"])
})

test("loads can be named, or none, and one that the platform has not is wrong input", () => {
  expect(names({ level: "quick", profile: "stress,smoke" })).toEqual(["smoke", "stress"])
  expect(names({ level: "full", profile: "none" })).toEqual([])
  expect(namesOf([])).toBe("none")
  expect(() => loadSet({ level: "quick", profile: "smoke,storm" }, arielPr)).toThrow(/^The platform ariel-pr has no load profile storm\n {2}where: the command line\n {2}what to do: use smoke, .*, which it has; for qualify, also none/)
  expect(names({ level: "quick" }, bare)).toEqual([])
  expect(() => loadSet({ level: "quick", profile: "smoke" }, bare)).toThrow(
    "The platform relais has no load profile smoke\n  where: the command line\n  what to do: do without: no load is put on it")
  expect(() => loadSet({ level: "quick" }, { name: "relais", profiles: ["storm"], places: { "profiles/storm": "relais.yaml:9" } })).toThrow(
    "There is no load profile storm\n  where: relais.yaml:9")
})

test("--only asks for the loads that prove what it names", () => {
  const requirements: LoadSetOrder["requirements"] = [
    { id: "PRI-01", proof: { load: "p99", profiles: ["vote-code"], streams: ["codes"] } }, { id: "PERF-09", proof: { load: "lost" } }, { id: "LST-01", proof: "scenario" },
  ]
  expect(names({ level: "quick", only: ["PRI-01"], requirements })).toEqual(["vote-code"])
  expect(names({ level: "quick", only: ["PERF-09", "PRI-01"], requirements })).toEqual(["smoke", "vote-code"])
  expect(names({ level: "quick", only: ["LST-01", "load"], requirements })).toEqual(["smoke"])
  expect(names({ level: "quick", only: ["LST-01"], requirements })).toEqual([])
})

test("full is bounded, election is the volume as far as one machine carries it", () => {
  const electorsOf = (level: "full" | "election") => Object.fromEntries(loadSet({ level }, arielPr).chosen.map(({ name, parameters }) => [name, parameters!["electors"]]))
  expect(electorsOf("full")).toMatchObject({ "reminder": 3_000, "campaign-day": 3_000 })
  expect(electorsOf("election")).toMatchObject({ reminder: electorsOf2018, "vote-code": electorsOf2018 })
  const total = loadSet({ level: "full" }, arielPr).chosen.reduce((sum, load) => sum + estimatedSeconds(load), 0)
  expect(total).toBeLessThan(3_600)
})

test("a budget takes loads in the platform's order while their estimates fit, and names the others", () => {
  const { chosen, leftOut } = loadSet({ level: "full", budgetSeconds: 600 }, arielPr)
  expect(chosen.reduce((sum, load) => sum + estimatedSeconds(load), 0)).toBeLessThanOrEqual(600)
  expect(chosen.length).toBeGreaterThan(1)
  expect([...chosen.map(({ name }) => name), ...leftOut.map(({ profile }) => profile)].sort()).toEqual([...arielPr.profiles].sort())
  const lines = setLines({ chosen, leftOut }, "en")
  expect(lines[0]).toMatch(/^loads, some \d+ min: smoke \(2 min\), vote-code/)
  expect(lines[1]).toMatch(/^loads left out, for the time given has no room for them: .*soak \(\d+ min\)$/)
  expect(setLines({ chosen: chosen.slice(0, 1), leftOut: [] }, "en")).toEqual([])
  expect([parseBudget("60m"), parseBudget("4h")]).toEqual([3_600, 14_400])
  expect(() => parseBudget("soon")).toThrow("This is no time: soon\n  where: --budget soon\n  what to do: write a number with its unit, for example 60m or 4h")
  expect(() => parseBudget("60")).toThrow("This is no time: 60")
})
