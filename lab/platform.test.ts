import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { platformList } from "./platform-list.ts"
import { platformNamed, shippedPlatforms } from "./platform.ts"
import { loadRelease } from "./release.ts"
import { requirementsOf } from "./run-request.ts"
import { loadRequirements } from "./requirements.ts"
import { projectFolder } from "./state-folder.ts"
import { leastRelease, temporaryFolder } from "./temporary-release.ts"

const least = `schema: recette.platform/v1
name: relais
summary: { fr: Relais, en: Relay }
nodes:
  - { name: relay, component: postfix, hostname: mx1.relais.test }
domains: [ relais.test ]
`
/** The definition in a file of its own, outside the project. */
function fileWith(text: string): string {
  return join(temporaryFolder({ "relais.yaml": text }), "relais.yaml")
}

describe("a shipped platform", () => {
  test("is known by its name, with the world around it before its own servers", () => {
    expect(shippedPlatforms().map(({ name }) => name)).toContain("ariel-pr")
    const { nodes, shipped } = platformNamed("ariel-pr")
    expect(shipped).toBe(true)
    expect(nodes.map(({ name }) => name)).toEqual([
      "dns", "academies", "internet", "browser", "generator", "mariadb", "dovecot", "postfix", "sympa", "rspamd", "clamav",
    ])
    expect(nodes.find(({ name }) => name === "postfix")).toEqual({ name: "postfix", component: "postfix", hostname: "mx1.ariel-pr.test" })
  })

  test("is named after its file", () => {
    expect(() => shippedPlatforms(temporaryFolder({ "other.yaml": least }))).toThrow(
      "The platform in other.yaml says that it is relais\n  where: fixtures/platforms/other.yaml\n  what to do: name the file after the platform")
  })
})

describe("a team's own platform", () => {
  test("is known by the path of its file, and has all of the world unless it says less", () => {
    const { name, nodes, shipped } = platformNamed(fileWith(least))
    expect([name, shipped]).toEqual(["relais", false])
    expect(nodes.map((node) => node.name)).toEqual(["dns", "academies", "internet", "browser", "generator", "relay"])
    expect(platformNamed(fileWith(`${least}world: [ internet ]\n`)).nodes.map((node) => node.name)).toEqual(["dns", "internet", "relay"])
  })

  test.each([
    ["an unknown key", `${least}owner: me\n`, "unknown key owner in the top level\n  where: {file}:7"],
    ["a component that no lab can make", least.replace("component: postfix", "component: exim"), "nodes.0.component: Invalid option", ],
    ["no node", least.replace(/nodes:\n.*\n/, "nodes: []\n"), "nodes: Too small"],
    ["two nodes of one name", least.replace("domains:", "  - { name: relay, component: dovecot, hostname: bal1.relais.test }\ndomains:"),
      "relay is the name of another node, or of a part of the world\n  where: {file}:6\n  what to do: give the node a name of its own"],
    ["a node named like a part of the world", least.replace("name: relay", "name: dns"), "dns is the name of another node, or of a part of the world\n  where: {file}:5"],
    ["a host name that is not the lab's", least.replace("mx1.relais.test", "mx1.example.com"), "nodes.0.hostname: a host name is fully qualified"],
    ["a flow to nowhere", `${least}flows:\n  - { from: outside, to: relai, port: 25, what: { fr: x, en: x } }\n`,
      "A flow leads to relai, and there is no node relai\n  where: {file}:8\n  what to do: use one of outside, relay"],
    ["a load and no generator that could put it on", `${least}world: [ internet ]\nprofiles: [ smoke ]\n`,
      "A load is put on the platform (smoke), and no generator is in the world around it\n  where: {file}:8\n  what to do: take generator into world, or profiles out"],
    ["the name of a shipped one", least.replace("name: relais", "name: ariel-pr"), "ariel-pr is the name of a platform that comes with this project\n  where: {file}:2\n  what to do: give yours another name"],
    ["a name in capitals", least.replace("name: relais", "name: Relais"), "name: a platform's name is written in small letters"],
  ])("is refused with %s", (_, text, message) => {
    const file = fileWith(text)
    expect(() => platformNamed(file)).toThrow(message.replace("{file}", file))
  })

  test("that is not there is refused, whether it is named or its path is given", () => {
    expect(() => platformNamed("relais", "the command line")).toThrow(
      `There is no platform relais\n  where: the command line\n  what to do: use one of ${shippedPlatforms().map(({ name }) => name).join(", ")}, or the path of a definition`)
    expect(() => platformNamed("./relais.yaml", "release.yaml:2")).toThrow("There is no platform ./relais.yaml: no such file\n  where: release.yaml:2")
  })

  test("is named by a release, relative to that release, and its servers count in the digest", async () => {
    const release = leastRelease.replace("ariel-pr", "../relais.yaml")
    const folders = [least, least.replace("mx1.", "mx2.")].map((text) => temporaryFolder({
      "relais.yaml": text, "one/release.yaml": release, "one/postfix/main.cf": "maillog_file = /dev/stdout\n",
      "two/release.yaml": "schema: recette.release/v1\nextends: ../one\nsummary: x\ncomponents: { postfix: { set: { smtpd_banner: x } } }\n",
    }))
    const [one, other] = await Promise.all(folders.map((folder) => loadRelease(join(folder, "one"), { projectFolder })))
    expect(one).toMatchObject({ name: "relais/1", platform: "relais", definition: { shipped: false } })
    expect(other!.digest).not.toBe(one!.digest)
    expect((await loadRelease(join(folders[0]!, "two"), { projectFolder })).name).toBe("relais/1+two")
  })

  test("takes families and ids of the register, and is refused where it asks for one that is not there or for nothing", async () => {
    const register = await loadRequirements()
    const wanted = platformNamed(fileWith(`${least}requirements: [ ISO, ROU-02 ]\n`))
    const ids = requirementsOf(register, wanted).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(["ISO-01", "ISO-04", "ROU-02"]))
    expect(ids.every((id) => id.startsWith("ISO-") || id === "ROU-02")).toBe(true)

    const file = fileWith(`${least}requirements:\n  - ISO\n  - ROU-99\n`)
    expect(() => requirementsOf(register, platformNamed(file))).toThrow(
      `The platform relais asks for ROU-99, and there is no such requirement or family\n  where: ${file}:9\n  what to do: take it from`)
    const bare = fileWith(least)
    expect(() => requirementsOf(register, platformNamed(bare))).toThrow(`No requirement holds for the platform relais: there would be nothing to judge\n  where: ${bare}`)
  })
})

