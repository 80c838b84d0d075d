import { spawn, type ChildProcess } from "node:child_process"
import { readdirSync } from "node:fs"
import { constants } from "node:os"
import { eventually } from "./eventually.ts"
import { startTicks } from "./ownership.ts"
import { descendantsOf, type RunningProcess } from "./process-tree.ts"
import { inheritedEnvironment } from "./settings.ts"
import { projectFolder } from "./state-folder.ts"

const ownerCommand = /recette\.ts (qualify|lab|challenge)\b/

/** How a command ended, with what it said. `code` is the shell's: 128 and the signal's number where one ended it. */
export interface Exit { code: number; stdout: string; stderr: string }

/** A command of recette as a user types it: by npm, in a process group of its own, as a terminal's shell gives it. */
export class FrontDoorProcess {
  readonly pid: number
  readonly ended: Promise<Exit>
  private readonly child: ChildProcess
  private readonly startedMs = performance.now()
  private stdout = ""
  private stderr = ""
  private exit: Exit | undefined

  private constructor(command: readonly string[], environment: Record<string, string>) {
    const [program, ...parameters] = command
    this.child = spawn(program!, parameters, {
      cwd: projectFolder, detached: true, stdio: ["ignore", "pipe", "pipe"], env: { ...usersEnvironment(), ...environment },
    })
    this.pid = this.child.pid!
    this.child.stdout!.on("data", (chunk: Buffer) => this.stdout += chunk.toString())
    this.child.stderr!.on("data", (chunk: Buffer) => this.stderr += chunk.toString())
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", reject)
      this.child.once("close", (code, signal) => resolve(this.exit = {
        code: code ?? 128 + constants.signals[signal!], stdout: this.stdout, stderr: this.stderr,
      }))
    })
  }

  /** `npm run qualify -- <parameters>`. */
  static qualify(parameters: readonly string[], environment: Record<string, string> = {}): FrontDoorProcess {
    return new FrontDoorProcess(["npm", "run", "qualify", "--", ...parameters], environment)
  }

  /** `npm run recette -- <parameters>`. */
  static recette(parameters: readonly string[], environment: Record<string, string> = {}): FrontDoorProcess {
    return new FrontDoorProcess(["npm", "run", "recette", "--", ...parameters], environment)
  }

  /** A lab without npm above it. It ends with the process that called this, however that one ends. */
  static lab(parameters: readonly string[]): FrontDoorProcess {
    const command = [process.execPath, "--disable-warning=ExperimentalWarning", "recette.ts", "lab", ...parameters]
    return new FrontDoorProcess(command, { RECETTE_ANCESTORS: `${process.pid}:${startTicks(process.pid)!}` })
  }

  /** Milliseconds since it was started. */
  get ageMs(): number {
    return Math.round(performance.now() - this.startedMs)
  }

  /** What it has said so far on both streams. */
  get said(): string {
    return this.stdout + this.stderr
  }

  /** Waits until it says `text`; throws with all that it said where it ends or is silent for too long. */
  async says(text: RegExp, { withinMs = 120_000 } = {}): Promise<void> {
    await this.reaches(`the command says ${text.source}`, async () => text.test(this.said), withinMs)
  }

  /** Like `eventually`, but ends at once where the command does. */
  async reaches<T>(condition: string, probe: () => Promise<T | undefined | false>, withinMs = 120_000): Promise<T> {
    const found = await eventually(condition, async () => {
      const value = await probe()
      if (value !== undefined && value !== false) return { value }
      return this.exit !== undefined && "over"
    }, { withinMs, everyMs: 20 })
    if (typeof found === "object") return found.value
    throw new Error(`The command ended with ${this.exit?.code} before ${condition}:\n${this.said}`)
  }

  /** The process that owns the lab. */
  async owner(): Promise<RunningProcess> {
    return this.reaches("the owner of the lab runs", async () =>
      this.processes().find(({ command }) => ownerCommand.test(command)))
  }

  /** Everything below it that runs now. */
  processes(): RunningProcess[] {
    return descendantsOf(this.pid)
  }

  /** Ctrl-C: the terminal sends SIGINT to every process of the foreground group. */
  interrupt(): void {
    process.kill(-this.pid, "SIGINT")
  }

  /** Kills the command's own process alone, with -9; for npm this tells nobody below it. */
  kill(): void {
    process.kill(this.pid, "SIGKILL")
  }
}

/** The first run of a folder of results, `undefined` while there is none. */
export function runIn(folder: string): string | undefined {
  return readdirSync(folder).filter((name) => /^\d{8}-\d{6}-\w+$/.test(name)).sort()[0]
}

/** In English, and without what Vitest and npm told this process about itself. */
function usersEnvironment(): Record<string, string> {
  const told = /^(VITEST|npm_|TEST$|NODE_ENV$|RECETTE_ANCESTORS$)/
  const inherited = Object.entries(inheritedEnvironment()).filter(([name]) => !told.test(name))
  return { ...Object.fromEntries(inherited), RECETTE_LANG: "en" }
}
