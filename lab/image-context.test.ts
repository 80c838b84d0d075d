import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { beforeEach, expect, test } from "vitest"
import { contextFiles, packageNames, stageContext } from "./image-context.ts"
import { temporaryFolder } from "./state-folder.ts"

let project: string

beforeEach(async () => {
  const folder = await temporaryFolder("test-context")
  project = folder.path
  await write("lab/images/thing/Dockerfile", "FROM scratch\n")
  await write("lab/images/thing/start.sh", "#!/bin/sh\n")
  await write("lab/images/thing/packages", "# the server\npostfix\n\npostfix-mysql\n")
  await write("lab/images/thing/context.json", '{ "lab/world": "world", "lab/one.ts": "one.ts" }')
  await write("lab/world/dns/server.ts", "serve()\n")
  await write("lab/world/dns/server.test.ts", "test()\n")
  await write("lab/one.ts", "1\n")
  return () => rm(project, { recursive: true })
})

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(project, path)), { recursive: true })
  await writeFile(join(project, path), text)
}

async function digests(): Promise<Record<string, string>> {
  return Object.fromEntries((await contextFiles("thing", project)).map(({ target, digest }) => [target, digest]))
}

test("a context is the component's folder and what context.json names, tests left out", async () => {
  expect(Object.keys(await digests())).toEqual(["Dockerfile", "one.ts", "start.sh", "world/dns/server.ts"])
  expect(await packageNames("thing", project)).toEqual(["postfix", "postfix-mysql"])
})

test("a digest follows the content and the executable bit, and nothing else", async () => {
  const before = await digests()
  await chmod(join(project, "lab/one.ts"), 0o600)
  expect(await digests()).toEqual(before)

  await chmod(join(project, "lab/images/thing/start.sh"), 0o755)
  await write("lab/world/dns/server.ts", "serve(53)\n")

  const after = await digests()
  expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(["start.sh", "world/dns/server.ts"])
})

test("the files are laid into one folder", async () => {
  await using folder = await temporaryFolder("test-staged")
  await stageContext(await contextFiles("thing", project), folder.path)
  expect(await readFile(join(folder.path, "world/dns/server.ts"), "utf8")).toBe("serve()\n")
})

test("what context.json names and is not there is an error that names both", async () => {
  await rm(join(project, "lab/one.ts"))
  await expect(contextFiles("thing", project)).rejects
    .toThrow("The image of thing needs lab/one.ts, which is not there\n  where: lab/images/thing/context.json")
})

test("a component without a Dockerfile is an error that names it", async () => {
  await expect(contextFiles("nothing", project)).rejects.toThrow("There is no image for the component nothing")
})
