import { InputError } from "../../lab/failure.ts"
import type { Ownership } from "../../lab/own-lab.ts"
import { minutes } from "../load-set.ts"
import { baseReleases, cellsOf } from "./cells.ts"
import { readMatrix, shippedMatrices, type Matrix } from "./definition.ts"
import { matrixLines } from "./lines.ts"
import { estimatedMatrixSeconds, profileOf, type MatrixAsked } from "./plan.ts"
import type { MatrixRecord, MatrixRun } from "./record.ts"
import { resumeMatrix, runMatrix } from "./run-matrix.ts"

export interface MatrixOptions {
  /** Name of a shipped one, or a path. */
  matrix?: string
  /** Folder of a matrix run that was interrupted. */
  resume?: string
  /** Handle of a lab: refused, a matrix has its own. */
  lab?: string
  times?: number
  out: string; seed: number; json?: boolean; lang: "fr" | "en"; list?: boolean
}

/** `exitCode`: 0 every load gave figures, 1 in one somebody lacked a copy or it stalled, 4 one gave no figure, 130 interrupted. */
export interface MatrixOutcome { text: string; exitCode: 0 | 1 | 4 | 130; /** Of the run, for its page. */ folder?: string }

/** What `recette load --matrix` and `--resume` are asked for. */
export async function matrixCommand(asked: MatrixAsked, options: MatrixOptions, owner: () => Ownership): Promise<MatrixOutcome> {
  const { matrix: name, resume, lang, times } = options
  if (options.lab !== undefined) {
    throw new InputError("A matrix replaces servers of its lab again and again, and starts one of its own", {
      where: `--lab ${options.lab}`, remedy: "leave --lab out",
    })
  }
  if (resume !== undefined) {
    if (name === undefined && asked.profile === undefined && times === undefined && Object.keys(asked.parameters).length === 0) {
      const owning = owner()
      return outcomeOf(await resumeMatrix(resume, owning), owning.stop.aborted, options)
    }
    throw new InputError("What a matrix is that goes on stands in its own record", { where: `--resume ${resume}`, remedy: "give --resume alone" })
  }
  const matrix = readMatrix(name!)
  const repeats = times ?? matrix.repeats
  if (repeats < 1) throw new InputError("A matrix is measured once at least", { where: `--times ${repeats}`, remedy: "give --times 1 or more" })
  if (options.list) return { text: await planText(matrix, asked, repeats, lang), exitCode: 0 }
  const owning = owner()
  return outcomeOf(await runMatrix(matrix, { ...asked, repeats }, options, owning), owning.stop.aborted, options)
}

function outcomeOf({ file, path, folder }: MatrixRecord, interrupted: boolean, { json = false, lang }: MatrixOptions): MatrixOutcome {
  const text = json ? JSON.stringify(file, null, 2) : [...matrixLines(file, lang), path].join("\n")
  return { text, exitCode: interrupted ? 130 : exitCodeOf(file), folder }
}

export function exitCodeOf({ measurements, complete }: Pick<MatrixRun, "measurements" | "complete">): 0 | 1 | 4 {
  if (measurements.some(({ status, silent }) => status === "wrong" || status === "stalled" || silent)) return 1
  return complete && measurements.every(({ status }) => status === "measured") ? 0 : 4
}

/** What a matrix would do, without a lab. */
async function planText(matrix: Matrix, asked: MatrixAsked, repeats: number, lang: "fr" | "en"): Promise<string> {
  const profile = profileOf(matrix, asked)
  const releases = await baseReleases(matrix)
  const cells = cellsOf(matrix)
  const seconds = estimatedMatrixSeconds(matrix, profile, repeats)
  return [
    `${matrix.name}${lang === "fr" ? " : " : ": "}${matrix.summary[lang]}`,
    ...Object.entries(matrix.factors).map(([factor, { what, levels }]) => `  ${factor} (${Object.keys(levels).join(", ")})${lang === "fr" ? " : " : ": "}${what[lang]}`),
    ...cells.map(({ name, base }) => `  ${name}${name === base ? ` = ${releases.get(base)!.name}` : ""}`),
    lang === "fr" ? `  ${cells.length} réglages × ${repeats} passages sous la charge ${profile.name} ; environ ${minutes(seconds)}`
      : `  ${cells.length} settings × ${repeats} repeats under the load ${profile.name}; some ${minutes(seconds)}`,
    ...lang === "fr" ? [`  fournies : ${shippedMatrices().join(", ")}`] : [`  shipped: ${shippedMatrices().join(", ")}`],
  ].join("\n")
}