describe("what a load proves", () => {
  test("is asked of the platforms that have a profile, and of those alone that ask for it", async () => {
    const register = await loadRequirements()
    const perf = (platform: ReturnType<typeof platformNamed>) => requirementsOf(register, platform).filter(({ id }) => id.startsWith("PERF-")).map(({ id }) => id)
    expect(perf(platformNamed("ariel-pr"))).toContain("PERF-09")
    expect(perf(platformNamed("confinement"))).toEqual(["PERF-09", "PERF-10", "PERF-11", "PERF-12", "PERF-14"])
    expect(perf(platformNamed(fileWith(`${least}requirements: [ ISO ]\n`)))).toEqual([])
    expect(perf(platformNamed(fileWith(`${least}requirements: [ PERF-09 ]\nprofiles: [ smoke ]\n`)))).toEqual(["PERF-09"])

    const file = fileWith(`${least}requirements:\n  - ISO\n  - PERF\n`)
    expect(() => requirementsOf(register, platformNamed(file))).toThrow(new RegExp(
      `A load alone proves PERF-06, .*, and the platform relais has no load profile\n  where: ${file}:9\n  what to do: name one under profiles`))
    const other = fileWith(`${least}requirements: [ PERF-09, PERF-07 ]\nprofiles: [ smoke ]\n`)
    expect(() => requirementsOf(register, platformNamed(other))).toThrow(`A load alone proves PERF-07, and the platform relais has none of the profiles slow-academy\n  where: ${other}:7`)
  })
})

describe("the list of platforms", () => {
  test("says which of the team's names nobody has bound", async () => {
    const text = await platformList({ lang: "en" })
    expect(text).toContain("ariel-pr: Sympa engine for institutional and government lists (names: ARIEL PR)\n  ariel-pr/2026.1")
    for (const name of ["MIAMI", "MAM"]) expect(text).toContain(`${name}: a name that nothing here binds to a platform; a definition that says names: [${name}] binds it`)
    expect(text).not.toContain("ARIEL PR: a name")
  })

  test("shows a team's own definitions, and takes the names that they bind off", async () => {
    const file = fileWith(`${least}names: [ MAM ]\n`)
    const text = await platformList({ lang: "en" }, [file])
    expect(text).toContain(`relais: Relay (names: MAM)\n  a team's own definition: ${file}`)
    expect(text).not.toContain("MAM: a name")
    const { platforms, unboundNames } = JSON.parse(await platformList({ lang: "fr", json: true }, [file])) as { platforms: { name: string }[]; unboundNames: string[] }
    expect(platforms.at(-1)).toMatchObject({ name: "relais", summary: "Relais", shipped: false, nodes: expect.arrayContaining(["relay"]) })
    expect(unboundNames).toContain("MIAMI")
  })
})
