import { describe, expect, test } from "vitest"
import { differingNodes } from "./laid-release.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import type { ConfiguredRelease } from "./node-starter.ts"
import { platformNamed, type NodeDefinition } from "./platform.ts"

const { nodes } = platformNamed("ariel-pr")
const same: NodeConfiguration = {
  files: [{ path: "main.cf", content: Buffer.from("a = b\n"), mode: 0o644 }], set: { a: "b" }, unset: [], services: {},
}

/** A release of which some nodes are as given, and all others as ever. */
function configured(own: Partial<Record<string, NodeConfiguration>> = {}, records: ConfiguredRelease["dns"]["records"] = []): ConfiguredRelease {
  return {
    release: {} as ConfiguredRelease["release"], substitutions: [],
    nodes: nodes.map((node) => ({ node, configuration: own[node.name] ?? structuredClone(same), names: [node.hostname] })),
    dns: { records, ownedZones: [], catchAll: null, nxdomain: [] },
  }
}

const names = (some: readonly { node: NodeDefinition }[]) => some.map(({ node }) => node.name).sort()

describe("what is replaced when a release is laid into a running lab", () => {
  test("nothing, where every node is configured as before", () => {
    expect(differingNodes(configured(), configured())).toEqual([])
  })

  test.each<[string, NodeConfiguration]>([
    ["a setting", { ...same, set: { a: "c" } }], ["one that is unset", { ...same, unset: ["d"] }],
    ["a service", { ...same, services: { "smtp/inet": { a: "b" } } }], ["a file more", { ...same, files: [] }],
    ["one byte of a file", { ...same, files: [{ path: "main.cf", content: Buffer.from("a = c\n"), mode: 0o644 }] }],
    ["the mode of a file", { ...same, files: [{ ...same.files[0]!, mode: 0o755 }] }],
  ])("%s of Dovecot: Dovecot, and Postfix, whose processes keep a connection to its logins", (_, dovecot) => {
    expect(names(differingNodes(configured(), configured({ dovecot })))).toEqual(["dovecot", "postfix"])
  })

  test("a setting of Postfix: Postfix alone", () => {
    expect(names(differingNodes(configured(), configured({ postfix: { ...same, set: {} } })))).toEqual(["postfix"])
  })

  test("Sympa takes Postfix with it, which may have met a table that was gone", () => {
    expect(names(differingNodes(configured(), configured({ sympa: { ...same, set: {} } })))).toEqual(["postfix", "sympa"])
  })

  test("MariaDB takes all with it that hold connections or state", () => {
    expect(names(differingNodes(configured(), configured({ mariadb: { ...same, set: {} } })))).toEqual(
      expect.arrayContaining(["dovecot", "mariadb", "postfix", "sympa"]))
  })

  test("the DNS goes by what it serves, whatever its files look like", () => {
    const record = { name: "a.test", type: "A", ttl: 300, data: "192.0.2.1" }
    expect(differingNodes(configured(), configured({ dns: { ...same, set: {} } }))).toEqual([])
    expect(names(differingNodes(configured(), configured({}, [record])))).toContain("dns")
  })

  test("a node whose certificate gets another name is replaced", () => {
    const next = configured()
    const named = next.nodes.map((one) => one.node.name === "dovecot" ? { ...one, names: ["imap.education.test"] } : one)
    expect(names(differingNodes(configured(), { ...next, nodes: named }))).toEqual(["dovecot", "postfix"])
  })

  test("what did not start last time is replaced again, with all that goes with it", () => {
    expect(names(differingNodes(configured(), configured(), ["sympa"]))).toEqual(["postfix", "sympa"])
  })
})
