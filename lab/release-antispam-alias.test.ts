import { expect, test } from "vitest"
import { loadLabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration } from "./node-configuration.ts"
import { loadRelease } from "./release.ts"
import { secretsFor } from "./release-secrets.ts"
import { projectFolder } from "./state-folder.ts"

const options = { projectFolder }

test.each(["2026.1", "2026.2"])("antispam-alias %s reaches its nodes with every address bound and every secret filled in, its programs executable", async (version) => {
  const release = await loadRelease(`antispam-alias/${version}`, options)
  const { nodes } = release.definition
  const addresses = Object.fromEntries(nodes.map(({ name }, index) => [name, `172.20.0.${index + 2}`]))
  const secrets = secretsFor(release)
  const files = nodes.flatMap((node) => nodeConfiguration(release, node, { addresses, secrets, overrides: loadLabOverrides() }).configuration.files)
  for (const { path, content } of files) {
    const lines = content.toString("latin1").split("\n").filter((line) => !/^\s*[#;]/.test(line))
    expect(lines.filter((line) => /\{\{secret|192\.0\.2\./.test(line)), path).toEqual([])
  }
  const programs = files.filter(({ content }) => content.toString("latin1").startsWith("#!/bin/sh"))
  expect(programs.map(({ path }) => path)).toEqual(expect.arrayContaining(["account", "history-expire", "quarantine/report", "quarantine/token", "quarantine/expire"]))
  for (const { path, mode } of programs) expect((mode & 0o111) !== 0, path).toBe(true)
})
