import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { readHandle } from "../lab/handle.ts"
import type { PlatformDefinition } from "../lab/platform.ts"
import type { LoadFile } from "./load-file.ts"
import { otherPlatform, profileNamed } from "./profile-list.ts"
import { runLoad } from "./run-load.ts"

export interface LoadOptions { lab: string; seed: number; json?: boolean }

/** `exitCode`: 0 everybody got what was due, 1 somebody did not, 4 the load says nothing. */
export interface LoadCommandOutcome { text: string; exitCode: 0 | 1 | 4 }

/** Puts a load on a lab that is up, and says what became of it: nothing is judged. Its files are in the lab's run folder. */
export async function loadOnLab(
  name: string, { lab, seed, json = false }: LoadOptions, { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<LoadCommandOutcome> {
  const profile = profileNamed(name)
  const handle = await readHandle(lab)
  const { profiles } = JSON.parse(await readFile(join(handle.resultsFolder, "platform.json"), "utf8")) as Pick<PlatformDefinition, "profiles">
  if (!profiles.includes(name)) throw otherPlatform(name, handle.platform, profiles)
  const file = await runLoad({ handle, profile, seed, runFolder: handle.resultsFolder, say, signal })
  return { text: json ? JSON.stringify(file, null, 2) : loadLines(file).join("\n"), exitCode: exitCodeOf(file) }
}

function exitCodeOf({ honest, ledger }: LoadFile): LoadCommandOutcome["exitCode"] {
  if (!ledger?.figures) return 4
  const { fates, marks } = ledger.figures.total
  const isRight = fates.lost + fates.duplicated + fates.unexpected + fates.bounced + marks.altered === 0
  if (!isRight) return 1
  return !honest ? 4 : fates.refused > 0 ? 1 : 0
}

/** What a load came to, for a person at a terminal. */
export function loadLines({ profile, streams, cpu, honesty, ledger, startedUs, sentUs, drainedUs }: LoadFile): string[] {
  const seconds = (us: number | null) => us === null || startedUs === null ? "not reached" : `${((us - startedUs) / 1e6).toFixed(1)} s`
  return [
    `load ${profile}: sent after ${seconds(sentUs)}, drained after ${seconds(drainedUs)}`,
    ...streams.map(({ name, audience, asked, achieved }) => {
      const figures = ledger?.figures?.audiences.find((one) => one.name === audience)
      const all = figures?.reached.find(({ percent }) => percent === 100)
      return `  ${name}: ${achieved.messages} of ${asked.messages} messages, ${achieved.perSecond}/s of ${asked.perSecond} asked, lag p99 ${achieved.lagP99Ms} ms`
        + (figures ? `; ${fatesText(figures.counts.fates)}` : "")
        + (all?.maxUs == null ? "" : `; everybody after ${(all.maxUs / 1e6).toFixed(1)} s at most`)
    }),
    ...(cpu ? [`  processor time: platform ${(cpu.platformMs / 1_000).toFixed(1)} s in ${(cpu.clockMs / 1_000).toFixed(1)} s; generator ${cpu.generatorPercent} % and receiving servers ${cpu.catchersPercent} % of that`] : []),
    ...honesty.filter(({ held }) => !held).map(({ sentence }) => `  not honest: ${sentence.en}`),
    ...(ledger?.gaps ?? []).map(({ what, where }) => `  not concluded: ${what} (${where})`),
    ...(ledger?.figures?.examples ?? []).map(({ offence, recipients, first }) =>
      `  ${offence}: ${recipients}, for example ${first[0]?.id ?? ""} to ${first[0]?.recipient ?? ""} (${first[0]?.bounce ?? first[0]?.told ?? ""})`),
  ]
}

function fatesText(fates: Readonly<Record<string, number>>): string {
  return Object.entries(fates).filter(([, count]) => count > 0).map(([fate, count]) => `${count} ${fate}`).join(", ")
}
