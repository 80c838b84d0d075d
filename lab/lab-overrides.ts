import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { z } from "zod"
import { BothLanguages } from "../fixtures/requirements.ts"
import { secondsOf } from "./duration.ts"
import { parseStrictYaml } from "./strict-yaml.ts"

export const overridesFile = "lab/lab-overrides.yaml"

const OverridesFile = z.strictObject({
  schema: z.literal("recette.lab-overrides/v1"),
  overrides: z.array(z.strictObject({
    component: z.enum(["postfix", "sympa", "dovecot", "mariadb", "rspamd", "clamav", "directory"]),
    setting: z.string().min(1),
    value: z.string().min(1),
    why: BothLanguages,
  })),
})

/** One timer that the lab shortens. `line` is its place in lab-overrides.yaml. */
export interface LabOverride {
  component: string
  setting: string
  value: string
  why: { fr: string; en: string }
  line: number
}
export type LabOverrides = readonly LabOverride[]

/** The closed list of shortened timers, `lab/lab-overrides.yaml`, without those that must be as long as the release has them. */
export function loadLabOverrides(unshortened: readonly string[] = []): LabOverrides {
  return parseLabOverrides(readFileSync(fileURLToPath(new URL("lab-overrides.yaml", import.meta.url)), "utf8"))
    .filter(({ setting }) => !unshortened.includes(setting))
}

export function parseLabOverrides(text: string): LabOverrides {
  const { value, lineOf } = parseStrictYaml(OverridesFile, text, overridesFile)
  return value.overrides.map((one, index) => ({ ...one, line: lineOf(["overrides", index]) }))
}

/**
 * The overrides of one component that change something on top of `set`: a timer that the release itself sets at most
 * as long is left alone. `set` holds what the release sets explicitly; a value in a file is not looked at.
 */
export function overridesFor(
  component: string, set: Readonly<Record<string, string>>, overrides: LabOverrides,
): LabOverrides {
  return overrides.filter((one) => {
    const own = set[one.setting] === undefined ? undefined : secondsOf(set[one.setting]!)
    return one.component === component && !(own !== undefined && own <= secondsOf(one.value)!)
  })
}
