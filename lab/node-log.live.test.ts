/**
 * Goal: a node's log has all that its component says, however often somebody stops and starts it, and nothing twice.
 * Method: containers without network that say who they are at each start, stopped and started again at once.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Container } from "dockerode"
import { GenericContainer, PullPolicy, type StartedTestContainer } from "testcontainers"
import { afterAll, beforeAll, expect, test } from "vitest"
import { engine } from "./engine.ts"
import { ensureImages } from "./images.ts"
import { NodeLog } from "./node-log.ts"
import { ownerLabels, thisOwner } from "./ownership.ts"
import { ReadyScript } from "./ready-script.ts"

const starts = 10
let folder: string
let started: StartedTestContainer
let container: Container

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-node-log-"))
  const { images } = await ensureImages([{ component: "world", generation: "debian-12", packages: null }])
  const log = new NodeLog(folder, "talker")
  // Each start has a number of its own, in the container's own file.
  const script = `echo >> /starts; n=$(wc -l < /starts); echo "start $n"; echo "still $n" >&2; touch /said-$n; exec sleep 600`
  started = await new GenericContainer(images["world"]!.tag).withPullPolicy(PullPolicy.neverPull()).withEntrypoint(["sh", "-c", script]).withCommand([])
    .withNetworkMode("none").withAutoCleanup(false).withWaitStrategy(hasSpoken(1))
    .withLabels(ownerLabels("node-log", thisOwner())).withLogConsumer((stream) => log.take(stream)).start()
  log.started(started.getId())
  container = (await engine()).container.dockerode.getContainer(started.getId())
}, 600_000)

afterAll(async () => {
  await started?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test("each start is in the log once, in its order", async () => {
  const lines = Array.from({ length: starts }, (_, index) => [`start ${index + 1}`, `still ${index + 1}`]).flat().toSorted()
  for (let turn = 1; turn < starts; turn += 1) {
    await container.stop({ t: 0 })
    await container.start()
    await hasSpoken(turn + 1).waitUntilReady(container)
  }

  await expect.poll(() => readFileSync(join(folder, "talker.log"), "utf8").trim().split("\n").toSorted(), { timeout: 10_000 }).toEqual(lines)
})

function hasSpoken(turn: number): ReadyScript {
  return new ReadyScript(["test", "-e", `/said-${turn}`], "talker", () => "")
}
