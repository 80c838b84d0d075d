import type { Command } from "commander"
import { parseBudget } from "./load-set.ts"
import { parseSetting } from "./profile-definition.ts"
import { Interrupted, type AskedOfResumed } from "./resume.ts"

/** The options of `recette load`, beside those that all commands share. */
export function withLoadOptions(command: Command, wholeNumber: (text: string) => number): Command {
  return command.argument("[profile]", "its name; without it: smoke")
    .option("--lab <lab.json>", "handle of that lab").option("--json", "load/<profile>.json on standard output")
    .option("--electors <number>", "the scale: electors, with whom lists grow", wholeNumber)
    .option("--set <name=number>", "another parameter of the profile; may be repeated", (text, set: [string, number][]) => [...set, parseSetting(text)], [])
    .option("--generators <number>", "send it in so many equal shares, each from a container of its own", wholeNumber)
    .option("--kubernetes <folder>", "write manifests, image recipe and files for the k6 operator there, and put nothing on a lab")
    .option("--list", "show what the profiles ask at that scale, or one of them with all that it supposes, and put nothing on a lab")
}

/** What a qualification is asked of its loads, as the command line has it. */
export interface LoadsOfRun { budget?: number; resume?: string }

/** The options of `recette qualify` that concern its loads. */
export function withLoadsOfRun(command: Command): Command {
  return command
    .option("--profile <names>", "loads that are put on it after the scenarios, separated by commas, or none (then INCONCLUSIVE where one is due); without it: those of the level")
    .option("--budget <time>", "time for the loads, for example 60m: those that do not fit by their own estimates are left out, and said", parseBudget)
    .option("--resume <run>", "folder of a run that was interrupted: its loads that are whole are kept, on a new lab of the same release the others follow")
}

/** Release and options of a qualification; those of the run that it resumes stand in for what nobody wrote. */
export async function withResumed<Options extends object>(
  name: string, { budget, resume, ...options }: Options & LoadsOfRun, command: Command,
): Promise<[name: string, options: Options & { budgetSeconds?: number; resume?: Interrupted }]> {
  const rest = { ...options, ...(budget === undefined ? {} : { budgetSeconds: budget }) } as unknown as Options & { budgetSeconds?: number }
  if (resume === undefined) return [name, rest]
  const keys = ["seed", "level", "only", "profile", "budget"].filter((key) => command.getOptionValueSource(key) === "cli")
  const interrupted = await Interrupted.read(resume, Object.fromEntries(keys.map((key) => [key, command.getOptionValue(key) as unknown])) as AskedOfResumed)
  return [command.args[0] ?? interrupted.release, { ...rest, ...interrupted.request, resume: interrupted }]
}
