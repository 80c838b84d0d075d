import { execFile } from "node:child_process"
import { mkdir } from "node:fs/promises"
import { cpus, release as kernelRelease, totalmem, type as systemName } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { writeWhole } from "./whole-file.ts"

/** What `run.json` holds; it grows while the run goes on and is written whole at each change. */
export type RunFacts = Record<string, unknown> & { run: string; times: Record<string, string | number> }

/** The folder of one run and its `run.json`: a killed run stays readable and never looks finished. */
export class RunRecord {
  readonly folder: string
  readonly facts: RunFacts
  private constructor(folder: string, facts: RunFacts) {
    this.folder = folder
    this.facts = facts
  }

  /** The folder is `<parent>/<run>`, or has a name of its own. */
  static async create(parent: string, facts: RunFacts, name = facts.run): Promise<RunRecord> {
    const folder = join(parent, name)
    try {
      await mkdir(join(folder, "logs"), { recursive: true })
    } catch (cause) {
      throw new LabFailure(`The folder of results ${folder} could not be made: ${(cause as Error).message}`, {
        where: parent, remedy: "make room or rights there, or name another folder with --out", cause,
      })
    }
    const record = new RunRecord(folder, { ...facts, schema: "recette.run/v1", state: "running" })
    await record.add({})
    return record
  }

  /** Adds facts and writes `run.json`. `times` are joined, everything else is replaced. */
  async add({ times, ...facts }: Partial<RunFacts>): Promise<void> {
    Object.assign(this.facts, facts)
    Object.assign(this.facts.times, times)
    await this.write("run.json", this.facts)
  }

  async write(name: string, content: string | object): Promise<void> {
    await writeWhole(join(this.folder, name), content)
  }

  /** Ends the record: `interrupted` by a signal, or `lab-failed` with what failed. Never throws: this is the last act. */
  async endBadly(state: "interrupted" | "lab-failed", error: unknown): Promise<void> {
    try {
      await this.add({ state, failure: failureOf(error), times: { endedAt: new Date().toISOString() } })
    } catch {
      // The disk refused once more; the first refusal is the one that is reported.
      this.facts["failure"] = failureOf(error)
    }
  }
}

/** A run's id: UTC date and time, then four letters drawn from the process id and the clock: `20261123-214407-k3f9`. */
export function newRunId(now = new Date()): string {
  const digits = now.toISOString().replaceAll(/\D/g, "")
  const rest = ((process.pid * 7919 + now.getMilliseconds() * 104_729) % 36 ** 4).toString(36).padStart(4, "0")
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${rest}`
}

export function failureOf(error: unknown): { message: string; where: string; remedy: string } {
  if (isFailure(error)) {
    return { message: error.message.split("\n  where: ")[0]!, where: error.where, remedy: error.remedy }
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return {
    message: `recette met an error that it does not know: ${message}`,
    where: stack?.split("\n")[1]?.trim() ?? "unknown",
    remedy: "report it to the developers of recette, with this run's folder",
  }
}

/** The lab's, the input's, or another room's failure of the same shape. */
function isFailure(error: unknown): error is Error & { where: string; remedy: string } {
  return error instanceof Error && "where" in error && "remedy" in error
}

/** One message for a person: what happened, where, and what to do. */
export function failureText(error: unknown, lang: "fr" | "en"): string {
  const { message, where, remedy } = failureOf(error)
  return lang === "fr" ? `${message}\n  où : ${where}\n  que faire : ${remedy}` : `${message}\n  where: ${where}\n  what to do: ${remedy}`
}

/** The machine and the engine, as facts of a run. */
export async function machineFacts(): Promise<Record<string, unknown>> {
  const client = await engine()
  const version = await client.container.dockerode.version()
  return {
    machine: {
      cores: cpus().length, memoryBytes: totalmem(), kernel: `${systemName()} ${kernelRelease()}`,
      os: client.info.containerRuntime ? String((await client.container.dockerode.info()).OperatingSystem) : "",
      node: process.version,
    },
    engine: { name: version.Platform?.Name || "docker", version: version.Version, api: version.ApiVersion },
  }
}

/** Commit of the project, with `+changes` where the working tree differs; null outside a git checkout. */
export async function projectCommit(projectFolder: string): Promise<string | null> {
  const git = promisify(execFile)
  try {
    const { stdout } = await git("git", ["-C", projectFolder, "rev-parse", "--short=12", "HEAD"])
    const { stdout: changes } = await git("git", ["-C", projectFolder, "status", "--porcelain"])
    return stdout.trim() + (changes.trim() ? "+changes" : "")
  } catch {
    return null
  }
}
