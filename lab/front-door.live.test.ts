/**
 * Goal: the command that a user types ends as promised where the lab is broken or the input is wrong.
 * Method: `npm run qualify` as a user starts it; from outside its lab is broken, its engine lost, its disk filled.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { EngineProxy } from "./engine-proxy.ts"
import { FrontDoorProcess, runIn, type Exit } from "./front-door-process.ts"
import {
  deleteGatewayRules, deleteLabRules, joinDefaultBridge, prepareForwarder, replaceDns,
} from "./isolation-breaks.ts"
import type { IsolationRecord } from "./isolation-record.ts"
import { HostAgent } from "./isolation-rules.ts"
import { foretoldParts, hasContainer, labelledLab } from "./labelled-lab.ts"
import { leftovers, nothing } from "./leftovers.ts"
import { thisOwner } from "./ownership.ts"
import { platformNamed } from "./platform.ts"
import { mayMount, SmallDisk } from "./small-disk.ts"
import { temporaryFolder } from "./temporary-release.ts"
import { worldImage } from "./world-image.ts"

const exitCodes = { wrongInput: 2, labFailed: 3, inconclusive: 4 } as const
let agent: HostAgent
let out = ""

beforeAll(async () => {
  agent = await HostAgent.start({ run: `look-${process.pid}`, owner: thisOwner(), image: await worldImage(), purpose: "look" })
}, 600_000)
afterAll(() => agent.remove())

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "recette-front-door-"))
})
afterEach(() => rmSync(out, { recursive: true, force: true }))

type Break = (run: string, command: FrontDoorProcess) => Promise<void>

const breaks: { what: string; breakIt: Break; nodes: string[]; says: RegExp }[] = [
  {
    what: "its packet filter rules are deleted",
    breakIt: async (run) => deleteLabRules(await labelledLab(run), await foretoldParts(run)),
    nodes: [...platformNamed("ariel-pr").nodes.map(({ name }) => name), "gateway"].sort(),
    says: /node \w+: host, .*connected.*\n.*where: node .*\n.*what to do: .*start the lab again/,
  },
  {
    what: "one node is also on the default bridge",
    breakIt: async (run) => joinDefaultBridge("sympa")(await labelledLab(run), await foretoldParts(run)),
    nodes: ["sympa"],
    says: /node sympa: it is also on network bridge, .*\n.*where: node sympa.*\n.*what to do: .*disconnect this one from the other/,
  },
  {
    what: "its DNS forwards to the outside double",
    breakIt: async (run, command) => {
      await prepareForwarder(await labelledLab(run), await foretoldParts(run))
      await command.reaches("the outside double is being made", () => hasContainer(run, "proof-outside"))
      await replaceDns(await labelledLab(run))
    },
    nodes: ["dns"],
    says: /node dns: the lab's DNS forwards: .* answered 198\.51\.100\..*\n.*where: node dns.*\n.*what to do: .*dns-server\.ts/,
  },
  {
    what: "its gateway's rules are deleted",
    breakIt: async (run) => deleteGatewayRules(await labelledLab(run), await foretoldParts(run)),
    nodes: ["gateway"],
    says: /node gateway: outside, SMTP .*connected.*\n.*where: node gateway.*\n.*what to do: .*start the lab again/,
  },
]

describe("a lab that is broken between its making and its proof runs no scenario", () => {
  test.each(breaks)("$what", async ({ breakIt, nodes, says }) => {
    const command = FrontDoorProcess.qualify(["--out", out])
    const owner = await command.owner()
    await command.says(/a network namespace for each node: /)
    const run = runIn(out)!
    await command.reaches("the gateway runs", () => hasContainer(run, "gateway"))
    await breakIt(run, command)

    const exit = await command.ended

    expect(exit).toMatchObject({ code: exitCodes.labFailed, stderr: expect.stringMatching(says) as string })
    expectOneMessage(exit)
    const { passed, failures } = JSON.parse(readFileSync(join(out, run, "isolation.json"), "utf8")) as IsolationRecord
    expect(passed).toBe(false)
    // While the lab's DNS changes hands, a node may find no name at all: that failure is not the one that was made.
    const made = failures.filter(({ wayOut }) => !wayOut.startsWith("inside name"))
    expect([...new Set(made.map(({ node }) => node))].sort()).toEqual(nodes)
    expect(exit.stderr).not.toContain("scenarios:")
    for (const name of ["scenarios.json", "logs/scenarios.log"]) expect(existsSync(join(out, run, name)), name).toBe(false)
    expect(await leftovers(owner.pid, run, agent)).toEqual(nothing)
  })
})

const release = (text: string): Record<string, string> => ({ "release.yaml": `schema: recette.release/v1\n${text}` })
const nextTo = (text: string): string => `version: "1"\ndate: 2026-11-15\ngeneration: debian-12\n${text}`

const wrongInputs: { what: string; files?: Record<string, string>; parameters: string[]; says: RegExp }[] = [
  {
    what: "an unknown key", files: release("extends: ariel-pr/2026.1\nsettings: {}\n"), parameters: ["."],
    says: /unknown key settings.*\n {2}where: .*release\.yaml:3\n {2}what to do: /,
  },
  {
    what: "a missing file", parameters: ["."],
    files: release("extends: ariel-pr/2026.1\ncomponents:\n  postfix: { files: { header_checks: ./header_checks } }\n"),
    says: /header_checks.*\n {2}where: .*release\.yaml:4\n {2}what to do: /,
  },
  {
    what: "a cycle", files: release("extends: .\n"), parameters: ["."],
    says: /extend each other in a circle.*\n {2}where: .*release\.yaml:2\n {2}what to do: /,
  },
  {
    what: "an unknown platform", files: release(nextTo("platform: ariel-xx\n")), parameters: ["."],
    says: /platform ariel-xx\n {2}where: .*\n {2}what to do: /,
  },
  { what: "an unknown release", parameters: ["ariel-pr/1999.1"], says: /ariel-pr\/1999\.1.*\n {2}where: .*\n {2}what to do: .*recette -- platforms/ },
  { what: "an unknown id", parameters: ["ariel-pr", "--only", "ROU-999"], says: /ROU-999.*\n {2}where: .*\n {2}what to do: / },
  {
    what: "an expired waiver", parameters: ["ariel-pr", "--requirements", "team.yaml"],
    files: {
      "team.yaml": "schema: recette.requirements-overlay/v1\nwaivers:\n"
        + "  - { id: ROU-01, reason: replaced in May, name: A. Martin, expires: 2020-06-15 }\n",
    },
    says: /The waiver for ROU-01 expired on 2020-06-15\n {2}where: .*team\.yaml:3\n {2}what to do: remove it/,
  },
  { what: "an unknown level", parameters: ["ariel-pr", "--level", "slow"], says: /--level.*slow.*\n {2}where: .*\n {2}what to do: .*quick/ },
  { what: "an unknown option", parameters: ["ariel-pr", "--levle", "full"], says: /--levle.*\n {2}where: .*\n {2}what to do: .*--level/ },
  { what: "a seed that is no number", parameters: ["ariel-pr", "--seed", "x"], says: /--seed.*\n {2}where: .*\n {2}what to do: .*whole number/ },
]

describe("wrong input ends with 2 and one message, and starts nothing", () => {
  test.each(wrongInputs)("$what", async ({ files = {}, parameters, says }) => {
    const folder = temporaryFolder(files)
    const given = parameters.map((one) => one === "." || one in files ? join(folder, one) : one)
    const results = join(folder, "results")

    const exit = await FrontDoorProcess.qualify([...given, "--out", results]).ended

    expect(exit).toMatchObject({ code: exitCodes.wrongInput, stderr: expect.stringMatching(says) as string })
    expectOneMessage(exit)
    expect(existsSync(results)).toBe(false)
  })

  test("a setting that recette does not know", async () => {
    const exit = await FrontDoorProcess.qualify(["ariel-pr", "--out", out], { RECETTE_NONSENSE: "1" }).ended
    expect(exit).toMatchObject({ code: exitCodes.wrongInput, stderr: expect.stringMatching(/RECETTE_NONSENSE is no setting.*\n.*where: the environment/) as string })
    expect(readdirSync(out)).toEqual([])
  })
})

/** Longest that a run goes on when its engine or its disk is gone, in ms. */
const endsWithinMs = 12_000
const firstScenarioEnded = /^ {2}1\/\d+ /m

