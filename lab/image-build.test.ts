import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Readable } from "node:stream"
import { expect, test } from "vitest"
import { BuildFailure, builderOwner, followBuild, ownerMark } from "./image-build.ts"
import { temporaryFolder } from "./state-folder.ts"

const owner = {
  pid: 4_242, startTicks: "991122", pidNamespace: "4026531836", machine: "0a1b2c3d4e5f",
  bootId: "5f0c2a9e-0000-4000-8000-2b1d6c7a9e11",
}

test("a builder's owner is read back from its extra hosts", () => {
  expect(builderOwner(["registry.example:192.0.2.1", ownerMark(owner)])).toEqual(owner)
  expect(builderOwner(["registry.example:192.0.2.1"])).toBeUndefined()
})

test("a build's text goes to its log without colors, and the engine's error comes back", async () => {
  await using folder = await temporaryFolder("test-follow")
  const log = join(folder.path, "build.log")
  const lines = [{ stream: "Step 1/2\n" }, { stream: "\u001b[91mE: \u001b[0mno\n" }, { error: "it broke" }]
  const text = lines.map((line) => `${JSON.stringify(line)}\r\n`).join("")
  const chunks = [text.slice(0, 7), text.slice(7, 40), text.slice(40)].map((part) => Buffer.from(part))

  const { error, output } = await followBuild(Readable.from(chunks), log)

  expect(error).toBe("it broke")
  expect(output).toBe("Step 1/2\nE: no\n")
  expect(readFileSync(log, "utf8")).toBe("Step 1/2\nE: no\nit broke\n")
})

test("an abort ends a build that says nothing", async () => {
  await using folder = await temporaryFolder("test-abort")
  const controller = new AbortController()
  const following = followBuild(new Readable({ read() {} }), join(folder.path, "build.log"), controller.signal)
  controller.abort(new Error("stopped by the user"))
  await expect(following).rejects.toThrow("stopped by the user")
})

test("a failed build shows its last lines and names its log", () => {
  const output = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n")
  const { message } = new BuildFailure("postfix", "a command of its Dockerfile ended with 100", output, "image-postfix.log")
  expect(message).toContain("The image of postfix could not be built: a command of its Dockerfile ended with 100\nline 18\n")
  expect(message).not.toContain("line 17\n")
  expect(message).toContain("where: image-postfix.log")
})
