import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { forPlatform, isProvedByLoad } from "../fixtures/requirements.ts"
import { InputError } from "./failure.ts"
import { applyOverlay, loadRequirements, parseRegister } from "./requirements.ts"
import { temporaryFolder } from "./temporary-release.ts"

const entry = (id: string, more = "") => `  - id: ${id}
    text: { fr: x, en: x }
    source: RFC 5321
    class: technical
    severity: bloquante
    level: quick
    platforms: [ariel-pr]
${more}`
const registerText = (...entries: string[]) => `schema: recette.requirements/v1\nrequirements:\n${entries.join("")}`
const register = parseRegister(registerText(
  entry("ROU-01"), entry("ROU-02", "    bounds: { deliveryMsMax: 30000, openingDate: 2026-10-27 }\n"),
  entry("LST-01", "    standings: [{ status: known-limit, generations: [debian-12], since: Sympa 6.2.72, reason: { fr: x, en: x } }]\n"),
), "fixtures/requirements.yaml")

describe("the register", () => {
  test("says what a load proves; everything else is a scenario's matter", () => {
    const [lost, timely, rest] = parseRegister(registerText(
      entry("PERF-09", "    proof: { load: lost }\n"), entry("PERF-13", "    bounds: { everybodyMsMax: 90000 }\n    proof: { load: everybody-reached }\n"), entry("LST-01"),
    ), "r.yaml")
    expect([lost, timely, rest].map((one) => [one!.proof, isProvedByLoad(one!)])).toEqual([[{ load: "lost" }, true], [{ load: "everybody-reached" }, true], ["scenario", false]])
  })

  test("of this project is whole", async () => {
    const { requirements } = await loadRequirements()
    expect(requirements.length).toBeGreaterThan(0)
  })

  test("gives what applies to a platform, with its family and the standing of that generation", () => {
    const applied = forPlatform({ requirements: register }, "ariel-pr", "debian-12")
    expect(applied.map(({ id, family, confirmed }) => [id, family, confirmed])).toEqual([["ROU-01", "ROU", false], ["ROU-02", "ROU", false], ["LST-01", "LST", false]])
    expect(applied[2]!.standing).toEqual({ status: "known-limit", since: "Sympa 6.2.72", reason: { fr: "x", en: "x" } })
    expect(forPlatform({ requirements: register }, "ariel-pr", "debian-13")[2]).not.toHaveProperty("standing")
    expect(forPlatform({ requirements: register }, "ariel-sy", "debian-12")).toEqual([])
  })

  test.each([
    ["an id twice", registerText(entry("ROU-01"), entry("ROU-01")), "ROU-01 is the id of two requirements\n  where: r.yaml:10\n  what to do: give the second one an id of its own"],
    ["an unknown family", registerText(entry("XXX-01")), "requirements.0.id: an id is a family (ROU, ALI,"],
    ["two classes", registerText(entry("ROU-01").replace("class: technical", "class: [law, technical]")), "requirements.0.class: Invalid option"],
    ["a load's proof without its streams", registerText(entry("PRI-01", "    bounds: { p99MsMax: 60000 }\n    proof: { load: p99 }\n")), "proof p99 is about streams of a load: name them under streams"],
    ["a comparison with less than there is to compare", registerText(entry("PERF-07", "    bounds: { addedMsMax: 9 }\n    proof: { load: no-later, streams: [a, b], than: [c] }\n")),
      "proof no-later compares stream by stream: give as many names under than as under streams"],
    ["a load's proof without its bound", registerText(entry("PERF-13", "    proof: { load: everybody-reached }\n")), "proof everybody-reached is judged by the bound everybodyMsMax, in ms: give it one"],
    ["a proof that no load gives", registerText(entry("PERF-13", "    proof: { load: speed }\n")), "requirements.0.proof"],
    ["an unknown key", registerText(entry("ROU-01", "    owner: me\n")), "unknown key owner in requirements.0\n  where: r.yaml:10\n"],
    ["a bound without its unit", registerText(entry("ROU-01", "    bounds: { limit: 5 }\n")), "a bound's name ends in its unit"],
    ["a sentence in one language", registerText(entry("ROU-01").replace("fr: x, ", "")), "requirements.0.text.fr is missing\n  where: r.yaml:4\n"],
    ["no platform", registerText(entry("ROU-01").replace("[ariel-pr]", "[]")), "requirements.0.platforms: Too small"],
  ])("is refused with %s", (_, text, message) => {
    expect(() => parseRegister(text, "r.yaml")).toThrow(message)
  })
})

