import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { stringify } from "yaml"
import { InputError } from "../../lab/failure.ts"
import { runsOnTheSame } from "../../lab/mutants.ts"
import { loadRelease, type Release } from "../../lab/release.ts"
import { projectFolder } from "../../lab/state-folder.ts"
import { writeWhole } from "../../lab/whole-file.ts"
import type { LevelSettings, Matrix } from "./definition.ts"

/** One combination of settings: a base with some levels that are not its own. */
export interface Cell {
  /** `stock`, or `stock-maxsmtp-1`. */
  name: string
  base: string
  /** Of every factor. */
  levels: Readonly<Record<string, string>>
  /** Factors whose level is not the base's. */
  changed: readonly string[]
}

const cellsMax = 256

/** The cells of a matrix, each base before what is tried on it. Throws an InputError for more than can be measured. */
export function cellsOf(matrix: Matrix): Cell[] {
  const cells = Object.entries(matrix.bases).flatMap(([base, { at }]) => combinations(matrix, at).map((levels): Cell => {
    const changed = Object.keys(levels).filter((factor) => levels[factor] !== at[factor])
    return { name: [base, ...changed.map((factor) => `${factor}-${levels[factor]}`)].join("-"), base, levels, changed }
  }).sort((one, other) => one.changed.length - other.changed.length))
  if (cells.length <= cellsMax) return cells
  throw new InputError(`${matrix.file}: the matrix has ${cells.length} cells, more than ${cellsMax}`, {
    where: `${matrix.file}:${matrix.lineOf(["design"])}`, remedy: "take factors or levels out, or write design: one-at-a-time",
  })
}

function combinations({ design, factors }: Matrix, at: Readonly<Record<string, string>>): Record<string, string>[] {
  const others = Object.entries(factors).map(([factor, { levels }]) => ({ factor, levels: Object.keys(levels) }))
  if (design === "bases-only") return [{ ...at }]
  if (design === "one-at-a-time") {
    return [{ ...at }, ...others.flatMap(({ factor, levels }) => levels.filter((level) => level !== at[factor]).map((level) => ({ ...at, [factor]: level })))]
  }
  return others.reduce<Record<string, string>[]>((made, { factor, levels }) =>
    made.flatMap((one) => levels.map((level) => ({ ...one, [factor]: level }))), [{}])
}

/** The bases' releases, which must run on the same packages and images: one lab has them all. */
export async function baseReleases({ bases, folder, file, lineOf }: Matrix): Promise<Map<string, Release>> {
  const releases = new Map<string, Release>()
  for (const [name, { release }] of Object.entries(bases)) {
    releases.set(name, await loadRelease(release, { projectFolder, from: folder }))
    const [first, other] = [[...releases.values()][0]!, releases.get(name)!]
    if (runsOnTheSame(first, other)) continue
    throw new InputError(`${file}: the bases ${Object.keys(bases)[0]} and ${name} run on other packages or images`, {
      where: `${file}:${lineOf(["bases", name, "release"])}`, remedy: "give each generation a matrix of its own: one lab has the images of one",
    })
  }
  return releases
}

/**
 * Writes each cell that is no base as a release into `<folder>/<cell>/`, and loads it: `recette lab` and `recette qualify` take
 * that folder as well. Throws an InputError that names the matrix' line for levels that meet in one setting, or change nothing.
 */
export async function writeCells(matrix: Matrix, bases: ReadonlyMap<string, Release>, folder: string): Promise<Map<string, Release>> {
  const releases = new Map<string, Release>()
  for (const cell of cellsOf(matrix)) {
    const base = bases.get(cell.base)!
    const release = cell.changed.length === 0 ? base : await writeCell(matrix, cell, base, folder)
    if (cell.changed.length > 0 && release.digest === base.digest) throw refused(matrix, cell, "changes nothing")
    releases.set(cell.name, release)
  }
  return releases
}

async function writeCell(matrix: Matrix, cell: Cell, base: Release, folder: string): Promise<Release> {
  const own = join(folder, cell.name)
  const components = cell.changed.map((factor) => said(matrix.factors[factor]!.levels[cell.levels[factor]!]!))
    .reduce<Tree>((joined, level) => joinTrees(joined, level, () => refused(matrix, cell, "sets one thing twice")), {})
  await writeWhole(join(own, "release.yaml"), stringify({
    schema: "recette.release/v1", extends: base.shipped ? base.name : base.folder,
    summary: `${base.name} with ${cell.changed.map((factor) => `${factor} ${cell.levels[factor]}`).join(", ")} (matrix ${matrix.name})`,
    components,
  }))
  return loadRelease(own, { projectFolder })
}

function refused({ file, lineOf }: Matrix, { name, changed, levels }: Cell, what: string): InputError {
  const [factor = ""] = changed
  return new InputError(`${file}: the cell ${name} ${what}`, {
    where: `${file}:${lineOf(["factors", factor, "levels", levels[factor]!])}`, remedy: "correct the settings of these levels, or the base's `at`",
  })
}

interface Tree { [key: string]: Tree | string | string[] }

/** Without what the schema filled in. */
function said(settings: LevelSettings): Tree {
  return JSON.parse(JSON.stringify(settings, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([, one]) => !isNothing(one))) : value)) as Tree
}

function isNothing(value: unknown): boolean {
  return isDeepStrictEqual(value, {}) || isDeepStrictEqual(value, [])
}

function joinTrees(one: Tree, other: Tree, refuse: () => InputError): Tree {
  const joined: Tree = { ...one }
  for (const [key, value] of Object.entries(other)) {
    const before = joined[key]
    if (before === undefined || isDeepStrictEqual(before, value)) joined[key] = value
    else if (Array.isArray(before) && Array.isArray(value)) joined[key] = [...before, ...value]
    else if (isTree(before) && isTree(value)) joined[key] = joinTrees(before, value, refuse)
    else throw refuse()
  }
  return joined
}

function isTree(value: Tree[string]): value is Tree {
  return typeof value === "object" && !Array.isArray(value)
}
