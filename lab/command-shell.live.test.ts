/**
 * Goal: a command that goes through a shell that stays gives what an exec of its own would give.
 * Method: a container that does nothing, without network, stopped and started again once.
 */
import type { Container } from "dockerode"
import { afterAll, beforeAll, expect, test } from "vitest"
import { CommandShells } from "./command-shell.ts"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { ensureImages } from "./images.ts"
import { ownerLabels, thisOwner } from "./ownership.ts"

const where = "node quiet of lab shells"
let container: Container
let shells: CommandShells

beforeAll(async () => {
  const { images } = await ensureImages([{ component: "world", generation: "debian-12", packages: null }])
  const { container: { dockerode } } = await engine()
  container = await dockerode.createContainer({
    Image: images["world"]!.tag, Entrypoint: ["sleep"], Cmd: ["600"], StopSignal: "SIGKILL",
    Labels: ownerLabels("shells", thisOwner()), HostConfig: { NetworkMode: "none" },
  })
  await container.start()
  shells = new CommandShells(container.id, where)
}, 600_000)

afterAll(async () => {
  await container.remove({ force: true, v: true })
})

test("output, errors and exit code are the command's own, whatever its words hold", async () => {
  const text = "it's $HOME, \"quoted\" \\n; é\nsecond line"

  expect(await shells.run(["printf", "%s", text])).toEqual({ exitCode: 0, stdout: text, stderr: "" })
  expect(await shells.run(["sh", "-c", "echo out; echo wrong >&2; exit 7"])).toEqual({ exitCode: 7, stdout: "out\n", stderr: "wrong\n" })
  expect((await shells.run(["no-such-command"])).exitCode).toBe(127)
})

test("an answer of many megabytes comes whole", { timeout: 60_000 }, async () => {
  const { stdout, exitCode } = await shells.run(["sh", "-c", "yes 12345678901234567890 | head -c 20000000"])

  expect([stdout.length, exitCode]).toEqual([20_000_000, 0])
})

test("standard input is what was given, else it is empty", async () => {
  expect((await shells.run(["cat"], "{\"name\": \"l'été\"}\n")).stdout).toBe("{\"name\": \"l'été\"}\n")
  expect((await shells.run(["cat"])).stdout).toBe("")
})

test("a command that waits holds up no other, and a shell serves again", async () => {
  const waiting = shells.run(["sh", "-c", "until test -e /tmp/go; do :; done; echo $PPID"])
  const first = await shells.run(["sh", "-c", "echo $PPID"])
  await shells.run(["touch", "/tmp/go"])

  expect((await waiting).stdout).not.toBe(first.stdout)
  const pids = await Promise.all([shells.run(["sh", "-c", "echo $PPID"]), shells.run(["sh", "-c", "echo $PPID"])])
  expect(pids.map(({ stdout }) => stdout).sort()).toEqual([first.stdout, (await waiting).stdout].sort())
})

test("a container that goes away is a failing lab, and is asked again once it is back", async () => {
  const interrupted = expect(shells.run(["sleep", "60"])).rejects.toThrow(LabFailure)
  await container.restart({ t: 0 })
  await interrupted

  expect((await shells.run(["echo", "back"])).stdout).toBe("back\n")
})
