import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { stateFolder } from "./state-folder.ts"

const waitingSaidAfterMs = 1_000

/**
 * Runs `work` while no other process of this project does the same. The kernel's lock (flock(1)) is held by a child
 * that ends when this process does, however it ends, so that a dead holder never stops anybody.
 * `onWait` is called once where another one holds it. An abort of `signal` ends the wait.
 */
export async function withProjectLock<T>(
  name: string, work: () => Promise<T>,
  { onWait = () => {}, signal }: { onWait?: (() => void) | undefined; signal?: AbortSignal | undefined } = {},
): Promise<T> {
  const folder = join(stateFolder, "locks")
  await mkdir(folder, { recursive: true })
  const holder = spawn("flock", ["--exclusive", join(folder, name), "sh", "-c", "echo held; exec cat"], {
    detached: true, stdio: ["pipe", "pipe", "ignore"],
  })
  holder.stdin.on("error", () => {}) // it ended before us
  const waiting = setTimeout(onWait, waitingSaidAfterMs)
  try {
    await once(holder.stdout, "data", signal ? { signal } : {})
    clearTimeout(waiting)
    return await work()
  } finally {
    clearTimeout(waiting)
    if (signal?.aborted) holder.kill("SIGKILL")
    holder.stdin.end()
  }
}
