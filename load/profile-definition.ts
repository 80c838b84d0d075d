import { z } from "zod"
import { InputError } from "../lab/failure.ts"
import type { Assumption, LoadProfile, Sentence } from "./load-profile.ts"
import { listMsMax, sentAfterSeconds } from "./estimate.ts"

/** A number that a profile may be given. Whole. */
export interface Parameter { standard: number; min: number; max: number; what: Sentence; /** Where its standard value comes from. */ source: string }

export type Given<Name extends string> = Readonly<Record<Name, number>>

/** What a profile asks for at given parameters; times that it leaves out follow from its streams. */
type Asked = Pick<LoadProfile, "streams"> & Partial<Pick<LoadProfile, "world" | "isRamp" | "script" | "sendMsMax" | "drainMsMax" | "honesty">>

/** A load as a function of its parameters: one file of `profiles/`. */
export interface ProfileDefinition<Name extends string = string> {
  /** Small letters, digits and `-`. */
  name: string
  summary: Sentence
  parameters: Readonly<Record<Name, Parameter>>
  /** What it supposes, beside its parameters, each of which is an assumption of its own. */
  assumptions?: (given: Given<Name>) => Assumption[]
  load: (given: Given<Name>) => Asked
}

/** Keeps the names of the parameters while the profile is written; nobody else needs them. */
export function defineProfile<Name extends string>(definition: ProfileDefinition<Name>): ProfileDefinition {
  return definition as unknown as ProfileDefinition
}

const honesty = { rateRatioMin: 0.95, cpuPercentMax: 50 }
/** As long as the generator may run at most (lab/generator.ts). */
const sendMsAllowed = 4 * 3_600_000
const sendMsSpare = 300_000

/**
 * The load that a profile is at these parameters; those that are not given have their standard. Throws an InputError that
 * names what is out of its bounds, or unknown.
 */
export function profileAt(definition: ProfileDefinition, given: Readonly<Record<string, number>> = {}, where = "the command line"): LoadProfile {
  const { name, summary, parameters, assumptions } = definition
  const values = checked(definition, given, where)
  const asked = definition.load(values)
  return {
    name, summary, parameters: values, honesty, ...asked,
    sendMsMax: asked.sendMsMax ?? Math.min(sendMsAllowed, Math.ceil(sentAfterSeconds(asked.streams)) * 3_000 + sendMsSpare),
    drainMsMax: asked.drainMsMax ?? listMsMax(asked.streams),
    assumptions: [
      ...Object.entries(parameters).map(([key, { what, source }]) => ({ what, value: `${key} ${values[key]}`, source })),
      ...assumptions?.(values) ?? [],
    ],
  }
}

function checked({ name, parameters }: ProfileDefinition, given: Readonly<Record<string, number>>, where: string): Record<string, number> {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(parameters, key))
  if (unknown !== undefined) {
    const names = Object.keys(parameters)
    throw new InputError(`The profile ${name} has no parameter ${unknown}`, {
      where, remedy: names.length === 0 ? "leave it out: this profile is always the same" : `use ${names.join(", ")}`,
    })
  }
  const { data, error } = schemaOf(parameters).safeParse(given)
  if (data) return data
  const key = String(error.issues[0]!.path[0])
  const { min, max, standard } = parameters[key]!
  throw new InputError(`The profile ${name} cannot have ${key} ${given[key]}`, {
    where, remedy: `give a whole number from ${min} to ${max}; without it, it is ${standard}`,
  })
}

/** Each parameter with its bounds and its standard. */
function schemaOf(parameters: Readonly<Record<string, Parameter>>): z.ZodType<Record<string, number>> {
  return z.strictObject(Object.fromEntries(Object.entries(parameters)
    .map(([key, { min, max, standard }]) => [key, z.int().min(min).max(max).default(standard)])))
}

/** Reads `name=value`, as `--set` has it. Throws an InputError for another form. */
export function parseSetting(text: string): [string, number] {
  const [, name, value] = /^([a-zA-Z]+)=(\d+)$/.exec(text) ?? []
  if (name !== undefined) return [name, Number(value)]
  throw new InputError(`This sets no parameter: ${text}`, { where: `--set ${text}`, remedy: "write name=number, for example --set codesPerSecond=10" })
}
