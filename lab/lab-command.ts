import { Command, Option } from "commander"
import { join } from "node:path"
import { parseDelay, type Delay } from "./delay.ts"
import { keepLab } from "./keep-lab.ts"
import { handleOf, keptLabNamed, keptLabs, type KeptLab } from "./kept-labs.ts"
import { endKeptLab } from "./lab-down.ts"
import { runInNode } from "./lab-shell.ts"
import { accessLines, otherRuns, statusLines, statusOf } from "./lab-status.ts"
import { startKeptLab, type UpRequest } from "./lab-up.ts"
import { InputError } from "./failure.ts"
import { readInput, readLabInput, type RunRequest } from "./run-request.ts"
import { failureText } from "./run-record.ts"

type LabOptions = RunRequest & { delay: Delay[] }
type KeepOptions = Omit<UpRequest, "delay"> & { delay: Delay[]; run: string }
interface NamedOptions { lang: "fr" | "en"; json?: boolean }

/** Options that the front door gives to more than one command. */
export interface SharedOptions { lang: () => Option; seed: () => Option; out: () => Option; end: (code: number) => void }

const delayFlag = "--delay <from:to:port=20ms>"
const delayText = "answers between two nodes come later; may be repeated"
const words = {
  ended: { fr: (name: string) => `${name} est arrêté, plus rien n'en reste`, en: (name: string) => `${name} is down, nothing of it is left` },
  swept: { fr: (name: string) => `le propriétaire de ${name} était mort ; ce qu'il avait laissé est retiré`, en: (name: string) => `the owner of ${name} was dead; what it left is removed` },
  up: { fr: (name: string, seconds: number) => `${name} est en place (${seconds} s)`, en: (name: string, seconds: number) => `${name} is up (${seconds} s)` },
  leftOut: { fr: "de cette version, sans serveur ici : ", en: "of that release, without a server here: " },
} as const

/** `recette lab`: in the foreground as it is, and `up`, `status`, `shell`, `down` for labs that stay in the background. */
export function defineLabCommands(foreground: Command, { lang, seed, out, end }: SharedOptions): void {
  // Else this command, and the front door above it, would take the options that stand behind `up` and the others.
  foreground.enablePositionalOptions()
  foreground.option(delayFlag, delayText, (text: string, delays: Delay[]) => [...delays, parseDelay(text)], [])
    .action(async (name: string, options: LabOptions) => end(await labUntilStopped(name, options)))
  const command = (text: string, about: string): Command => foreground.command(text).description(about).addOption(lang())
  const release = "a shipped release, a platform or a path; without it the one that the platform's file names"
  command("up", "a lab in the background, with a live map of it on loopback").argument("[release]", release)
    .option("--platform <file>", "lay the release on this architecture: the file of a definition, or a shipped name")
    .option(delayFlag, delayText, (text: string, delays: string[]) => { parseDelay(text); return [...delays, text] }, []).addOption(seed()).addOption(out())
    .action(async (name: string | undefined, options: UpRequest) => end(await up(name, options)))
  foreground.command("keep", { hidden: true }).argument("[release]", release).addOption(lang()).addOption(seed()).addOption(out())
    .option("--platform <file>").requiredOption("--run <id>")
    .option(delayFlag, delayText, (text: string, delays: Delay[]) => [...delays, parseDelay(text)], [])
    .action(async (name: string | undefined, options: KeepOptions) => end(await keepForParent(name, options)))
  command("status", "every lab that is up, or one with its ways in").argument("[lab]", "its name").option("--json")
    .action(async (name: string | undefined, options: NamedOptions) => end(await status(name, options)))
  command("shell", "a shell in a node, or the command after --").argument("<lab>", "its name").argument("<node>").argument("[command...]")
    .action(async (name: string, node: string, words: string[]) => end(await runInNode(await handleOf(await keptLabNamed(name)), node, words)))
  command("down", "end a lab, and wait until nothing of it is left").argument("[lab]", "its name").option("--all", "every lab of this clone")
    .action(async (name: string | undefined, options: NamedOptions & { all?: boolean }) => end(await down(name, options)))
}

/** A lab that stays until this process is asked to end. */
async function labUntilStopped(name: string, options: LabOptions): Promise<number> {
  await keepLab(name, await readInput(name, options), {
    ...options, delays: options.delay,
    onReady: ({ record, note, owner: { progress } }) => progress.say(`lab ${note.run} is up: ${join(record.folder, "lab.json")}; map ${note.page}; Ctrl-C removes it`),
  })
  return 0
}

/** The owner of a lab in the background. Until it is ready, it ends with the process that started it. */
async function keepForParent(name: string | undefined, options: KeepOptions): Promise<number> {
  const endWithParent = (): void => void process.kill(process.pid, "SIGTERM")
  process.once("disconnect", endWithParent)
  const input = await readLabInput(name, options.platform)
  await keepLab(input.release.name, input, {
    ...options, delays: options.delay,
    onReady: () => {
      process.off("disconnect", endWithParent)
      process.send?.({ ready: true })
      process.disconnect?.()
    },
  })
  return 0
}

async function up(name: string | undefined, options: UpRequest): Promise<number> {
  const startedMs = performance.now()
  const outcome = await startKeptLab(name, options)
  if ("exitCode" in outcome) return outcome.exitCode
  const { lab } = outcome
  const { release: { leftOut } } = await readLabInput(name, options.platform)
  const lines = [
    words.up[options.lang](lab.note.name, Math.round((performance.now() - startedMs) / 1_000)),
    ...leftOut.length > 0 ? [`${words.leftOut[options.lang]}${leftOut.join(", ")}`] : [], ...await accessLines(lab, options.lang),
  ]
  process.stdout.write(`${lines.join("\n")}\n`)
  return 0
}

async function status(name: string | undefined, { lang, json = false }: NamedOptions): Promise<number> {
  const all = await keptLabs()
  const chosen = name === undefined ? all : [await keptLabNamed(name)]
  const [labs, others] = await Promise.all([Promise.all(chosen.map(statusOf)), name === undefined ? otherRuns(all.map(({ note: { run } }) => run)) : []])
  const ways = name === undefined || labs[0]?.state !== "up" ? [] : await accessLines(chosen[0]!, lang)
  process.stdout.write(json ? `${JSON.stringify({ schema: "recette.labs/v1", labs, others }, null, 2)}\n` : `${[...statusLines(labs, others, lang), ...ways].join("\n")}\n`)
  return 0
}

/** One that cannot be ended does not keep the others. */
async function down(name: string | undefined, { lang, all = false }: NamedOptions & { all?: boolean }): Promise<number> {
  if ((name === undefined) !== all) {
    throw new InputError("Which lab is to end is not said, or said twice", { where: "the command line", remedy: "name one (recette lab status shows them), or say --all" })
  }
  const labs: KeptLab[] = name === undefined ? await keptLabs() : [await keptLabNamed(name)]
  if (labs.length === 0) process.stdout.write(`${statusLines([], [], lang).join("\n")}\n`)
  const outcomes = await Promise.all(labs.map(async (lab) => {
    try {
      process.stdout.write(`${words[await endKeptLab(lab)][lang](lab.note.name)}\n`)
      return 0
    } catch (error) {
      process.stderr.write(`${failureText(error, lang)}\n`)
      return error instanceof InputError ? 2 : 3
    }
  }))
  return Math.max(0, ...outcomes)
}
