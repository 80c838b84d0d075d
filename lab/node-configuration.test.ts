import { createPrivateKey } from "node:crypto"
import { describe, expect, test } from "vitest"
import { parseLabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration, type LabContext } from "./node-configuration.ts"
import { platformNamed } from "./platform.ts"
import { loadRelease, type Release } from "./release.ts"
import { redacted, secretsFor } from "./release-secrets.ts"
import { leastRelease, temporaryFolder } from "./temporary-release.ts"

const { nodes } = platformNamed("ariel-pr")
const nodeNamed = (name: string) => nodes.find((one) => one.name === name)!
const load = (files: Record<string, string | Buffer>) => loadRelease(temporaryFolder(files), { projectFolder: "/nowhere" })
const context: LabContext = { addresses: { postfix: "172.20.0.5", sympa: "172.20.0.6" }, secrets: { "database-postfix": "abc" }, overrides: [] }
const textOf = (release: Release, node: string, path: string, more: Partial<LabContext> = {}) =>
  nodeConfiguration(release, nodeNamed(node), { ...context, ...more }).configuration.files.find((one) => one.path === path)!.content.toString()

const bindings = "schema: recette.bindings/v1\naddresses: { 192.0.2.20: sympa }\n"
const placesOf = (release: Release, node: string, more: Partial<LabContext> = {}) =>
  nodeConfiguration(release, nodeNamed(node), { ...context, ...more }).substitutions
    .map(({ file, line, from, to, kind }) => [file.replace(/.*recette-test-\w+\//, ""), line, from, to, kind])

describe("a node is made from its release", () => {
  test("with its files bound line by line, comments as they were", async () => {
    const release = await load({ "release.yaml": leastRelease, "bindings.yaml": bindings,
      "postfix/main.cf": "# mynetworks was 192.0.2.99, smtp.orange.fr\nmynetworks = 192.0.2.20\npassword = {{secret:database-postfix}}\n" })
    expect(textOf(release, "postfix", "main.cf")).toBe("# mynetworks was 192.0.2.99, smtp.orange.fr\nmynetworks = 172.20.0.6\npassword = abc\n")
    expect(placesOf(release, "postfix")).toEqual([
      ["postfix/main.cf", 2, "192.0.2.20", "172.20.0.6", "address"],
      ["postfix/main.cf", 3, "{{secret:database-postfix}}", "(generated)", "secret"],
    ])
  })

  test("with settings and parameters of services bound, each with its place in release.yaml", async () => {
    const release = await load({ "bindings.yaml": bindings, "release.yaml": `${leastRelease}components:
  postfix:
    set: { mynetworks: "192.0.2.20/32" }
    services:
      submission/inet: { smtpd_client_restrictions: "check 192.0.2.20" }
    nodes:
      postfix: { set: { relayhost: "[192.0.2.20]" }, unset: [mydestination] }
` })
    const { configuration } = nodeConfiguration(release, nodeNamed("postfix"), context)
    expect(configuration).toEqual({ files: [], unset: ["mydestination"], set: { mynetworks: "172.20.0.6/32", relayhost: "[172.20.0.6]" },
      services: { "submission/inet": { smtpd_client_restrictions: "check 172.20.0.6" } } })
    expect(placesOf(release, "postfix").map(([file, line]) => [file, line])).toEqual([["release.yaml", 8], ["release.yaml", 12], ["release.yaml", 10]])
  })

  test("with bytes that are no text, and texts that are not UTF-8, as they were", async () => {
    const binary = Buffer.from([0, 49, 57, 50, 10])
    const latin1 = Buffer.from("café 192.0.2.20\r\n", "latin1")
    const release = await load({ "release.yaml": leastRelease, "bindings.yaml": bindings, "sympa/a.db": binary, "sympa/b.tt2": latin1 })
    const files = nodeConfiguration(release, nodeNamed("sympa"), context).configuration.files
    expect(files[0]!.content).toEqual(binary)
    expect(files[1]!.content).toEqual(Buffer.from("café 172.20.0.6\r\n", "latin1"))
  })

  test("readable to all, but for a file with a secret", async () => {
    const release = await load({ "release.yaml": leastRelease, "postfix/a.cf": "x\n", "postfix/b.cf": "{{secret:database-postfix}}\n" })
    const { files } = nodeConfiguration(release, nodeNamed("postfix"), context).configuration
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([["a.cf", 0o644], ["b.cf", 0o640]])
  })

  test("and one of the world around it from nothing", async () => {
    expect(nodeConfiguration(await load({ "release.yaml": leastRelease }), nodeNamed("academies"), context))
      .toEqual({ configuration: { files: [], set: {}, unset: [], services: {} }, substitutions: [] })
  })
})

describe("a release is refused before anything starts", () => {
  test.each([
    ["an address in a file", { "postfix/main.cf": "a\nrelayhost = 192.0.2.20\n" }, /The address 192\.0\.2\.20 is bound to nothing in the lab\n {2}where: \S+postfix\/main\.cf:2\n/],
    ["an address in a setting", { "release.yaml": `${leastRelease}components:\n  postfix:\n    set: { relayhost: 192.0.2.20 }\n` }, /where: \S+release\.yaml:8\n/],
    ["a host", { "sympa/sympa.conf": "\n\ndb_host sql.orleans.fr\n" }, /The name sql\.orleans\.fr is bound to nothing in the lab\n {2}where: \S+sympa\/sympa\.conf:3\n/],
    ["a host of a zone that is brought", { "sympa/sympa.conf": "db_host sql.orleans.fr\n", "dns/orleans.fr.zone": "@ SOA ; mx.other.fr\n" }, undefined],
    ["a certificate", { "dovecot/dovecot.conf": "ssl_cert = </etc/ssl/x.pem\n" }, /The certificate or key \/etc\/ssl\/x\.pem is bound to nothing/],
    ["a certificate that is brought", { "dovecot/dovecot.conf": "ssl_cert = </etc/dovecot/tls/x.pem\n", "dovecot/tls/x.pem": "x" }, undefined],
    ["a secret that is misspelt", { "postfix/main.cf": "x = {{secret database}}\n" }, /\{\{secret database\}\} is no secret\n {2}where: \S+main\.cf:1\n {2}what to do: write \{\{secret:name\}\}/],
    ["a binding to no node", { "bindings.yaml": "schema: recette.bindings/v1\naddresses:\n  192.0.2.20: mx9\n" }, /there is no node mx9\n {2}where: \S+bindings\.yaml:3\n/],
    ["an unknown key of the bindings", { "bindings.yaml": "schema: recette.bindings/v1\nadresses: {}\n" }, /unknown key adresses in the top level\n {2}where: \S+bindings\.yaml:2\n/],
  ])("for %s", async (_, files, message) => {
    const loading = load({ "release.yaml": leastRelease, ...files } as Record<string, string>)
    await (message ? expect(loading).rejects.toThrow(message) : expect(loading).resolves.toBeDefined())
  })
})

describe("secrets", () => {
  const files = { "postfix/main.cf": "a = {{secret:database-postfix}} # {{secret:database-postfix}}\n# {{secret:example}}\n" }

  test("are made for what is declared, what is written, and what the lab needs; a key where the name says so", async () => {
    const release = await load({ ...files, "release.yaml": `${leastRelease}secrets: [sympa-cookie, postfix/dkim.key]
components: { sympa: { set: { cookie: "{{secret:in-a-setting}}" } } }\n` })
    const secrets = secretsFor(release, { more: ["database-recette"] })
    expect(Object.keys(secrets)).toEqual(["database-postfix", "database-recette", "in-a-setting", "postfix/dkim.key", "sympa-cookie"])
    expect(secrets["database-postfix"]).toMatch(/^[A-Za-z0-9]{24}$/)
    expect(createPrivateKey(secrets["postfix/dkim.key"]!).asymmetricKeyDetails?.modulusLength).toBe(2048)
    expect(secretsFor(release)["database-postfix"]).not.toBe(secrets["database-postfix"])
  })

  test("take the place of a declared file, whatever the release's folder has there", async () => {
    const release = await load({ "release.yaml": `${leastRelease}secrets: [postfix/dkim.key]\n`, "postfix/dkim.key": "the real one" })
    const { configuration, substitutions } = nodeConfiguration(release, nodeNamed("postfix"), { ...context, secrets: { "postfix/dkim.key": "made" } })
    expect(configuration.files).toEqual([{ path: "dkim.key", content: Buffer.from("made"), mode: 0o640 }])
    expect(substitutions).toEqual([{ file: "postfix/dkim.key", line: 1, from: "the whole file", to: "(generated)", kind: "secret" }])
  })

  test("are taken out of a text", () => {
    expect(redacted("password abc refused", { "database-postfix": "abc" })).toBe("password {{secret:database-postfix}} refused")
  })
})

describe("shortened timers", () => {
  const overrides = parseLabOverrides(`schema: recette.lab-overrides/v1
overrides:
  - { component: postfix, setting: queue_run_delay, value: 2s, why: { fr: x, en: x } }
  - { component: sympa, setting: sleep, value: "1", why: { fr: x, en: x } }
`)
  const setting = (value: string) => load({ "release.yaml": `${leastRelease}components: { postfix: { set: { queue_run_delay: ${value} }, unset: [x] } }\n` })

  test("come on top of the release, and are recorded with what they replace", async () => {
    const release = await setting("5m")
    expect(nodeConfiguration(release, nodeNamed("postfix"), { ...context, overrides }).configuration.set).toEqual({ queue_run_delay: "2s" })
    expect(placesOf(release, "postfix", { overrides })).toEqual(
      [["lab/lab-overrides.yaml", 3, "queue_run_delay = 5m", "queue_run_delay = 2s", "override"]])
    expect(placesOf(release, "sympa", { overrides })).toEqual(
      [["lab/lab-overrides.yaml", 4, "sleep = (as in the files)", "sleep = 1", "override"]])
  })

  test("leave a timer alone that the release sets at most as long", async () => {
    const release = await setting("1s")
    expect(nodeConfiguration(release, nodeNamed("postfix"), { ...context, overrides }).configuration.set).toEqual({ queue_run_delay: "1s" })
    expect(placesOf(release, "postfix", { overrides })).toEqual([])
  })

  test("stand in a list that is checked", () => {
    expect(() => parseLabOverrides("schema: recette.lab-overrides/v1\noverrides: [{ component: postfix, setting: x, value: 1s }]\n"))
      .toThrow("lab/lab-overrides.yaml: overrides.0.why is missing\n  where: lab/lab-overrides.yaml:2\n  what to do: add it")
  })
})
