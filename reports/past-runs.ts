import { existsSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { html, type Fragment, type Markup } from "./markup.ts"
import { pageDocument } from "./page-document.ts"
import { readMatrixFile } from "./matrix-page.ts"
import { statusLabel } from "./page-evidence.ts"
import { speak, table } from "./page-parts.ts"
import { RunFile, type Language, type Level } from "./result-shapes.ts"
import type { Outcome } from "./verdict.ts"
import { writeWhole } from "./whole-file.ts"
import { durationWords, instantWords, levelWords, verdictWords } from "./words.ts"

/** One run, challenge or matrix of a results folder, as its own files tell it. */
export interface PastRun {
  folder: string
  kind: "run" | "challenge" | "matrix" | "unreadable"
  release: string
  level: Level | null
  only: string[] | null
  /** Null where the run has none: it goes on, was killed, or was a lab to develop on. */
  verdict: Outcome | null
  isStandIn: boolean
  /** Ids of the requirements that failed. */
  failed: string[]
  startedAt: string
  durationMs: number | null
  score: { detected: number; defects: number; kept: number; harmless: number } | null
  complete: boolean
  /** Loads of a matrix, of all that were asked for. */
  loads: { measured: number; asked: number } | null
  /** The page of its report, from the results folder; null where there is none. */
  page: string | null
}

const VerdictFile = z.object({
  verdict: z.enum(["go", "go-with-reservations", "no-go", "inconclusive", "none"]), object: z.string().default("replica"),
  requirements: z.array(z.object({ id: z.string(), status: z.string() })).default([]),
})

const ChallengeFile = z.object({
  schema: z.literal("recette.challenge/v1"), platform: z.string(), level: z.enum(["quick", "full", "election"]),
  only: z.array(z.string()).nullable().default(null), complete: z.boolean(), startedAt: z.string(), endedAt: z.string().default(""),
  score: z.object({ detected: z.number(), defects: z.number(), kept: z.number(), harmless: z.number() }),
})

/** The runs and challenges of a results folder, the newest first. What is no folder of a run is left out. */
export async function pastRuns(results: string): Promise<PastRun[]> {
  const names = await readdir(results).catch(() => [])
  const runs = await Promise.all(names.map((name) => pastRun(results, name)))
  return runs.flatMap((run) => run ?? [])
    .sort((one, other) => (one.startedAt > other.startedAt ? -1 : one.startedAt < other.startedAt ? 1 : one.folder > other.folder ? -1 : 1))
}

/** Writes `<results>/index.html` anew from the folders of the runs alone. Returns its path. */
export async function writePastRuns(results: string, lang: Language): Promise<string> {
  const path = join(results, "index.html")
  await writeWhole(path, pastRunsPage(await pastRuns(results), lang), { remedy: "make room there, then `recette report`", exitCode: 3 })
  return path
}

async function pastRun(results: string, folder: string): Promise<PastRun | null> {
  const [runFile, challengeFile] = [join(results, folder, "run.json"), join(results, folder, "challenge.json")]
  const page = existsSync(join(results, folder, "report", "index.html")) ? `${encodeURIComponent(folder)}/report/index.html` : null
  const least = {
    folder, release: "", level: null, only: null, verdict: null, isStandIn: false, failed: [], startedAt: "", durationMs: null, score: null,
    complete: false, loads: null, page,
  }
  if (existsSync(challengeFile)) {
    const challenge = ChallengeFile.safeParse(await readJson(challengeFile)).data
    if (!challenge) return { ...least, kind: "unreadable" }
    const { platform, level, only, complete, startedAt, endedAt, score } = challenge
    return { ...least, kind: "challenge", release: platform, level, only, complete, startedAt, durationMs: between(startedAt, endedAt), score }
  }
  if (!existsSync(runFile)) return matrixRun(join(results, folder), least)
  const run = RunFile.safeParse(await readJson(runFile)).data
  if (!run) return { ...least, kind: "unreadable" }
  const judged = VerdictFile.safeParse(await readJson(join(results, folder, "verdict.json"))).data
  return {
    ...least, kind: "run", release: run.release?.name ?? run.platform, level: run.level, only: run.only, verdict: judged?.verdict ?? null,
    isStandIn: judged?.object === "stand-in", failed: (judged?.requirements ?? []).filter(({ status }) => status === "failed").map(({ id }) => id),
    startedAt: run.times.startedAt ?? "", durationMs: between(run.times.startedAt, run.times.endedAt), complete: run.state === "finished",
  }
}

/** A matrix keeps the runs of its labs in its own folder. */
async function matrixRun(folder: string, least: Omit<PastRun, "kind">): Promise<PastRun | null> {
  const matrix = await readMatrixFile(folder)
  if (!matrix) return null
  const { bases, startedAt, endedAt, complete, measurements, order } = matrix
  const loads = { measured: measurements.filter(({ status }) => status === "measured").length, asked: order.flat().length }
  return { ...least, kind: "matrix", release: bases[0]?.release ?? "", complete, startedAt, durationMs: between(startedAt, endedAt), loads }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as unknown
  } catch {
    // Absent or damaged: the caller shows the run as far as it can be read.
    return undefined
  }
}

