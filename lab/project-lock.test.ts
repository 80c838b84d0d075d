import { spawn } from "node:child_process"
import { once } from "node:events"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { withProjectLock } from "./project-lock.ts"
import { stateFolder } from "./state-folder.ts"

const name = `test-${process.pid}`

afterEach(() => rm(join(stateFolder, "locks", name), { force: true }))

test("two pieces of work under one lock never run together", async () => {
  const events: string[] = []
  const work = (label: string) => withProjectLock(name, async () => {
    events.push(`${label} begins`)
    await new Promise((resolve) => { setImmediate(resolve) })
    events.push(`${label} ends`)
  })
  await Promise.all([work("a"), work("b")])
  const [first] = events[0]!.split(" ")
  expect(events[1]).toBe(`${first} ends`)
  expect(events).toHaveLength(4)
})

test("the lock of a process that was killed is free again", async () => {
  const lockModule = new URL("./project-lock.ts", import.meta.url).href
  const program = `import { withProjectLock } from "${lockModule}"
    await withProjectLock("${name}", () => new Promise((resolve) => { console.log("held"); setTimeout(resolve, 60_000) }))`
  const holder = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "inherit"] })
  await once(holder.stdout, "data")
  holder.kill("SIGKILL")
  expect(await withProjectLock(name, async () => "mine")).toBe("mine")
})

test("an abort ends the wait for a lock", async () => {
  const controller = new AbortController()
  await withProjectLock(name, async () => {
    const second = withProjectLock(name, async () => "never", { signal: controller.signal })
    controller.abort()
    await expect(second).rejects.toThrow("aborted")
  })
})
