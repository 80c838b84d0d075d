import { existsSync, readFileSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { parse, parseAllDocuments } from "yaml"
import { z } from "zod"
import { definitions, profileNamed } from "../profile-list.ts"
import { testRun } from "./manifests.ts"
import { writeKubernetes } from "./write-kubernetes.ts"

const schema = z.fromJSONSchema(JSON.parse(readFileSync(join(import.meta.dirname, "testrun.schema.json"), "utf8")) as z.core.JSONSchema.JSONSchema)
const order = { generators: 3, image: "registry.example/generator:1", run: "l00000001", edge: { EDGE: "mx.education.test", SUBMISSION: "587" } }

let folder: string
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), "recette-kubernetes-")) })
afterEach(() => rm(folder, { recursive: true }))
const textOf = (name: string) => readFileSync(join(folder, name), "utf8")

test("each profile's TestRun is one by the operator's schema", () => {
  for (const { name } of definitions) {
    const { success, error } = schema.safeParse(testRun({ ...order, profile: profileNamed(name) }))
    expect([name, success, error?.message]).toEqual([name, true, undefined])
  }
})

test("a field that the operator has not, or of another type, is refused", () => {
  const made = () => structuredClone(testRun({ ...order, profile: profileNamed("smoke") })) as { spec: Record<string, unknown> & { runner: Record<string, unknown> } }
  const refused = (change: (manifest: ReturnType<typeof made>) => void) => {
    const manifest = made()
    change(manifest)
    return !schema.safeParse(manifest).success
  }
  expect([
    refused(({ spec }) => { spec["parallelism"] = "3" }), refused(({ spec }) => { delete spec["script"] }),
    refused(({ spec }) => { spec["paralelism"] = 3 }), refused(({ spec }) => { spec.runner["env"] = { EDGE: "mx" } }),
    refused(({ spec }) => { spec.runner["volumeMounts"] = [{ name: "ledger" }] }),
  ]).toEqual([true, true, true, true, true])
  expect(refused(() => undefined)).toBe(false)
})

test("the folder has all that a cluster needs, and the recipe all that it copies", async () => {
  await writeKubernetes({ profile: profileNamed("smoke"), generators: 3, seed: 1, folder, lang: "en", run: "l00000001" })
  expect(schema.safeParse(parse(textOf("testrun.yaml"))).success).toBe(true)
  const claims = parseAllDocuments(textOf("volumes.yaml")).map((one) => (one.toJS() as { kind: string; metadata: { name: string } }))
  expect(claims.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
    "PersistentVolumeClaim recette-smoke-files", "PersistentVolumeClaim recette-smoke-ledger",
  ])
  const copied = [...textOf("image/Containerfile").matchAll(/^COPY (?:--chmod=\S+ )?(?!--)(\S+) /gm)].map(([, name]) => name!)
  expect(copied).toEqual(["k6-mail", "LICENCE", "k6.sh"])
  expect(copied.filter((name) => !existsSync(join(folder, "image", name)))).toEqual([])
  const streams = JSON.parse(textOf("files/streams.json")) as { name: string; to: { file?: string }; senders: { address: string }[] }[]
  expect(streams.flatMap(({ to }) => to.file ?? []).filter((name) => !existsSync(join(folder, "files", name)))).toEqual([])
  const { mailboxes } = JSON.parse(textOf("platform.json")) as { mailboxes: { address: string }[] }
  const known = new Set(mailboxes.map(({ address }) => address))
  expect(streams.flatMap(({ senders }) => senders).filter(({ address }) => !known.has(address))).toEqual([])
})

test("a profile that needs a release's own password is refused", async () => {
  await expect(writeKubernetes({ profile: profileNamed("smoke-confinement"), generators: 2, seed: 1, folder, lang: "fr" }))
    .rejects.toThrow("writes with a password that only a lab's own release has")
})
