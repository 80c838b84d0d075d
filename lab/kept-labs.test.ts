import { join } from "node:path"
import { expect, test } from "vitest"
import { endKeptLab } from "./lab-down.ts"
import { statusLines, type LabStatus } from "./lab-status.ts"
import { handleOf, keptLabNamed, keptLabs, keptName, writeNote, type KeptLabNote } from "./kept-labs.ts"
import { thisOwner } from "./ownership.ts"
import { registerRun } from "./run-registry.ts"
import { temporaryFolder } from "./temporary-release.ts"

const alive = thisOwner()
const dead = { ...alive, startTicks: "1" }
const elsewhere = { ...alive, pidNamespace: "1", machine: "another" }

async function clone(): Promise<string> {
  const folder = temporaryFolder({ "results/.keep": "", "runs/.keep": "" })
  for (const [run, platform, owner] of [
    ["20261129-090000-aaaa", "maquette", alive], ["20261129-090100-bbbb", "maquette", dead], ["20261129-090200-cccc", "ariel-pr", alive],
  ] as const) {
    const runFolder = join(folder, "results", run)
    await registerRun({ run, owner, image: "world", folder: runFolder }, folder)
    const note: KeptLabNote = { schema: "recette.kept-lab/v1", name: keptName(platform, run), run, owner, release: `${platform}/2026.1`, startedAt: `2026-11-29T09:0${run[12]}:00Z` }
    await writeNote(runFolder, note)
  }
  // A qualification: a run without a note.
  await registerRun({ run: "20261129-090300-dddd", owner: alive, image: "world", folder: join(folder, "results", "20261129-090300-dddd") }, folder)
  return folder
}

test("kept labs are those with a note, alive or dead, the oldest first", async () => {
  expect((await keptLabs(await clone())).map(({ note: { name }, isAlive }) => [name, isAlive])).toEqual([["maquette-aaaa", true], ["maquette-bbbb", false], ["ariel-pr-cccc", true]])
})

test("one is named by its name, its run, or its platform where that has no other", async () => {
  const folder = await clone()
  for (const wanted of ["ariel-pr-cccc", "20261129-090200-cccc", "ariel-pr"]) expect((await keptLabNamed(wanted, folder)).note.name).toBe("ariel-pr-cccc")
  await expect(keptLabNamed("maquette", folder)).rejects.toThrow("More than one lab is called maquette: maquette-aaaa, maquette-bbbb\n  where: the command line\n  what to do: use one of")
  await expect(keptLabNamed("dddd", folder)).rejects.toThrow("There is no lab dddd")
  await expect(keptLabNamed("any", temporaryFolder({}))).rejects.toThrow("There is no lab any\n  where: the command line\n  what to do: start one: recette lab up")
})

test("one that is not ready cannot be entered yet, and the error names its log", async () => {
  const lab = await keptLabNamed("ariel-pr", await clone())
  await expect(handleOf(lab)).rejects.toThrow(/The lab ariel-pr-cccc is not ready yet\n {2}where: .*logs\/owner\.log\n {2}what to do: wait/)
})

test("one whose owner's processes are not seen from here is not ended from here", async () => {
  const { note, folder } = await keptLabNamed("ariel-pr", await clone())
  await expect(endKeptLab({ note: { ...note, owner: elsewhere }, folder, isAlive: true })).rejects.toThrow(
    `The lab ariel-pr-cccc was started on another machine or in another container, whose processes are not seen from here\n  where: run ${note.run}, process ${alive.pid} there\n  what to do: end it there: recette lab down ariel-pr-cccc`)
})

test("status says what is up in words, and where nothing is, how to start", () => {
  const lab: LabStatus = {
    name: "maquette-aaaa", run: "r", platform: "maquette", release: "maquette/2026.1", state: "up", since: "2026-11-29T09:00:00Z", page: "http://127.0.0.1:4/", folder: "/f", owner: 1,
    nodes: [
      { name: "edge", component: "postfix", address: "172.18.0.5", ports: { smtp: 49153 }, isWorld: false, state: "unhealthy", detail: "port 25: closed", queue: { deferred: 3 } },
      { name: "dns", component: "dns", address: "172.18.0.2", ports: {}, isWorld: true, state: "running" },
    ],
  }
  expect(statusLines([lab, { ...lab, name: "maquette-bbbb", state: "dead", page: null, nodes: [] }], [{ run: "other", owner: 7, containers: 12 }], "en")).toEqual([
    "maquette-aaaa  maquette/2026.1  up, since 2026-11-29 09:00 UTC  map: http://127.0.0.1:4/",
    "  edge       postfix  ▲ silent         172.18.0.5      queue 3 (deferred 3)  smtp 127.0.0.1:49153  (port 25: closed)",
    "  the world around it: dns ● running",
    "maquette-bbbb  maquette/2026.1  its owner is dead: recette lab down or prune removes it, since 2026-11-29 09:00 UTC",
    "other  another run on this engine (process 7, 12 containers): a qualification's, or another clone's",
  ])
  expect(statusLines([], [], "fr")).toEqual(["aucun laboratoire n'est en place ; recette lab up en démarre un"])
})