function between(startedAt: string | undefined, endedAt: string | undefined): number | null {
  const ms = Date.parse(endedAt ?? "") - Date.parse(startedAt ?? "")
  return Number.isNaN(ms) ? null : ms
}

/** The page that lists past runs. */
export function pastRunsPage(runs: readonly PastRun[], lang: Language): string {
  const say = speak(lang)
  const title = say("Essais passés", "Past runs")
  const names = [say("Début", "Started"), say("Version", "Release"), say("Niveau", "Level"), "Verdict", say("Durée", "Duration"), say("Dossier", "Folder")]
  return pageDocument({
    lang, title: `recette – ${title}`, body: html`<header>
<p class="kind">recette</p>
<h1>${title}</h1>
</header>
<main>
<section aria-label="${title}">
${runs.length === 0 ? html`<p>${say("Aucun essai dans ce dossier.", "There is no run in this folder.")}</p>`
    : table(say(`${runs.length} essai${runs.length > 1 ? "s" : ""}, du plus récent au plus ancien`, `${runs.length} run${runs.length === 1 ? "" : "s"}, the newest first`),
      names, runs.map((run) => cells(run, lang)), "runs")}
</section>
</main>
`,
  })
}

function cells(run: PastRun, lang: Language): Fragment[] {
  const { folder, release, level, only, startedAt, durationMs, page } = run
  const say = speak(lang)
  const start = startedAt ? instantWords(startedAt, lang) : folder
  const part = only ? html`<span class="small">${say("en partie", "in part")}${say(" : ", ": ")}${shortList(only, lang)}</span>` : null
  return [
    page ? html`<a href="${page}">${start}</a>` : start, release || "–", level ? html`${levelWords[level][lang]}${part}` : "–",
    outcome(run, lang), durationWords(durationMs, lang), html`<code>${folder}</code>`,
  ]
}

const namesMax = 5

function shortList(names: string[], lang: Language): string {
  const more = names.length - namesMax
  if (more <= 0) return names.join(", ")
  return `${names.slice(0, namesMax).join(", ")} ${lang === "fr" ? `et ${more} autre${more > 1 ? "s" : ""}` : `and ${more} more`}`
}

const tones: Record<Outcome, [tone: string, glyph: string]> = {
  "go": ["go", "✓"], "go-with-reservations": ["go", "△"], "no-go": ["stop", "✕"], "inconclusive": ["doubt", "?"], "none": ["still", "–"],
}

function outcome({ kind, verdict, isStandIn, failed, score, complete, loads }: PastRun, lang: Language): Markup {
  const say = speak(lang)
  if (kind === "unreadable") return statusLabel("doubt", "?", say("illisible", "unreadable"))
  if (score) {
    const isClean = complete && score.detected === score.defects && score.kept === score.harmless
    const words = say(`mutants : ${score.detected} sur ${score.defects} détectés, ${score.kept} sur ${score.harmless} gardés`,
      `mutants: ${score.detected} of ${score.defects} detected, ${score.kept} of ${score.harmless} kept`)
    const word = complete ? say("épreuve", "challenge") : say("épreuve non terminée", "unfinished challenge")
    return html`${isClean ? statusLabel("go", "✓", word) : statusLabel("doubt", "?", word)}<span class="small">${words}</span>`
  }
  if (loads) {
    const word = complete ? say("matrice", "matrix") : say("matrice non terminée", "unfinished matrix")
    const words = say(`${loads.measured} charges mesurées sur ${loads.asked}`, `${loads.measured} of ${loads.asked} loads measured`)
    return html`${complete && loads.measured === loads.asked ? statusLabel("go", "✓", word) : statusLabel("doubt", "?", word)}<span class="small">${words}</span>`
  }
  if (!verdict) return statusLabel("still", "–", say("non terminé", "unfinished"))
  const word = isStandIn && verdict.startsWith("go") ? say("Doublure conforme", "The stand-in conforms") : verdictWords[verdict][lang]
  return html`${statusLabel(...tones[verdict], word)}${failed.length > 0 ? html`<span class="small">${shortList(failed, lang)}</span>` : null}`
}
