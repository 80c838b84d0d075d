import { expect, test } from "vitest"
import { loadLabOverrides } from "./lab-overrides.ts"
import { nodeConfiguration } from "./node-configuration.ts"
import { loadRelease } from "./release.ts"
import { secretsFor } from "./release-secrets.ts"
import { requirementsOf } from "./run-request.ts"
import { loadRequirements } from "./requirements.ts"
import { projectFolder } from "./state-folder.ts"

const options = { projectFolder }

test("the mock-up is shipped on both generations; the newer one replaces the older", async () => {
  expect(await loadRelease("maquette", options)).toMatchObject({ name: "maquette/2026.2", generation: "debian-13", replaces: "2026.1", shipped: true })
  expect(await loadRelease("maquette/2026.1", options)).toMatchObject({ generation: "debian-12", shipped: true, leftOut: [] })
})

test.each(["2026.1", "2026.2"])("maquette/%s reaches its three nodes of Postfix, each with its own part", async (version) => {
  const release = await loadRelease(`maquette/${version}`, options)
  const { nodes } = release.definition
  const addresses = Object.fromEntries(nodes.map(({ name }, index) => [name, `172.20.0.${index + 2}`]))
  const secrets = secretsFor(release)
  const configured = Object.fromEntries(nodes.map((node) => [node.name, nodeConfiguration(release, node, { addresses, secrets, overrides: loadLabOverrides() }).configuration]))
  for (const { files } of Object.values(configured)) for (const { content } of files) expect(content.toString()).not.toMatch(/\{\{secret|192\.0\.2\./)
  const mainOf = (name: string) => configured[name]!.files.find(({ path }) => path === "main.cf")!.content.toString()
  expect(mainOf("edge")).toContain("relayhost = relais.maquette.test\n")
  expect(mainOf("relay1")).toBe(mainOf("relay2"))
  expect([configured["relay1"]!.set["myhostname"], configured["relay2"]!.set["myhostname"]]).toEqual(["relais1.maquette.test", "relais2.maquette.test"])
})

test("the mock-up is judged by what its file asks for and by what names it", async () => {
  const { definition } = await loadRelease("maquette", options)
  const ids = requirementsOf(await loadRequirements(), definition).map(({ id }) => id)
  expect(ids.sort()).toEqual(["ISO-01", "ISO-02", "ISO-03", "ISO-04", "PERF-09", "PERF-10", "PERF-11", "PERF-12", "PERF-14", "REL-40", "REL-41", "ROU-02", "ROU-06", "ROU-22", "ROU-26"])
})