describe("a team's overlay", () => {
  const apply = (text: string, folder = "/nowhere") =>
    applyOverlay(register, `schema: recette.requirements-overlay/v1\n${text}`, { file: "team.yaml", folder, today: "2026-06-15" })
  const waiver = (more: string) => `waivers:\n  - { id: ROU-01, reason: replaced in May, name: A. Martin, expires: 2026-06-15${more} }\n`

  test("sets bounds, dates, severity, level and confirmations, and leaves the rest", () => {
    const { requirements } = apply("requirements:\n  ROU-02: { bounds: { deliveryMsMax: 60000, openingDate: 2026-10-29 }, severity: mineure, level: full, confirmed: true }\n")
    expect(requirements[1]).toEqual({ ...register[1], bounds: { deliveryMsMax: 60_000, openingDate: "2026-10-29" }, severity: "mineure", level: "full", confirmed: true })
    expect(requirements[0]).toEqual(register[0])
    expect(apply("requirements:\n  ROU-02: { bounds: { deliveryMsMax: 60000 } }\n").requirements[1]!.bounds).toEqual({ deliveryMsMax: 60_000, openingDate: "2026-10-27" })
  })

  test("adds requirements with ids of its own, and scenarios", () => {
    const folder = temporaryFolder({ "own.scenario.ts": "" })
    const { requirements, scenarios } = apply(`scenarios: [own.scenario.ts]\nadded:\n${entry("DNE-01")}`, folder)
    expect(requirements.at(-1)!.id).toBe("DNE-01")
    expect(scenarios).toEqual([join(folder, "own.scenario.ts")])
  })

  test("grants waivers until a day, that day included", () => {
    expect(apply(waiver("")).requirements[0]!.waiver).toEqual({ reason: "replaced in May", name: "A. Martin", expires: "2026-06-15" })
  })

  test.each([
    ["an unknown id", "requirements:\n  ROU-99: { confirmed: true }\n", "There is no requirement ROU-99\n  where: team.yaml:3\n  what to do: use one of ROU-01, ROU-02"],
    ["an unknown family", "requirements:\n  ABC-01: { confirmed: true }\n", "There is no requirement ABC-01\n  where: team.yaml:3\n  what to do: take the id from fixtures/requirements.yaml"],
    ["an unknown bound", "requirements:\n  ROU-02:\n    bounds: { deliverySecondsMax: 5 }\n", "ROU-02 has no bound deliverySecondsMax\n  where: team.yaml:4\n  what to do: use one of deliveryMsMax, openingDate"],
    ["a bound of another kind", "requirements:\n  ROU-02:\n    bounds: { deliveryMsMax: a minute }\n",
      'The bound deliveryMsMax of ROU-02 is a number, and "a minute" is a string\n  where: team.yaml:4\n  what to do: write it like 30000'],
    ["an unknown key", "requirements:\n  ROU-02: { text: x }\n", "unknown key text in requirements.ROU-02\n  where: team.yaml:3\n"],
    ["a confirmation taken back", "requirements:\n  ROU-02: { confirmed: false }\n", "requirements.ROU-02.confirmed: Invalid input: expected true"],
    ["an expired waiver", waiver("").replace("06-15", "06-14"), "The waiver for ROU-01 expired on 2026-06-14\n  where: team.yaml:3\n  what to do: remove it, or have it granted again until a later date"],
    ["a waiver without a reason", waiver("").replace("replaced in May", '" "'), "waivers.0.reason: a waiver needs a reason\n  where: team.yaml:3\n"],
    ["a waiver without a name", waiver("").replace("name: A. Martin, ", ""), "waivers.0.name is missing\n  where: team.yaml:3\n"],
    ["a waiver for nothing", waiver("").replace("ROU-01", "ROU-98"), "There is no requirement ROU-98"],
    ["two waivers for one", waiver("") + waiver("").replace("waivers:\n", ""), "ROU-01 is waived twice\n  where: team.yaml:4\n"],
    ["an id of the register", `added:\n${entry("LST-77")}`, "added.0.id: an id of your own needs a family of your own"],
    ["an own id twice", `added:\n${entry("DNE-01")}${entry("DNE-01")}`, "DNE-01 is the id of two requirements\n  where: team.yaml:10\n"],
    ["scenarios that are not there", "scenarios: [own.scenario.ts]\n", "own.scenario.ts is no file of scenarios\n  where: team.yaml:2\n"],
  ])("is refused with %s", (_, text, message) => {
    expect(() => apply(text)).toThrow(message)
    expect(() => apply(text)).toThrow(InputError)
  })

  test("is read from its path, and refused where there is none", async () => {
    const folder = temporaryFolder({ "team.yaml": "schema: recette.requirements-overlay/v1\nrequirements:\n  ROU-98: {}\n" })
    await expect(loadRequirements({ overlay: "team.yaml", from: folder })).rejects.toThrow("There is no requirement ROU-98\n  where: team.yaml:3\n")
    await expect(loadRequirements({ overlay: "tema.yaml", from: folder })).rejects.toThrow(
      "There is no overlay tema.yaml\n  where: --requirements\n  what to do: give the path of a file, or leave the option out")
  })
})
