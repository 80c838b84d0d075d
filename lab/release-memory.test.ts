import { expect, test } from "vitest"
import { nodeConfiguration } from "./node-configuration.ts"
import { loadRelease } from "./release.ts"
import { projectFolder } from "./state-folder.ts"
import { temporaryFolder } from "./temporary-release.ts"

// Folders that a release keeps in memory.

const context = { addresses: {}, secrets: {}, overrides: [] }
const releaseWith = (components: string) => loadRelease(temporaryFolder({
  "release.yaml": `schema: recette.release/v1\nextends: ariel-pr/2026.2\ncomponents: ${components}\n`,
}), { projectFolder })

test("a folder kept in memory is part of the release, and of the nodes of its component alone", async () => {
  const [shipped, release] = await Promise.all([loadRelease("ariel-pr/2026.2", { projectFolder }), releaseWith("{ sympa: { memory: [ /var/spool/postfix ] } }")])
  expect(release.digest).not.toBe(shipped.digest)
  const memoryOf = (name: string) => nodeConfiguration(release, release.definition.nodes.find((node) => node.name === name)!, context).configuration.memory
  expect(memoryOf("sympa")).toEqual(["/var/spool/postfix"])
  expect(memoryOf("postfix")).toBeUndefined()
})

test("a path that leads elsewhere, and a component that cannot, are refused", async () => {
  await expect(releaseWith("{ postfix: { memory: [ spool ] } }")).rejects.toThrow("a folder kept in memory is an absolute path")
  await expect(releaseWith("{ postfix: { memory: [ /var/../etc ] } }")).rejects.toThrow("a folder kept in memory is an absolute path")
  await expect(releaseWith("{ dovecot: { memory: [ /srv/mail ] } }")).rejects.toThrow("unknown key memory")
})
