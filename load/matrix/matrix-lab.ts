import { readFile } from "node:fs/promises"
import { loadavg } from "node:os"
import { join } from "node:path"
import { checkSetIsEffective } from "../../lab/effective-settings.ts"
import { InputError, LabFailure } from "../../lab/failure.ts"
import { IsolationRefused } from "../../lab/isolation-record.ts"
import { loadLabOverrides } from "../../lab/lab-overrides.ts"
import type { Lab } from "../../lab/lab.ts"
import { LaidRelease } from "../../lab/laid-release.ts"
import type { Release } from "../../lab/release.ts"
import { failureOf, RunRecord } from "../../lab/run-record.ts"
import { checkedSettings } from "../../lab/running-facts.ts"
import { runLoad } from "../run-load.ts"
import { measure, nothingMeasured, type Outcome } from "./measurement.ts"
import type { Due, MatrixPlan } from "./plan.ts"
import type { Measurement } from "./record.ts"

/** A lab into which one cell after the other is laid, and loaded. */
export class MatrixLab {
  private lab: Lab
  private readonly laid: LaidRelease
  private readonly plan: MatrixPlan
  private readonly folder: string
  /** Mail or a server of the load before may be left. */
  private isUnsure = false

  /** `release` is the one that the lab was started with, `folder` the matrix run's. */
  constructor(lab: Lab, release: Release, { plan, folder }: { plan: MatrixPlan; folder: string }) {
    this.lab = lab
    this.laid = new LaidRelease(lab, release)
    this.plan = plan
    this.folder = folder
  }

  /**
   * Lays a cell into the lab, reads its settings back and puts the load on it. A lab that fails fails this measurement alone, and
   * all its servers are replaced before the next one; a setting that has no effect, and an isolation that is not proved, end the
   * matrix.
   */
  async measure({ cell, repeat, number }: Due, { signal, say }: { signal: AbortSignal; say: (line: string) => void }): Promise<Measurement> {
    const folder = join("measurements", `${String(number + 1).padStart(3, "0")}-${cell}`)
    const about = { cell, repeat, number, machineLoad: Math.round(loadavg()[0]! * 10) / 10, startedAt: new Date().toISOString(), lab: this.lab.handle.run, folder }
    let replaced: string[] = []
    const outcome = await this.outcomeOf(cell, { folder: join(this.folder, folder), signal, say, onReplaced: (names) => { replaced = names } })
      .catch((error: unknown): Outcome => {
        signal.throwIfAborted()
        if (error instanceof IsolationRefused || !(error instanceof LabFailure)) throw error
        const { message } = failureOf(error)
        return { ...nothingMeasured, status: "failed", why: [{ fr: message, en: message }] }
      })
    this.isUnsure = outcome.status === "failed" || outcome.status === "stalled"
    return { ...about, ...outcome, replaced }
  }

  private async outcomeOf(
    cell: string, { folder, signal, say, onReplaced }: { folder: string; signal: AbortSignal; say: (line: string) => void; onReplaced: (names: string[]) => void },
  ): Promise<Outcome> {
    const { profile, releases, run: { seed, silenceSecondsMax } } = this.plan
    const release = releases.get(cell)!
    const run = await RunRecord.create(join(folder, ".."), {
      run: `${this.plan.run.run}-${folder.slice(folder.lastIndexOf("/") + 1)}`, seed, release: { name: release.name, digest: release.digest, path: release.folder },
      times: { startedAt: new Date().toISOString() },
    }, folder.slice(folder.lastIndexOf("/") + 1))
    const { lab, replaced } = await this.laid.lay(release, { folder, signal, all: this.isUnsure })
    this.lab = lab
    onReplaced(replaced)
    await this.readBack(cell, release, run, replaced)
    const file = await runLoad({ handle: lab.handle, profile, seed, runFolder: folder, say, signal })
    await run.add({ state: "finished", times: { endedAt: new Date().toISOString() } })
    const engines = Object.values(lab.handle.nodes).filter(({ component }) => component === "sympa").map(({ name }) => name)
    return measure(file, { folder: join(folder, "ledger", profile.name), engines, silenceSecondsMax })
  }

  /** What the cell sets must be in force, and a base must be at the levels at which the matrix says that it is. */
  private async readBack(cell: string, release: Release, run: RunRecord, replaced: readonly string[]): Promise<void> {
    const isBase = this.plan.run.bases.find(({ name }) => name === cell)
    const files = await checkedSettings(this.lab, release, run, isBase ? undefined : replaced)
    if (!isBase) return
    for (const { name: factor, levels } of this.plan.run.factors) {
      const said = levels[isBase.at[factor]!] as Record<string, { set?: Record<string, string>; services?: Record<string, Record<string, string>> }>
      for (const { node: { name: node, component } } of this.lab.nodes.filter(({ node }) => node.name in files && node.component in said)) {
        const { set = {}, services = {} } = said[component]!
        const effective = JSON.parse(await readFile(join(run.folder, files[node]!), "utf8")) as Record<string, string>
        try {
          checkSetIsEffective(component, set, [], effective, loadLabOverrides(), { services })
        } catch (cause) {
          throw new InputError(`The base ${cell} is not at ${factor} ${isBase.at[factor]}, as the matrix says: ${failureOf(cause).message}`, {
            where: `${this.plan.run.file}, bases.${cell}.at`, remedy: "say at which level this release is", cause,
          })
        }
      }
    }
  }
}
