import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { InputError } from "../lab/failure.ts"
import { readHandle } from "../lab/handle.ts"
import type { Ownership } from "../lab/own-lab.ts"
import type { PlatformDefinition } from "../lab/platform.ts"
import { electorsOf2018, grouped } from "./electorate.ts"
import type { LoadFile } from "./load-file.ts"
import { minutes } from "./load-set.ts"
import { checkOwn, definitionNamed, definitions, profileNamed } from "./profile-list.ts"
import { profileFacts, profileLines } from "./profile-lines.ts"
import { runLoad } from "./run-load.ts"

export interface LoadOptions {
  lab?: string; seed: number; json?: boolean; lang: "fr" | "en"
  /** The scale, and further parameters of the profile. */
  electors?: number; set: readonly (readonly [string, number])[]
  list?: boolean
  /** k6's own dashboard as a page in the load's folder. */
  dashboard?: boolean
}

/** `exitCode`: 0 everybody got what was due, 1 somebody did not, 4 the load says nothing. */
export interface LoadCommandOutcome { text: string; exitCode: 0 | 1 | 4 }

/** What `recette load` is asked for; the owner of a load is needed where one is put on a lab. */
export async function loadOrList(name: string | undefined, options: LoadOptions, owner: () => Ownership): Promise<LoadCommandOutcome> {
  if (options.list) return { text: listLoads(name, options), exitCode: 0 }
  return loadOnLab(name ?? "smoke", options, owner())
}

/** Every profile, or one in full, at the parameters that are given. */
export function listLoads(name: string | undefined, options: Pick<LoadOptions, "electors" | "set" | "json" | "lang">): string {
  const shown = name === undefined ? definitions : [definitionNamed(name)]
  if (options.json) return JSON.stringify(profileFacts(shown, givenOf(options)), null, 2)
  return profileLines(shown, givenOf(options), { lang: options.lang, inFull: name !== undefined }).join("\n")
}

function givenOf({ electors, set }: Pick<LoadOptions, "electors" | "set">): Record<string, number> {
  return { ...Object.fromEntries(set), ...(electors === undefined ? {} : { electors }) }
}

/** Puts a load on a lab that is up, and says what became of it: nothing is judged. Its files are in the lab's run folder. */
export async function loadOnLab(
  name: string, { lab, seed, json = false, lang, dashboard = false, ...options }: LoadOptions, { progress, stop: signal }: Ownership,
): Promise<LoadCommandOutcome> {
  const profile = profileNamed(name, givenOf(options))
  if (lab === undefined) {
    throw new InputError("No lab was named for the load", { where: "the command line", remedy: "add --lab results/<run>/lab.json, or --list to see what the load would be" })
  }
  const handle = await readHandle(lab)
  const { profiles } = JSON.parse(await readFile(join(handle.resultsFolder, "platform.json"), "utf8")) as Pick<PlatformDefinition, "profiles">
  checkOwn(name, { name: handle.platform, profiles })
  const file = await progress.step({ fr: `charge ${name}`, en: `load ${name}` }, (say) =>
    runLoad({ handle, profile, seed, runFolder: handle.resultsFolder, say, signal, isWatched: progress.isTerminal, lang, dashboard }))
  return { text: json ? JSON.stringify(file, null, 2) : loadLines(file, lang).join("\n"), exitCode: exitCodeOf(file) }
}

function exitCodeOf({ honest, ledger }: LoadFile): LoadCommandOutcome["exitCode"] {
  if (!ledger?.figures) return 4
  const { fates, marks } = ledger.figures.total
  const isRight = fates.lost + fates.duplicated + fates.unexpected + fates.bounced + marks.altered === 0
  if (!isRight) return 1
  return !honest ? 4 : fates.refused > 0 ? 1 : 0
}

/** What a load came to, for a person at a terminal. */
export function loadLines(
  { profile, streams, cpu, honesty, ledger, startedUs, sentUs, drainedUs, extrapolated, world, ramp, observation }: LoadFile, lang: "fr" | "en" = "en",
): string[] {
  const seconds = (us: number | null) => us === null || startedUs === null ? "not reached" : `${((us - startedUs) / 1e6).toFixed(1)} s`
  return [
    `load ${profile}: sent after ${seconds(sentUs)}, drained after ${seconds(drainedUs)}`,
    ...streams.map(({ name, target, audience, asked, achieved }) => {
      const figures = ledger?.figures?.audiences.find((one) => one.name === audience)
      const all = figures?.reached.find(({ percent }) => percent === 100)
      return `  ${name}: ${achieved.messages} of ${asked.messages} messages, ${achieved.perSecond}/s of ${asked.perSecond} asked, lag p99 ${achieved.lagP99Ms} ms`
        + (figures ? `; ${fatesText(figures.counts.fates)}` : "")
        + (figures?.latency ? `; p50 ${shown(figures.latency.p50Us)}, p99 ${shown(figures.latency.p99Us)}` : "")
        + (all?.maxUs == null ? "" : `; everybody after ${shown(all.maxUs)} at most`)
        + (extrapolated && figures && target.includes("@") && all?.maxUs != null
          ? ` (extrapolated to ${grouped(electorsOf2018)}: ${minutes(Math.round(all.maxUs / 1e6 * electorsOf2018 / extrapolated.measured))})` : "")
    }),
    ...(ramp ? [`  knee: ${kneeText(ramp)}`] : []),
    ...(world && world.changes.length > 0 ? [`  the world's servers refused ${world.refusals} recipients for a while`] : []),
    ...(extrapolated ? [`  ${extrapolated.sentence[lang]}`] : []),
    ...(cpu ? [`  processor time: platform ${(cpu.platformMs / 1_000).toFixed(1)} s in ${(cpu.clockMs / 1_000).toFixed(1)} s; generator ${cpu.generatorPercent} % and receiving servers ${cpu.catchersPercent} % of that`] : []),
    ...(observation ? [`  ${observation.bottleneck.sentence[lang]}`, ...observation.bottleneck.evidence.map((fact) => `    ${fact[lang]}`),
      `  observation: ${observation.sampling.percentOfCore} % of a core`] : []),
    ...honesty.filter(({ held }) => !held).map(({ sentence }) => `  not honest: ${sentence.en}`),
    ...(ledger?.gaps ?? []).map(({ what, where }) => `  not concluded: ${what} (${where})`),
    ...(ledger?.figures?.examples ?? []).map(({ offence, recipients, first }) =>
      `  ${offence}: ${recipients}, for example ${first[0]?.id ?? ""} to ${first[0]?.recipient ?? ""} (${first[0]?.bounce ?? first[0]?.told ?? ""})`),
  ]
}

function shown(us: number): string {
  return `${(us / 1e6).toFixed(1)} s`
}

function kneeText({ steps, knee }: NonNullable<LoadFile["ramp"]>): string {
  const last = steps.find(({ stream }) => stream === knee)
  const broken = steps.find(({ kept }) => !kept)
  return `${last ? `${last.perSecond} a second (${last.stream})` : "below the first step"}${broken ? `; ${broken.stream} at ${broken.perSecond}: ${broken.why?.en ?? ""}` : ", the last step: it lies beyond"}`
}

function fatesText(fates: Readonly<Record<string, number>>): string {
  return Object.entries(fates).filter(([, count]) => count > 0).map(([fate, count]) => `${count} ${fate}`).join(", ")
}
