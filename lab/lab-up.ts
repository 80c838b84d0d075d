import { spawn, type ChildProcess } from "node:child_process"
import { mkdirSync, openSync } from "node:fs"
import { open } from "node:fs/promises"
import { join, resolve } from "node:path"
import { readNote, type KeptLab } from "./kept-labs.ts"
import { LabFailure } from "./failure.ts"
import { ownership } from "./own-lab.ts"
import { newRunId } from "./run-record.ts"
import { readLabInput, type RunRequest } from "./run-request.ts"
import { inheritedEnvironment } from "./settings.ts"
import { projectFolder } from "./state-folder.ts"

const readEveryMs = 200

export interface UpRequest extends Pick<RunRequest, "out" | "seed" | "lang"> {
  /** Name or file of the platform on which the release is laid. */
  platform?: string
  /** As they were given: `sympa:mariadb:3306=20ms`. */
  delay: readonly string[]
}

/** How starting a lab ended: it is up, or its owner ended with this exit code and has said why. */
export type UpOutcome = { lab: KeptLab } | { exitCode: number }

/**
 * Starts a lab that goes on when this process has ended: a process of its own owns it, in a session of its own, and writes
 * into `logs/owner.log` of the run's folder, which is shown here until the lab is ready. While it starts, the end of this
 * process, Ctrl-C included, ends it. Throws InputError before anything is started where release or platform are wrong.
 */
export async function startKeptLab(name: string | undefined, request: UpRequest): Promise<UpOutcome> {
  await readLabInput(name, request.platform)
  const { progress: { say }, stop } = ownership(request.lang)
  const run = newRunId()
  const folder = join(resolve(request.out), run)
  const logPath = join(folder, "logs", "owner.log")
  const owner = startOwner(name, request, run, logPath)
  stop.addEventListener("abort", () => { if (owner.connected) owner.disconnect() }, { once: true })
  const ended = new Promise<number>((end, reject) => {
    owner.once("error", reject)
    owner.once("exit", (code, signal) => end(code ?? (signal === null ? 1 : 128)))
  })
  const ready = new Promise<"ready">((resolve) => owner.on("message", () => resolve("ready")))
  const shown = new AbortController()
  const showing = showLog(logPath, say, shown.signal)
  const outcome = await Promise.race([ready, ended])
  shown.abort()
  await showing
  if (outcome !== "ready") return { exitCode: stop.aborted ? 130 : outcome }
  owner.removeAllListeners()
  owner.unref()
  const note = await readNote(folder)
  if (!note) throw new LabFailure(`The lab of run ${run} has left no note of itself`, { where: folder, remedy: `see ${logPath}` })
  return { lab: { note, folder, isAlive: true } }
}

function startOwner(name: string | undefined, { out, seed, lang, platform, delay }: UpRequest, run: string, logPath: string): ChildProcess {
  try {
    mkdirSync(join(logPath, ".."), { recursive: true })
  } catch (cause) {
    throw new LabFailure(`The folder of results could not be made: ${(cause as Error).message}`, {
      where: out, remedy: "make room or rights there, or name another folder with --out", cause,
    })
  }
  const log = openSync(logPath, "a")
  const { RECETTE_ANCESTORS: _, ...environment } = inheritedEnvironment()
  return spawn(process.execPath, [
    "--disable-warning=ExperimentalWarning", join(projectFolder, "recette.ts"), "lab", "keep", ...name === undefined ? [] : [name],
    "--run", run, "--out", out, "--seed", String(seed), "--lang", lang, ...platform === undefined ? [] : ["--platform", platform],
    ...delay.flatMap((one) => ["--delay", one]),
  ], { detached: true, stdio: ["ignore", log, log, "ipc"], env: environment })
}

/** Says each line of a growing file, until `signal` aborts; then what is left of it. */
async function showLog(path: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  await using file = await open(path)
  let rest = ""
  const buffer = Buffer.alloc(65_536)
  for (let isLast = false; ; isLast = signal.aborted) {
    for (let { bytesRead } = await file.read(buffer); bytesRead > 0; { bytesRead } = await file.read(buffer)) {
      const lines = (rest + buffer.subarray(0, bytesRead).toString("utf8")).split("\n")
      rest = lines.pop()!
      for (const line of lines) say(line)
    }
    if (isLast) return
    await new Promise((resume) => setTimeout(resume, readEveryMs))
  }
}
