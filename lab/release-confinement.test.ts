import { describe, expect, test } from "vitest"
import { loadLabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration } from "./node-configuration.ts"
import { loadRelease } from "./release.ts"
import { secretsFor } from "./release-secrets.ts"
import { requirementsOf } from "./run-request.ts"
import { loadRequirements } from "./requirements.ts"
import { projectFolder } from "./state-folder.ts"

const options = { projectFolder }

describe("confinement", () => {
  test("is shipped on both generations; the newer one replaces the older", async () => {
    expect(await loadRelease("confinement", options)).toMatchObject({ name: "confinement/2026.2", generation: "debian-13", replaces: "2026.1", shipped: true })
    expect(await loadRelease("confinement/2026.1", options)).toMatchObject({ generation: "debian-12", shipped: true })
  })

  test.each(["2026.1", "2026.2"])("%s reaches its nodes with every address bound and every secret filled in", async (version) => {
    const release = await loadRelease(`confinement/${version}`, options)
    const { nodes } = release.definition
    expect(nodes.map(({ name }) => name)).toEqual(["dns", "internet", "generator", "dovecot", "postfix"])
    const addresses = Object.fromEntries(nodes.map(({ name }, index) => [name, `172.20.0.${index + 2}`]))
    const secrets = secretsFor(release)
    for (const node of nodes) {
      const { configuration } = nodeConfiguration(release, node, { addresses, secrets, overrides: loadLabOverrides() })
      for (const { content } of configuration.files) expect(content.toString()).not.toMatch(/\{\{secret|192\.0\.2\./)
    }
  })

  test("has requirements of its own, of its load, and on the lab's isolation those that speak of any platform", async () => {
    const { definition } = await loadRelease("confinement", options)
    const ids = requirementsOf(await loadRequirements(), definition).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(["CNF-01", "CNF-20", "ISO-01", "REC-03"]))
    expect(ids.filter((id) => !/^(CNF|ISO|PERF|REC)-/.test(id) || ["ISO-05", "PERF-13"].includes(id))).toEqual([])
  })
})
