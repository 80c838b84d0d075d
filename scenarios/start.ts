import { fork } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { LabFailure } from "../lab/failure.ts"
import { inheritedEnvironment } from "../lab/settings.ts"
import { writeWhole } from "../lab/whole-file.ts"
import type { ScenarioNews, ScenarioOrder, ScenarioRecord, ScenariosFile } from "./scenario-record.ts"

export interface RunScenariosOptions extends Omit<ScenarioOrder, "shuffle"> {
  /** Scenarios in an order drawn from the seed; true without it. */
  shuffle?: boolean
  /** Its abort ends the scenarios at once; the promise is then rejected with its reason. */
  signal?: AbortSignal | undefined
  /** Called with one short text for every scenario that ends: `12/40 passed: a message arrives`. */
  onProgress?: ((detail: string) => void) | undefined
  /** Called with each scenario that ends. */
  onEnd?: ((scenario: ScenarioRecord) => void) | undefined
}

/**
 * Runs the scenarios on a lab that is up, in a process of their own, and returns what `scenarios.json` then holds.
 * Resolves whatever the scenarios say of the release. Throws a LabFailure where they could not be run or did not come
 * to their end; `scenarios.json` then holds what had ended until then, with `complete: false`. The process dies with
 * this one, however this one ends.
 */
export async function runScenarios(
  { signal, onProgress, onEnd, shuffle = true, ...given }: RunScenariosOptions,
): Promise<ScenariosFile> {
  signal?.throwIfAborted()
  const order: ScenarioOrder = { ...given, shuffle }
  const end = await outcomeOf(order, signal, (news) => {
    onProgress?.(progressText(news))
    onEnd?.(news.scenario)
  })
  signal?.throwIfAborted()
  if (end.kind === "broken") throw new LabFailure(end.message, end)
  const path = join(order.resultsFolder, "scenarios.json")
  const file = JSON.parse(readFileSync(path, "utf8")) as ScenariosFile
  if (file.complete) return file
  throw new LabFailure("The scenarios ended before all of them had run", {
    where: `${path}, logs/scenarios.log`, remedy: "read the last lines of that log",
  })
}

/** What `scenarios.json` says of a run that was asked for none. */
export async function writeNoScenarios(resultsFolder: string, seed: number): Promise<void> {
  await writeWhole(join(resultsFolder, "scenarios.json"), { schema: "recette.scenarios/v1", complete: true, seed, scenarios: [] } satisfies ScenariosFile)
}

/** Status in words, never by a sign alone. */
function progressText({ scenario, done, total }: FinishedNews): string {
  return `${done}/${total} ${scenario.status}: ${scenario.title}`
}

type FinishedNews = Extract<ScenarioNews, { kind: "finished" }>
type End = Extract<ScenarioNews, { kind: "ended" | "broken" }>

/** In a process group of its own, so that Ctrl-C reaches the owner alone, which then ends it. */
function outcomeOf(
  order: ScenarioOrder, signal: AbortSignal | undefined, onFinished: (news: FinishedNews) => void,
): Promise<End> {
  const path = fileURLToPath(new URL("./run.ts", import.meta.url))
  const child = fork(path, {
    stdio: ["ignore", "ignore", "pipe", "ipc"], detached: true, env: inheritedEnvironment(), execArgv: [],
  })
  const stop = () => child.kill("SIGKILL")
  let said = ""
  let end: End | undefined
  child.stderr!.on("data", (chunk: Buffer) => said = (said + chunk.toString()).slice(-2_000))
  child.on("message", (news: ScenarioNews) => {
    if (news.kind === "finished") onFinished(news)
    else if (news.kind !== "started") end ??= news
  })
  signal?.addEventListener("abort", stop, { once: true })
  return new Promise<End>((resolve, reject) => {
    child.once("error", reject)
    child.once("close", (code, killedBy) => resolve(end ?? {
      kind: "broken",
      message: `The process that runs the scenarios ended with ${killedBy ?? code}: ${said.trim() || "it said nothing"}`,
      where: "logs/scenarios.log", remedy: "see whether the machine is out of memory (dmesg), and read that log",
    }))
    child.send(order)
  }).finally(() => signal?.removeEventListener("abort", stop))
}
