import { expect, test } from "vitest"
import { Mailboxes } from "./mailboxes.ts"

/** A node whose copies.sh answers from `files` (path and text) and counts what it is asked. */
function node(files: Map<string, string>) {
  const asked: string[] = []
  const run = async ([, what, ...paths]: readonly string[]) => {
    asked.push([what, ...paths].join(" "))
    if (what === "list") return { exitCode: 0, stdout: [...files.keys()].join("\n"), stderr: "" }
    if (paths.some((path) => !files.has(path))) return { exitCode: 75, stdout: "", stderr: "" }
    const lines = paths.map((path) => `${path} ${Buffer.from(files.get(path)!).toString("base64")}\n`)
    return { exitCode: 0, stdout: lines.join(""), stderr: "" }
  }
  return { asked, run }
}
const message = (id: string, text = "") => `X-Recette-Id: ${id}\n\n${text}\n`

test("a message is found by the id of its own header, with its address and folder, and by any text", async () => {
  const mailboxes = new Mailboxes(node(new Map([
    ["./a.test/anne/new/1.M1.host", message("k-1")], ["./a.test/paul/.Junk.2026/cur/2.M2.host:2,S", message("k-1", "again")],
    ["./a.test/paul/new/3.M3.host", message("k-2", "it quotes k-1")],
  ])).run)

  expect((await mailboxes.withId("k-1")).map(({ address, folder }) => [address, folder]))
    .toEqual([["anne@a.test", "INBOX"], ["paul@a.test", "Junk/2026"]])
  expect((await mailboxes.withText("k-1")).length).toBe(3)
})

test("a file is read once, is one however it is renamed, and is gone when it is taken away", async () => {
  const files = new Map([["./a.test/anne/new/1.M1.host", message("k-1")]])
  const { asked, run } = node(files)
  const mailboxes = new Mailboxes(run)
  expect(await mailboxes.withId("k-1")).toHaveLength(1)
  files.set("./a.test/anne/cur/1.M1.host:2,S", message("k-1"))
  expect(await mailboxes.withId("k-1")).toHaveLength(1)
  files.clear()
  expect(await mailboxes.withId("k-1")).toHaveLength(0)
  expect(asked.filter((one) => one.startsWith("read"))).toHaveLength(1)
})

test("those who ask during a look share the next one", async () => {
  const { asked, run } = node(new Map())
  const mailboxes = new Mailboxes(run)
  const first = mailboxes.withId("k-1")
  await expect.poll(() => asked.length).toBe(1)
  await Promise.all([first, ...["k-2", "k-3", "k-4"].map((id) => mailboxes.withId(id))])
  expect(asked).toEqual(["list", "list"])
})

test("a file that goes away while it is read is listed again; what copies.sh says of a failure is in the error", async () => {
  const files = new Map([["./a.test/anne/new/1.M1.host", message("k-1")]])
  const { run } = node(files)
  let moves = 1
  const mailboxes = new Mailboxes(async (command) => {
    if (command[1] === "read" && moves-- > 0) {
      files.clear()
      files.set("./a.test/anne/cur/1.M1.host:2,", message("k-1"))
    }
    return run(command)
  })
  expect(await mailboxes.withId("k-1")).toHaveLength(1)

  const broken = new Mailboxes(async () => ({ exitCode: 1, stdout: "", stderr: "no such folder" }))
  await expect(broken.withId("k-1")).rejects.toThrow("copies.sh ended with 1: no such folder")
})
