import type { Command } from "commander"
import { parseSetting } from "./profile-definition.ts"

/** The options of `recette load`, beside those that all commands share. */
export function withLoadOptions(command: Command, wholeNumber: (text: string) => number): Command {
  return command.argument("[profile]", "its name; without it: smoke")
    .option("--lab <lab.json>", "handle of that lab").option("--json", "load/<profile>.json on standard output")
    .option("--electors <number>", "the scale: electors, with whom lists grow", wholeNumber)
    .option("--set <name=number>", "another parameter of the profile; may be repeated", (text, set: [string, number][]) => [...set, parseSetting(text)], [])
    .option("--dashboard", "k6's web dashboard as a page, load/<profile>/dashboard.html (no port is opened)")
    .option("--list", "show what the profiles ask at that scale, or one of them with all that it supposes, and put nothing on a lab")
}
