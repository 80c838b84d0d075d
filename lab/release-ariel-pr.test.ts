import { cpSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { loadLabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration } from "./node-configuration.ts"
import { platformNamed } from "./platform.ts"
import { loadRelease, shippedReleases } from "./release.ts"
import { secretsFor } from "./release-secrets.ts"
import { projectFolder } from "./state-folder.ts"
import { temporaryFolder } from "./temporary-release.ts"

const options = { projectFolder, lockMayBeMissing: true }
const { nodes } = platformNamed("ariel-pr")
const addresses = Object.fromEntries(nodes.map(({ name }, index) => [name, `172.20.0.${index + 2}`]))

describe("ariel-pr/2026.2", () => {
  test("is the default of its platform, replaces 2026.1 and runs on packages of its own", async () => {
    const release = await loadRelease("ariel-pr", options)
    expect(release).toMatchObject({ name: "ariel-pr/2026.2", generation: "debian-13", replaces: "2026.1", shipped: true, expects: [] })
    expect(release.packagesLock?.["sympa"]?.["sympa"]).toMatch(/^6\.2\.76/)
  })
})

describe("ariel-pr/2026.1", () => {
  test("loads, alone, by its platform and in the list of shipped releases", async () => {
    const release = await loadRelease("ariel-pr/2026.1", options)
    expect(release).toMatchObject({ platform: "ariel-pr", version: "2026.1", generation: "debian-12", shipped: true, expects: [] })
    expect((await loadRelease("ariel-pr", options)).platform).toBe("ariel-pr")
    expect((await shippedReleases(projectFolder)).map(({ name }) => name)).toContain("ariel-pr/2026.1")
  })

  test("has one digest, here and copied elsewhere", async () => {
    const { digest, folder } = await loadRelease("ariel-pr/2026.1", options)
    const elsewhere = temporaryFolder({})
    cpSync(folder, join(elsewhere, "copy"), { recursive: true })
    expect((await loadRelease("ariel-pr/2026.1", options)).digest).toBe(digest)
    expect((await loadRelease(join(elsewhere, "copy"), options)).digest).toBe(digest)
  })

  test.each(["2026.1", "2026.2"])("%s reaches its nodes with every address bound and every secret filled in", async (version) => {
    const release = await loadRelease(`ariel-pr/${version}`, options)
    const context = { addresses, secrets: secretsFor(release), overrides: loadLabOverrides() }
    const texts = nodes.flatMap((node) => nodeConfiguration(release, node, context).configuration.files
      .flatMap(({ path, content }) => content.toString().split("\n").filter((line) => !/^\s*(#|--|;)/.test(line)).map((line) => `${path}: ${line}`)))
    expect(texts.filter((line) => /192\.0\.2\.\d|\{\{secret/.test(line.replace(/;.*/, "")))).toEqual([])
  })
})

const changes: [string, string, Record<string, string>][] = [
  ["relay open to all", "expects: [ROU-02]\ncomponents: { postfix: { set: { smtpd_relay_restrictions: permit } } }", {}],
  ["mynetworks the world", "expects: [ROU-02]\ncomponents: { postfix: { set: { mynetworks: \"0.0.0.0/0\" } } }", {}],
  ["strangers may post", "expects: [LST-01]\ncomponents: { sympa: { files: { scenari/send.auteurs: ./send.auteurs } } }",
    { "send.auteurs": "title.gettext anybody\ntrue() smtp,dkim,md5,smime -> do_it\n" }],
  ["no size limit", "expects: [ROU-07]\ncomponents: { postfix: { set: { message_size_limit: \"0\" } }, sympa: { set: { max_size: \"0\" } } }", {}],
  ["a copy of everything outside", "expects: [ROU-01]\ncomponents: { postfix: { set: { always_bcc: archive@collecteur.test } } }", {}],
  ["no aliases", "expects: [ALI-01]\ncomponents: { postfix: { unset: [virtual_alias_maps] } }", {}],
  ["a banner, harmless", "components: { postfix: { set: { smtpd_banner: mail ESMTP } } }", {}],
]

describe("one change on top of ariel-pr/2026.1, in a folder outside", () => {
  test.each(changes)("loads: %s", async (_, yaml, files) => {
    const folder = temporaryFolder({ ...files, "change/release.yaml": `schema: recette.release/v1\nextends: ariel-pr/2026.1\n${yaml.replace("./send", "./sources/send")}\n` })
    for (const [path] of Object.entries(files)) cpSync(join(folder, path), join(folder, "change/sources", path))
    const base = await loadRelease("ariel-pr/2026.1", options)
    const release = await loadRelease("change", { ...options, from: folder })
    expect(release).toMatchObject({ platform: "ariel-pr", version: "2026.1+change", shipped: false, packagesLock: base.packagesLock })
    expect(release.digest).not.toBe(base.digest)
    expect(release.expects.length).toBe(yaml.startsWith("expects") ? 1 : 0)
  })
})
