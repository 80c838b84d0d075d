import { join, resolve } from "node:path"
import type { Lab } from "../../lab/lab.ts"
import { withLab, type Ownership } from "../../lab/own-lab.ts"
import { newRunId } from "../../lab/run-record.ts"
import { openRecord, readInput } from "../../lab/run-request.ts"
import { figuresOf, leversOf } from "./effects.ts"
import type { Matrix } from "./definition.ts"
import { measurementText } from "./lines.ts"
import { MatrixLab } from "./matrix-lab.ts"
import { dueOf, planAgain, planOf, type MatrixAsked, type MatrixPlan } from "./plan.ts"
import { MatrixRecord, readMatrixRun } from "./record.ts"

const words = {
  fr: (count: number, path: string) => `${count} charges ; résultats au fur et à mesure dans ${path}`,
  en: (count: number, path: string) => `${count} loads; results as they come in ${path}`,
} as const
const toGoOn = { fr: "pour continuer : ", en: "to go on: " } as const

/**
 * Runs a matrix on a lab of its own and returns its record, also where it was interrupted: each load that has ended stands in
 * `load/matrix-<name>.json`, and `resumeMatrix` goes on behind it. Throws an InputError before anything is started, and what the
 * lab threw where it could not go on.
 */
export async function runMatrix(matrix: Matrix, asked: MatrixAsked, { out, seed }: { out: string; seed: number }, owner: Ownership): Promise<MatrixRecord> {
  const run = newRunId()
  const folder = join(resolve(out), run)
  const plan = await planOf(matrix, asked, { run, folder, seed })
  return go(plan, new MatrixRecord(folder, plan.run), owner)
}

/** Goes on with a matrix that was interrupted, on a new lab, with the order and the seed that it had. */
export async function resumeMatrix(folder: string, owner: Ownership): Promise<MatrixRecord> {
  const record = await readMatrixRun(folder)
  return go(await planAgain(record.file, record.folder), record, owner)
}

async function go(plan: MatrixPlan, record: MatrixRecord, owner: Ownership): Promise<MatrixRecord> {
  const { progress, stop } = owner
  await record.write()
  const due = dueOf(record.file)
  progress.say(words[progress.lang](due.length, record.path))
  try {
    if (due.length > 0) await inOneLab(plan, record, owner)
  } catch (error) {
    progress.say(`${toGoOn[progress.lang]}npm run recette -- load --resume ${record.folder}`)
    if (!stop.aborted) throw error
  }
  const left = dueOf(record.file).length
  await record.write({ complete: left === 0, endedAt: new Date().toISOString() })
  return record
}

/** The lab's own run, with the proof of its isolation, stands in the matrix' folder. */
async function inOneLab(plan: MatrixPlan, record: MatrixRecord, owner: Ownership): Promise<void> {
  const first = plan.releases.get(plan.run.bases[0]!.name)!
  const input = await readInput(first.folder, {})
  const run = await openRecord(first.name, input, { level: "quick", out: record.folder, seed: plan.run.seed, lang: owner.progress.lang, baseline: "none" })
  try {
    await withLab(input, run, plan.run.seed, owner, (lab, watched) => measureDue(lab, plan, record, watched))
    await run.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
  } catch (error) {
    await run.endBadly(owner.stop.aborted ? "interrupted" : "lab-failed", error)
    throw error
  }
}

async function measureDue(lab: Lab, plan: MatrixPlan, record: MatrixRecord, { progress, stop }: Ownership): Promise<void> {
  const { file } = record
  await record.write({ labs: [...file.labs, { run: lab.handle.run, startedAt: new Date().toISOString() }] })
  const first = plan.releases.get(plan.run.bases[0]!.name)!
  const matrixLab = new MatrixLab(lab, first, { plan, folder: record.folder })
  const all = file.order.flat().length
  for (const due of dueOf(file)) {
    const measurement = await matrixLab.measure(due, { signal: stop, say: () => undefined })
    const measurements = [...file.measurements.filter(({ number }) => number !== due.number), measurement]
    const found = { ...file, measurements }
    await record.write({ measurements, figures: figuresOf(found), levers: leversOf(found) })
    progress.say(`${due.number + 1}/${all} ${due.cell}: ${measurementText(measurement, progress.lang)}`)
  }
}
