import { existsSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { z } from "zod"
import { BoundName, Level, OwnRequirement, Register, Severity, type Requirement } from "../fixtures/requirements.ts"
import { InputError } from "./failure.ts"
import { projectFolder } from "./state-folder.ts"
import { parseStrictYaml } from "./strict-yaml.ts"

const registerFile = "fixtures/requirements.yaml"

/** A requirement that a team decided not to hold its platform to until a date. */
export interface Waiver { reason: string; name: string; /** ISO date, the last day on which it counts. */ expires: string }

/** The register as applied: with what a team's overlay changed. */
export interface AppliedRegister {
  requirements: (Requirement & { waiver?: Waiver })[]
  /** Absolute paths of the team's own scenario files. */
  scenarios: string[]
}

/**
 * A team's overlay, `--requirements <file>`: what it decides about the register's requirements, what it adds, what it
 * waives.
 *
 * ```yaml
 * schema: recette.requirements-overlay/v1
 * requirements:
 *   ROU-12: { bounds: { messageBytesMax: 10485760 }, confirmed: true }
 * added:
 *   - { id: DNE-01, text: { fr: "…", en: "…" }, source: …, class: posting, severity: majeure, level: quick,
 *       platforms: [ariel-pr] }
 * waivers:
 *   - { id: LST-09, reason: "…", name: "…", expires: 2026-12-31 }
 * scenarios: [dne.scenario.ts]
 * ```
 */
export const Overlay = z.strictObject({
  schema: z.literal("recette.requirements-overlay/v1"),
  requirements: z.record(z.string(), z.strictObject({
    bounds: z.record(BoundName, z.union([z.number(), z.string().min(1)])).optional(),
    severity: Severity.optional(),
    level: Level.optional(),
    confirmed: z.literal(true).optional(),
  })).default({}),
  added: z.array(OwnRequirement).default([]),
  waivers: z.array(z.strictObject({
    id: z.string(),
    reason: z.string().trim().min(1, { error: "a waiver needs a reason" }),
    name: z.string().trim().min(1, { error: "a waiver needs the name of who grants it" }),
    expires: z.iso.date({ error: "a waiver expires on a date, written 2026-12-31" }),
  })).default([]),
  scenarios: z.array(z.string().min(1)).default([]).describe("files of scenarios of your own, relative to this file"),
})

export interface LoadRequirementsOptions {
  /** Path of a team's overlay. */
  overlay?: string | undefined
  /** Folder from which a relative `overlay` is read; by default the current one. */
  from?: string
  /** ISO date on which waivers are judged; by default today, in UTC. */
  today?: string
}

/**
 * The register of this project, with a team's overlay where one is given.
 * Throws InputError naming file, line, id and remedy: an unknown id or bound, a bound of another kind, an id given
 * twice, a waiver that has expired or has no reason.
 */
export async function loadRequirements(
  { overlay, from = process.cwd(), today = new Date().toISOString().slice(0, 10) }: LoadRequirementsOptions = {},
): Promise<AppliedRegister> {
  const requirements = parseRegister(readFileSync(join(projectFolder, registerFile), "utf8"), registerFile)
  if (overlay === undefined) return { requirements, scenarios: [] }
  const path = resolve(from, overlay)
  if (!existsSync(path)) {
    throw new InputError(`There is no overlay ${overlay}`, {
      where: "--requirements", remedy: "give the path of a file, or leave the option out",
    })
  }
  return applyOverlay(requirements, readFileSync(path, "utf8"), { file: overlay, folder: dirname(path), today })
}

/** The requirements of a register's text. Throws InputError for one that does not match, or an id given twice. */
export function parseRegister(text: string, file: string): Requirement[] {
  const { value: { requirements }, lineOf } = parseStrictYaml(Register, text, file)
  checkIds(requirements, new Set(), file, (index) => lineOf(["requirements", index, "id"]))
  return requirements
}

export function applyOverlay(
  requirements: readonly Requirement[], text: string, { file, folder, today }: { file: string; folder: string; today: string },
): AppliedRegister {
  const { value: { added, waivers, scenarios, requirements: decided }, lineOf } = parseStrictYaml(Overlay, text, file)
  checkIds(added, new Set(requirements.map(({ id }) => id)), file, (index) => lineOf(["added", index, "id"]))
  const all = new Map<string, Requirement & { waiver?: Waiver }>()
  for (const one of [...requirements, ...added]) all.set(one.id, one)
  for (const [id, { bounds = {}, ...rest }] of Object.entries(decided)) {
    const requirement = known(all, id, `${file}:${lineOf(["requirements", id])}`)
    for (const [name, value] of Object.entries(bounds)) {
      checkBound(requirement, name, value, `${file}:${lineOf(["requirements", id, "bounds", name])}`)
    }
    all.set(id, { ...requirement, ...withoutUndefined(rest), bounds: { ...requirement.bounds, ...bounds } })
  }
  for (const [index, { id, ...waiver }] of waivers.entries()) {
    const where = `${file}:${lineOf(["waivers", index])}`
    const requirement = known(all, id, where)
    if (waiver.expires < today) {
      throw new InputError(`The waiver for ${id} expired on ${waiver.expires}`, {
        where, remedy: "remove it, or have it granted again until a later date",
      })
    }
    if (requirement.waiver) throw new InputError(`${id} is waived twice`, { where, remedy: "keep one of the two waivers" })
    all.set(id, { ...requirement, waiver })
  }
  return {
    requirements: [...all.values()],
    scenarios: scenarios.map((path, index) => ownScenario(path, folder, `${file}:${lineOf(["scenarios", index])}`)),
  }
}

function checkIds(
  requirements: readonly Requirement[], taken: Set<string>, file: string, lineOf: (index: number) => number,
): void {
  for (const [index, { id }] of requirements.entries()) {
    if (taken.has(id)) {
      throw new InputError(`${id} is the id of two requirements`, {
        where: `${file}:${lineOf(index)}`, remedy: "give the second one an id of its own; ids are never reused",
      })
    }
    taken.add(id)
  }
}

function known<T>(all: ReadonlyMap<string, T>, id: string, where: string): T {
  const requirement = all.get(id)
  if (requirement) return requirement
  const family = [...all.keys()].filter((one) => one.startsWith(id.split("-")[0]!))
  throw new InputError(`There is no requirement ${id}`, {
    where,
    remedy: family.length > 0 ? `use one of ${family.join(", ")}`
      : `take the id from ${registerFile}, or add the requirement under added`,
  })
}

function checkBound({ id, bounds }: Requirement, name: string, value: number | string, where: string): void {
  const names = Object.keys(bounds)
  const present = bounds[name]
  if (present === undefined) {
    throw new InputError(`${id} has no bound ${name}`, {
      where, remedy: names.length > 0 ? `use one of ${names.join(", ")}` : `${id} has no bounds; remove this line`,
    })
  }
  if (typeof present === typeof value) return
  const given = `${JSON.stringify(value)} is a ${typeof value}`
  throw new InputError(`The bound ${name} of ${id} is a ${typeof present}, and ${given}`, {
    where, remedy: `write it like ${JSON.stringify(present)}`,
  })
}

function ownScenario(path: string, folder: string, where: string): string {
  const absolute = resolve(folder, path)
  if (/\.scenario\.ts$/.test(path) && existsSync(absolute)) return absolute
  throw new InputError(`${path} is no file of scenarios`, {
    where, remedy: "name a file that ends in .scenario.ts, relative to the overlay",
  })
}

function withoutUndefined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never
}
