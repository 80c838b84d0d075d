import { join } from "node:path"
import { base as locale, Faker } from "@faker-js/faker"
import { InputError } from "../../lab/failure.ts"
import { loadRelease, type Release } from "../../lab/release.ts"
import { projectFolder } from "../../lab/state-folder.ts"
import { estimatedSeconds } from "../estimate.ts"
import type { LoadProfile } from "../load-profile.ts"
import { checkOwn, profileNamed } from "../profile-list.ts"
import { baseReleases, cellsOf, writeCells } from "./cells.ts"
import type { Matrix } from "./definition.ts"
import type { MatrixRun } from "./record.ts"

/** What the command line says beside the matrix. */
export interface MatrixAsked { profile?: string; parameters: Readonly<Record<string, number>>; repeats?: number }

/** A matrix that can be run: its releases are loaded, and what it will do is known. */
export interface MatrixPlan { run: MatrixRun; profile: LoadProfile; releases: ReadonlyMap<string, Release> }

/** One load that is due. */
export interface Due { cell: string; repeat: number; number: number }

const layMsAbout = 25_000

/** Cells in a random order of their own in each repeat: what drifts with the time spreads over all of them. */
export function orderOf(cells: readonly { name: string }[], { repeats, seed }: { repeats: number; seed: number }): string[][] {
  const faker = new Faker({ locale, seed })
  return Array.from({ length: repeats }, () => faker.helpers.shuffle(cells.map(({ name }) => name)))
}

/** Loads that no measurement stands for yet; one that the lab failed is due again. */
export function dueOf({ order, measurements }: Pick<MatrixRun, "order" | "measurements">): Due[] {
  return order.flatMap((names, repeat) => names.map((cell, place) => ({ cell, repeat, number: repeat * names.length + place })))
    .filter(({ number }) => !measurements.some((one) => one.number === number && one.status !== "failed"))
}

/** The profile of a matrix, or the one that is named instead; parameters of the command line over those of the matrix. */
export function profileOf(matrix: Matrix, { profile, parameters }: MatrixAsked): LoadProfile {
  const own = profile === undefined || profile === matrix.load.profile
  const where = own ? `${matrix.file}:${matrix.lineOf(["load"])}` : "the command line"
  return within(profileNamed(profile ?? matrix.load.profile, { ...own ? matrix.load.parameters : {}, ...parameters }, where), matrix.drainSecondsMax ?? null)
}

function within(profile: LoadProfile, drainSecondsMax: number | null): LoadProfile {
  return drainSecondsMax === null ? profile : { ...profile, drainMsMax: drainSecondsMax * 1_000 }
}

/** How long a matrix is likely to take; loads of settings that are slower than usual take longer. */
export function estimatedMatrixSeconds(matrix: Matrix, profile: LoadProfile, repeats: number): number {
  return Math.ceil(cellsOf(matrix).length * repeats * (estimatedSeconds(profile) + layMsAbout / 1_000))
}

/** Plans a run, with its cells written as releases into `<folder>/cells/`. Throws an InputError before anything is started. */
export async function planOf(matrix: Matrix, asked: MatrixAsked, { run, folder, seed }: { run: string; folder: string; seed: number }): Promise<MatrixPlan> {
  const profile = profileOf(matrix, asked)
  const bases = await baseReleases(matrix)
  const { definition } = [...bases.values()][0]!
  checkOwn(profile.name, definition)
  const releases = await writeCells(matrix, bases, join(folder, "cells"))
  const cells = cellsOf(matrix).map((cell) => ({
    ...cell, changed: [...cell.changed], levels: { ...cell.levels },
    release: cell.changed.length === 0 ? nameOf(releases.get(cell.name)!) : join("cells", cell.name), digest: releases.get(cell.name)!.digest,
  }))
  const repeats = asked.repeats ?? matrix.repeats
  return {
    profile, releases,
    run: {
      schema: "recette.matrix-run/v1", run, matrix: matrix.name, file: matrix.file, summary: matrix.summary, platform: definition.name,
      design: matrix.design, seed, repeats, profile: profile.name, parameters: { ...profile.parameters },
      drainSecondsMax: matrix.drainSecondsMax ?? null, silenceSecondsMax: matrix.silenceSecondsMax,
      bases: Object.entries(matrix.bases).map(([name, { at }]) => ({ name, release: bases.get(name)!.name, digest: bases.get(name)!.digest, at })),
      factors: Object.entries(matrix.factors).map(([name, { what, levels }]) => ({ name, what, levels: levels as Record<string, Record<string, unknown>> })),
      cells, order: orderOf(cells, { repeats, seed }), labs: [], startedAt: new Date().toISOString(), endedAt: "", complete: false,
      measurements: [], figures: [], levers: [],
    },
  }
}

/** The plan of a run that was interrupted. Throws an InputError where a release is not any more what was measured. */
export async function planAgain(run: MatrixRun, folder: string): Promise<MatrixPlan> {
  const releases = new Map<string, Release>()
  for (const { name, release, digest } of run.cells) {
    const loaded = await loadRelease(release, { projectFolder, from: folder })
    if (loaded.digest !== digest) {
      throw new InputError(`The release of the cell ${name} is not any more what was measured: ${loaded.digest} instead of ${digest}`, {
        where: release, remedy: "run the matrix anew: figures of two releases are not comparable",
      })
    }
    releases.set(name, loaded)
  }
  return { run, releases, profile: within(profileNamed(run.profile, run.parameters, folder), run.drainSecondsMax) }
}

function nameOf({ shipped, name, folder }: Release): string {
  return shipped ? name : folder
}
