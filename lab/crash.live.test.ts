/**
 * Goal: however a run is ended, the next command starts clean, and a lab that is alive beside it is not touched.
 * Method: `npm run qualify` as a user starts it, ended at moments drawn from a seed: by kill -9 of the owner or of npm
 * above it, or by Ctrl-C. Another seed: `npx vitest run --project live lab/crash --sequence.seed=N`.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Container } from "dockerode"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { building, components, networks, proof, scenarios, setUp, waitFor, type Moment } from "./crash-moments.ts"
import { engine } from "./engine.ts"
import { eventually } from "./eventually.ts"
import { FrontDoorProcess, runIn } from "./front-door-process.ts"
import { ownerMark } from "./image-build.ts"
import { HostAgent } from "./isolation-rules.ts"
import { leftovers, nothing, type Leftovers } from "./leftovers.ts"
import { liveSeed } from "./live-seed.ts"
import { LivingLab, type Condition } from "./living-lab.ts"
import { LABELS, thisOwner, type Owner } from "./ownership.ts"
import { stillRunning, type RunningProcess } from "./process-tree.ts"
import { worldImage } from "./world-image.ts"

/** Longest that an interrupted run may take to end and to remove what it made, in ms. */
const endsWithinMs = 10_000
const interrupted = 130
const seed = liveSeed()

let agent: HostAgent
let living: LivingLab
let before: Condition
let out = ""

beforeAll(async () => {
  console.log(`moments are drawn from seed ${seed}`)
  agent = await HostAgent.start({ run: `look-${process.pid}`, owner: thisOwner(), image: await worldImage(), purpose: "look" })
  living = await LivingLab.start()
  before = await living.condition(agent)
  expect(before).toMatchObject({ hasRules: true, greeting: expect.stringMatching(/^220 /) as string })
}, 600_000)

afterAll(async () => {
  await living.end()
  await agent.remove()
})

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "recette-crash-"))
})
afterEach(async () => {
  rmSync(out, { recursive: true, force: true })
  expect(await living.condition(agent)).toEqual(before)
})

describe("after kill -9 of the process that owns the lab, the next command removes all of it", () => {
  test.each([building, networks, components, proof])("$when", async (moment) => {
    const dead = await killOwner(moment)

    const next = FrontDoorProcess.recette(["prune"])

    expect(await next.ended).toMatchObject({ code: 0 })
    console.log(`${dead.story}; prune took ${next.ageMs} ms`)
    expect(await leftovers(dead.owner.pid, dead.run, agent)).toEqual(nothing)
  })

  test("while scenarios run, also by the next run", async () => {
    const dead = await killOwner(scenarios)

    const next = start()
    await next.says(/^images: /m)

    console.log(`${dead.story}; the next run was clean after ${next.ageMs} ms`)
    expect(await leftovers(dead.owner.pid, dead.run, agent)).toEqual(nothing)
    next.interrupt()
    expect(await next.ended).toMatchObject({ code: interrupted })
  })
})

test("a build's container that a stopped engine left is removed, and that of a living build is not", async () => {
  const dead = await builderOf({ ...thisOwner(), startTicks: "1" })
  const alive = await builderOf(thisOwner())
  try {
    expect(await FrontDoorProcess.recette(["prune"]).ended).toMatchObject({ code: 0 })

    await expect(dead.inspect()).rejects.toMatchObject({ statusCode: 404 })
    expect(await alive.inspect()).toMatchObject({ Id: alive.id })
  } finally {
    await alive.remove()
  }
})

test("after kill -9 of npm the owner ends by itself and removes what it made", async () => {
  const command = start()
  const owner = await command.owner()
  await waitFor(components, command, seed)
  const processes = command.processes()
  command.kill()
  const killedAtMs = command.ageMs

  await gone(processes)

  console.log(`npm killed: all had ended after ${command.ageMs - killedAtMs} ms`)
  expect(await leftovers(owner.pid, runIn(out), agent)).toEqual(nothing)
})

describe("Ctrl-C ends a run within 10 s, with 130, and leaves nothing", () => {
  test.each([setUp, building, networks, components, scenarios])("$when", async (moment) => {
    const command = start(moment)
    const laterMs = await waitFor(moment, command, seed)
    const processes = command.processes()
    const owner = processes.find(({ command: line }) => line.includes("recette.ts"))
    command.interrupt()
    const interruptedAtMs = command.ageMs

    const exit = await command.ended

    console.log(`Ctrl-C ${moment.when}, ${laterMs} ms later: ended after ${command.ageMs - interruptedAtMs} ms`)
    expect(exit, exit.stderr).toMatchObject({ code: interrupted })
    expect(command.ageMs - interruptedAtMs).toBeLessThan(endsWithinMs)
    await gone(processes)
    expect(await leftovers(owner?.pid ?? 0, runIn(out), agent)).toEqual(nothing)
  })
})

interface Dead { owner: RunningProcess; run: string | undefined; story: string }

/** Starts a run, kills its owner at the moment, and waits until no process of it runs. */
async function killOwner(moment: Moment): Promise<Dead> {
  const command = start(moment)
  const owner = await command.owner()
  const laterMs = await waitFor(moment, command, seed)
  const processes = command.processes()
  process.kill(owner.pid, "SIGKILL")
  const killedAtMs = command.ageMs
  await gone(processes)
  const endedMs = command.ageMs - killedAtMs
  const left = await leftovers(owner.pid, runIn(out), agent)
  return {
    owner, run: runIn(out),
    story: `killed ${moment.when}, ${laterMs} ms later: processes had ended after ${endedMs} ms and left ${countsOf(left)}`,
  }
}

/** As the classic builder makes them: with the label of the Dockerfile, and the mark that the build was given. */
async function builderOf(owner: Owner): Promise<Container> {
  const { container: { dockerode } } = await engine()
  return dockerode.createContainer({
    Image: await worldImage(), Labels: { [LABELS.role]: "builder" }, HostConfig: { ExtraHosts: [ownerMark(owner)] },
  })
}

function start({ release }: Partial<Moment> = {}): FrontDoorProcess {
  return FrontDoorProcess.qualify([...release ? [release()] : [], "--out", out])
}

async function gone(processes: readonly RunningProcess[]): Promise<void> {
  await eventually("all processes of the run have ended", async () => stillRunning(processes).length === 0, {
    withinMs: endsWithinMs, everyMs: 20,
  })
}

function countsOf(left: Leftovers): string {
  return Object.entries(left).map(([kind, names]: [string, string[]]) => `${names.length} ${kind}`).join(", ")
}