describe("a run whose engine is lost", () => {
  test("does not begin where none answers", async () => {
    const exit = await FrontDoorProcess.qualify(["--out", out], { DOCKER_HOST: `unix://${out}/none.sock` }).ended

    expect(exit).toMatchObject({ code: exitCodes.labFailed })
    expect(exit.stderr).toMatch(/engine .* does not answer\n {2}where: unix:.*none\.sock\n {2}what to do: start that engine/)
    expectOneMessage(exit)
    expect(readdirSync(out)).toEqual([])
  })

  test.each([
    { when: "before the first scenario has ended", after: /a network namespace for each node: /, code: exitCodes.labFailed },
    { when: "after the first scenario has ended", after: firstScenarioEnded, code: exitCodes.inconclusive },
  ])("ends at once $when, and the next command removes what it left", async ({ after, code }) => {
    const proxy = await EngineProxy.in(out)
    const command = FrontDoorProcess.qualify(["--out", out], { DOCKER_HOST: proxy.address })
    const owner = await command.owner()
    await command.says(after)
    const run = runIn(out)!
    proxy.close()
    const lostAtMs = command.ageMs

    const exit = await command.ended

    console.log(`engine lost ${after.source}: ended with ${exit.code} after ${command.ageMs - lostAtMs} ms`)
    expect(exit, exit.stderr).toMatchObject({ code })
    expect(exit.stderr).toMatch(/The container engine .*\n {2}where: .*\n {2}what to do: /)
    expectOneMessage(exit)
    expect(command.ageMs - lostAtMs).toBeLessThan(endsWithinMs)
    expect((await leftovers(owner.pid, run, agent)).containers).not.toEqual([])
    expect(await FrontDoorProcess.recette(["prune"]).ended).toMatchObject({ code: 0 })
    expect(await leftovers(owner.pid, run, agent)).toEqual(nothing)
  })
})

