import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { nodeConfiguration } from "./node-configuration.ts"
import { platformNamed } from "./platform.ts"
import { loadRelease } from "./release.ts"
import { readLabInput } from "./run-request.ts"
import { projectFolder } from "./state-folder.ts"
import { temporaryFolder } from "./temporary-release.ts"

const platform = `schema: recette.platform/v1
name: deux-relais
summary: { fr: Deux relais, en: Two relays }
world: [ internet ]
nodes:
  - { name: one, component: postfix, hostname: one.relais.test }
  - { name: two, component: postfix, hostname: two.relais.test }
domains: [ relais.test ]
`
const release = `schema: recette.release/v1
platform: ../platform.yaml
version: "1"
date: 2026-11-20
generation: debian-12
`
const files = { "platform.yaml": platform, "release/release.yaml": release, "release/postfix/main.cf": "biff = no\n", "release/postfix/master.cf": "# master\n" }
const load = (more: Record<string, string>) => loadRelease(join(temporaryFolder({ ...files, ...more }), "release"), { projectFolder })
const textOf = async (more: Record<string, string>, node: string) => {
  const loaded = await load(more)
  const { configuration } = nodeConfiguration(loaded, loaded.definition.nodes.find(({ name }) => name === node)!, { addresses: {}, secrets: {}, overrides: [] })
  return Object.fromEntries(configuration.files.map(({ path, content }) => [path, content.toString()]))
}

describe("two nodes of one component", () => {
  const own = { "release/nodes/two/main.cf": "biff = yes\n", "release/nodes/two/access": "# nobody\n" }

  test("share its files, and each has its own over them", async () => {
    expect(await textOf(own, "one")).toEqual({ "main.cf": "biff = no\n", "master.cf": "# master\n" })
    expect(await textOf(own, "two")).toEqual({ "main.cf": "biff = yes\n", "master.cf": "# master\n", "access": "# nobody\n" })
  })

  test("have services of their own where release.yaml says so", async () => {
    const said = { "release/release.yaml": `${release}components: { postfix: { services: { smtp/inet: { a: b, c: d } }, nodes: { two: { services: { smtp/inet: { a: e } } } } } }\n` }
    const loaded = await load(said)
    const services = (name: string) => nodeConfiguration(loaded, loaded.definition.nodes.find((node) => node.name === name)!, { addresses: {}, secrets: {}, overrides: [] }).configuration.services
    expect([services("one"), services("two")]).toEqual([{ "smtp/inet": { a: "b", c: "d" } }, { "smtp/inet": { a: "e", c: "d" } }])
    expect(loaded.digest).not.toBe((await load({ "release/release.yaml": said["release/release.yaml"].replace("a: e", "a: b") })).digest)
  })

  test("files of a node change the digest", async () => {
    const { digest } = await load(own)
    expect(digest).not.toBe((await load({})).digest)
    expect(digest).not.toBe((await load({ ...own, "release/nodes/two/main.cf": "biff = no\n" })).digest)
  })

  test("a folder for a node that is not there is refused, with its file", async () => {
    await expect(load({ "release/nodes/three/main.cf": "" })).rejects.toThrow(
      /The platform deux-relais has no node three that a release configures\n {2}where: .*nodes\/three\/main\.cf\n {2}what to do: name the folder after one of dns, one, two, or remove it/)
  })
})

describe("an architecture composed of another platform's release", () => {
  const composed = `${platform.replace("- { name: two, component: postfix, hostname: two.relais.test }", "- { name: boxes, component: dovecot, hostname: bal.relais.test }")}release: ./mine\n`
  const mine = `schema: recette.release/v1
platform: ../platform.yaml
extends: confinement/2026.1
version: essai
`
  const bindings = `schema: recette.bindings/v1
addresses: { 192.0.2.210: one, 192.0.2.230: boxes }
`

  test("takes what its own nodes need, with its own bindings, and the release that its file names", async () => {
    const folder = temporaryFolder({ "platform.yaml": composed, "mine/release.yaml": mine, "mine/bindings.yaml": bindings })
    const input = await readLabInput(undefined, join(folder, "platform.yaml"))
    expect(input.release.name).toBe("deux-relais/essai")
    expect(input.platform.nodes.map(({ name }) => name)).toEqual(["dns", "internet", "one", "boxes"])
    expect([...input.release.components.dovecot!.files.keys()]).toContain("dovecot.conf")
    expect(input.release.leftOut).toEqual([])
  })

  test("takes what a release says of a node where there is one of that name, and leaves out the others", async () => {
    const three = platform.replace("name: two,", "name: edge,").replace("two.relais", "edge.relais")
    const extending = mine.replace("confinement/2026.1", "maquette/2026.1")
    const bound = "schema: recette.bindings/v1\naddresses: { 192.0.2.111: one, 192.0.2.112: one, 192.0.2.130: itself, 192.0.2.140: itself }\n"
    const folder = temporaryFolder({ "platform.yaml": three, "mine/release.yaml": extending, "mine/bindings.yaml": bound })
    const { release: { components: { postfix } } } = await readLabInput(join(folder, "mine"), join(folder, "platform.yaml"))
    expect(Object.keys(postfix!.nodes)).toEqual(["edge"])
    expect([...postfix!.nodes["edge"]!.files.keys()]).toContain("main.cf")
  })

  test("leaves out components without a node, and says which", async () => {
    const folder = temporaryFolder({
      "platform.yaml": platform, "mine/release.yaml": mine, "mine/bindings.yaml": bindings.replace("boxes", "itself"),
    })
    const { release: { leftOut, components } } = await readLabInput(join(folder, "mine"), join(folder, "platform.yaml"))
    expect(leftOut).toEqual(["dovecot"])
    expect(Object.keys(components).sort()).toEqual(["dns", "postfix"])
  })

  test("an address of it that leads to no node is an error that names file and line", async () => {
    const folder = temporaryFolder({ "platform.yaml": platform })
    await expect(readLabInput("confinement/2026.1", join(folder, "platform.yaml"))).rejects.toThrow(
      /The address 192\.0\.2\.\d+ is bound to nothing in the lab\n {2}where: fixtures\/releases\/confinement\/2026\.1\/.*:\d+\n {2}what to do: add/)
  })

  test("a platform's file without a release, and a command without one, is an error", async () => {
    const file = join(temporaryFolder({ "platform.yaml": platform }), "platform.yaml")
    await expect(readLabInput(undefined, file)).rejects.toThrow(
      `No release is named whose files the nodes of deux-relais would take\n  where: ${file}\n  what to do: name one before --platform`)
  })

  test("a shipped platform is meant by the path of its file too", () => {
    expect(platformNamed(join(projectFolder, "fixtures/platforms/confinement.yaml")).shipped).toBe(true)
  })
})
