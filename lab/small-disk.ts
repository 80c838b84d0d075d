import { spawnSync } from "node:child_process"
import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs"
import { join } from "node:path"

const page = Buffer.alloc(4_096)

/** A file system of its own, small enough to be filled. Only root may mount one: see `mayMount`. */
export class SmallDisk {
  readonly path: string

  /** Mounts one of `bytes` at a new folder `path`. */
  constructor(path: string, bytes: number) {
    this.path = path
    mkdirSync(path)
    run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "recette-test", path])
  }

  /** Writes until there is no room for one more byte. */
  fill(): void {
    const file = openSync(join(this.path, "filling"), "a")
    try {
      for (;;) appendFileSync(file, page)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
    } finally {
      closeSync(file)
    }
  }

  /** `lazy`: a process that still has a file open there does not keep it. */
  remove(): void {
    run("umount", ["--lazy", this.path])
  }
}

export function mayMount(): boolean {
  return process.getuid?.() === 0 || spawnSync("sudo", ["-n", "true"], { stdio: "ignore" }).status === 0
}

function run(program: string, parameters: readonly string[]): void {
  const [command, ...rest] = process.getuid?.() === 0 ? [program, ...parameters] : ["sudo", "-n", program, ...parameters]
  const { status, stderr } = spawnSync(command!, rest, { encoding: "utf8" })
  if (status !== 0) throw new Error(`${program} ${parameters.join(" ")}: ${stderr}`)
}