describe.skipIf(!mayMount())("a run whose disk is full", () => {
  let disk: SmallDisk
  beforeEach(() => {
    disk = new SmallDisk(join(out, "disk"), 8 * 1_048_576)
  })
  afterEach(() => disk.remove())

  test("from the start ends before anything is made", async () => {
    disk.fill()

    const exit = await FrontDoorProcess.qualify(["--out", disk.path]).ended

    expect(exit).toMatchObject({ code: exitCodes.labFailed, stderr: expect.stringMatching(noRoom) as string })
    expectOneMessage(exit)
    expect(exit.stderr).not.toContain("networks")
  })

  test.each([
    { when: "while the lab is made", after: /a network namespace for each node: /, code: exitCodes.labFailed },
    { when: "while scenarios run", after: firstScenarioEnded, code: exitCodes.inconclusive },
  ])("$when ends at once and leaves nothing", async ({ after, code }) => {
    const command = FrontDoorProcess.qualify(["--out", disk.path, "--only", "routing"])
    const owner = await command.owner()
    await command.says(after)
    disk.fill()
    const fullAtMs = command.ageMs

    const exit = await command.ended

    console.log(`disk full ${after.source}: ended with ${exit.code} after ${command.ageMs - fullAtMs} ms`)
    expect(exit).toMatchObject({ code, stderr: expect.stringMatching(noRoom) as string })
    expectOneMessage(exit)
    expect(await leftovers(owner.pid, runIn(disk.path), agent)).toEqual(nothing)
  })
})

const noRoom = /could not be written: ENOSPC.*\n {2}where: .*\n {2}what to do: make room there/

/** What, where and what to do: each once. */
function expectOneMessage({ stderr }: Exit): void {
  expect(stderr.match(/where: /g), stderr).toHaveLength(1)
  expect(stderr.match(/what to do: /g), stderr).toHaveLength(1)
}
