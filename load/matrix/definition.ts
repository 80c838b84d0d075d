import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { z } from "zod"
import { InputError } from "../../lab/failure.ts"
import { isPath } from "../../lab/platform.ts"
import { shownPath } from "../../lab/release-folder.ts"
import { componentOverrides, configurable } from "../../lab/release-schema.ts"
import { projectFolder } from "../../lab/state-folder.ts"
import { parseStrictYaml, type StrictYaml } from "../../lab/strict-yaml.ts"

const name = z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, { error: "a name has small letters, digits, points and hyphens" })
const Sentence = z.strictObject({ fr: z.string().min(1), en: z.string().min(1) })

/** What a level changes: as `components` of a release.yaml, but for files and images. */
const Settings = z.strictObject(Object.fromEntries(configurable.map((component) =>
  [component, (componentOverrides[component] as typeof componentOverrides.dovecot).omit({ files: true, image: true })]))).partial()

const Factor = z.strictObject({
  what: Sentence,
  levels: z.record(name, Settings).refine((levels) => Object.keys(levels).length > 1, { error: "a factor has two levels at least" }),
})

const Base = z.strictObject({
  release: z.string().min(1).describe("a shipped release by name, or a path, relative to this file"),
  at: z.record(z.string(), z.string()).describe("the level of each factor that this release has"),
})

/** A matrix: which settings are tried, around which releases, under which load, and how often. */
const MatrixFile = z.strictObject({
  schema: z.literal("recette.matrix/v1"),
  summary: Sentence,
  load: z.strictObject({ profile: z.string().min(1), parameters: z.record(z.string(), z.int()).default({}) }),
  repeats: z.int().min(1).max(50),
  design: z.enum(["one-at-a-time", "full", "bases-only"])
    .describe("each level alone on top of each base; every combination of levels; or the bases themselves"),
  drainSecondsMax: z.int().min(10).max(86_400).optional().describe("what is not delivered so long after the last message is a stall; without it, what the profile says"),
  silenceSecondsMax: z.int().min(1).max(3_600).default(20).describe("so long without a copy, while copies are due, is a stall"),
  bases: z.record(name, Base).refine((bases) => Object.keys(bases).length > 0, { error: "a matrix has one base at least" }),
  factors: z.record(name, Factor).default({}),
})
export type MatrixFile = z.infer<typeof MatrixFile>
export type LevelSettings = z.infer<typeof Settings>

/** A matrix as it was read: its name is that of its file. */
export interface Matrix extends MatrixFile {
  name: string
  file: string
  /** Absolute path of the folder that relative releases start from. */
  folder: string
  lineOf: StrictYaml<MatrixFile>["lineOf"]
}

const shipped = join(import.meta.dirname, "..", "matrices")
const ending = ".yaml"

/** Names of the matrices that come with the project. */
export function shippedMatrices(): string[] {
  return readdirSync(shipped).filter((file) => file.endsWith(ending)).map((file) => basename(file, ending)).sort()
}

/** Reads a matrix: a shipped one by name, or a path. Throws an InputError that names file and line. */
export function readMatrix(nameOrPath: string, from = process.cwd()): Matrix {
  const isShipped = !isPath(nameOrPath) && shippedMatrices().includes(nameOrPath)
  const path = isShipped ? join(shipped, `${nameOrPath}${ending}`) : resolve(from, nameOrPath)
  if (!existsSync(path) || !path.endsWith(ending)) {
    throw new InputError(`There is no matrix ${nameOrPath}`, {
      where: `--matrix ${nameOrPath}`, remedy: `name one of ${shippedMatrices().join(", ")}, or the path of a file that ends in ${ending}`,
    })
  }
  const file = shownPath(path, projectFolder)
  const { value, lineOf } = parseStrictYaml(MatrixFile, readFileSync(path, "utf8"), file, { textBelow: ["set", "services", "at"] })
  const matrix = { ...value, name: basename(path, ending), file, folder: dirname(path), lineOf }
  for (const base of Object.keys(matrix.bases)) checkBase(matrix, base)
  return matrix
}

/** Each base says for each factor at which of its levels it is: nothing is guessed. */
function checkBase({ bases, factors, file, lineOf }: Matrix, base: string): void {
  const { at } = bases[base]!
  const unknown = Object.keys(at).find((factor) => !Object.hasOwn(factors, factor))
  if (unknown !== undefined) {
    throw new InputError(`${file}: the base ${base} is at a level of ${unknown}, and there is no such factor`, {
      where: `${file}:${lineOf(["bases", base, "at", unknown])}`, remedy: `use ${Object.keys(factors).join(", ") || "none: there are no factors"}`,
    })
  }
  for (const [factor, { levels }] of Object.entries(factors)) {
    const level = at[factor]
    if (level !== undefined && Object.hasOwn(levels, level)) continue
    throw new InputError(level === undefined
      ? `${file}: the base ${base} does not say at which level of ${factor} it is`
      : `${file}: the base ${base} is at ${factor} ${level}, and there is no such level`, {
      where: `${file}:${lineOf(["bases", base, "at", factor])}`, remedy: `write ${factor}: ${Object.keys(levels).join(", or ")}`,
    })
  }
}
