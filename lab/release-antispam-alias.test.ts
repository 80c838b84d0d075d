import { describe, expect, test } from "vitest"
import { loadLabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration } from "./node-configuration.ts"
import { loadRelease } from "./release.ts"
import { secretsFor } from "./release-secrets.ts"
import { requirementsOf } from "./run-request.ts"
import { loadRequirements } from "./requirements.ts"
import { projectFolder } from "./state-folder.ts"

const options = { projectFolder }

describe("antispam-alias", () => {
  test("is shipped on both generations; the newer one replaces the older", async () => {
    expect(await loadRelease("antispam-alias", options)).toMatchObject({ name: "antispam-alias/2026.2", generation: "debian-13", replaces: "2026.1", shipped: true })
    expect(await loadRelease("antispam-alias/2026.1", options)).toMatchObject({ generation: "debian-12", shipped: true })
  })

  test.each(["2026.1", "2026.2"])("%s reaches its nodes with every address bound and every secret filled in", async (version) => {
    const release = await loadRelease(`antispam-alias/${version}`, options)
    const { nodes } = release.definition
    expect(nodes.map(({ component }) => component)).toEqual(
      ["dns", "academies", "internet", "generator", "mariadb", "directory", "dovecot", "postfix", "rspamd", "clamav"])
    const addresses = Object.fromEntries(nodes.map(({ name }, index) => [name, `172.20.0.${index + 2}`]))
    const secrets = secretsFor(release)
    for (const node of nodes) {
      const { configuration } = nodeConfiguration(release, node, { addresses, secrets, overrides: loadLabOverrides() })
      for (const { path, content } of configuration.files) {
        if (!path.endsWith(".rdb")) expect(content.toString(), path).not.toMatch(/\{\{secret|192\.0\.2\./)
      }
    }
  })

  test("brings programs that can be run", async () => {
    const { components } = await loadRelease("antispam-alias/2026.2", options)
    const programs = (["dovecot", "rspamd"] as const).flatMap((name) => [...components[name]!.files])
      .filter(([, { content }]) => content.toString("latin1").startsWith("#!/bin/sh"))
    expect(programs.map(([path]) => path)).toEqual(expect.arrayContaining(["account", "history-expire", "quarantine/report", "quarantine/token"]))
    for (const [path, { mode }] of programs) expect((mode & 0o111) !== 0, path).toBe(true)
  })

  test("says nothing of lists, and has requirements of its own on both sources of aliases", async () => {
    const { definition } = await loadRelease("antispam-alias", options)
    const ids = requirementsOf(await loadRequirements(), definition).map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(["ALI-01", "ALI-17", "ALI-31", "ALI-35", "SPM-01", "ISO-05", "REC-03"]))
    expect(ids.filter((id) => /^(LST|SYN|CNF)-/.test(id) || id === "ALI-08")).toEqual([])
  })
})
