import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { NodeCertificates } from "./certificates.ts"
import { copyIn, copyOut } from "./container-files.ts"
import { InputError, LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeDefinition } from "./platform.ts"

/** It serves nothing: the gateway publishes no port of it. */
export const generatorServices = {} as const

const startupMsMax = 30_000
const lastLinesMax = 12
const fileForm = /^[\w.-]+$/
const nameForm = /^[a-z0-9-]{1,40}$/
const secondsAllowed = 4 * 3_600
const messagesAllowed = 1_000_000_000
/** Exit codes of k6 2.2 (errext/exitcodes) that say how a run went, not that it could not be made. */
const endings: Readonly<Record<number, ProfileEnding>> = { 0: "passed", 99: "thresholds", 105: "time", 108: "aborted" }

/**
 * How a profile ended: `passed`, `thresholds` (one or more were not kept), `time` (the order's bound) or `aborted` (its bound
 * of messages, or the profile itself). The last two were cut off: their figures are of no use.
 */
export type ProfileEnding = "passed" | "thresholds" | "time" | "aborted"

/** A profile to run, within bounds that hold whatever it says itself. */
export interface ProfileOrder {
  /** Small letters, digits and `-`. `<name>.k6.ts` is the profile, and what is left of a run lies in `<folder>/<name>/`. */
  name: string
  /** The profile's text and that of its neighbours and lists, by file name. */
  files: Readonly<Record<string, string>>
  /** What the profile reads from `__ENV`. */
  env?: Readonly<Record<string, string>>
  /** Then k6 is told to end, which it does within 30 s. 1 to 14 400. */
  secondsMax: number
  /** The message beyond it ends the test. 1 to 1 000 000 000. */
  messagesMax: number
  /** Folder of this machine, usually that of the run. */
  folder: string
  /** k6 writes its web dashboard as one page, `dashboard.html`. No port is opened. Default: no. */
  dashboard?: boolean
}

/** What a profile left. */
export interface ProfileOutcome {
  ending: ProfileEnding
  /** Of k6, by rusage and by the clock. */
  cpuSeconds: number
  clockSeconds: number
  /** k6's summary at the end of the test: metrics by name. */
  summary: { metrics: Record<string, Record<string, unknown>> }
  /** Full path of what the run left: `k6.log`, `summary.json`, and in `log/` the send log (Parquet). */
  folder: string
}

/** k6 with k6/x/mail inside the lab: it resolves the lab's names and reaches each node as a stranger of the world does. */
export class GeneratorContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, tls: NodeCertificates) {
    super(image, place, node, holderId, { startupMsMax })
    this.withServerCertificate(tls)
  }
}

/** The generator of a running lab. Its k6 is under the AGPL 3.0 (images/generator/LICENCE). */
export class StartedGeneratorContainer extends StartedInsideContainer {
  constructor(handle: LabHandle, name = "generator") {
    super(handle, name)
  }

  /**
   * Runs a profile to its end and fetches what it left. The profile finds the lab's authority in `/recette/tls/ca.pem`
   * and writes its send log into the folder that `__ENV.LOG_FOLDER` names.
   *
   * Throws an InputError where the order is out of its bounds, and a LabFailure with k6's last words where the profile
   * could not be run (an error in its text, an exception, a killed k6): then there is nothing to judge.
   */
  async runProfile(order: ProfileOrder): Promise<ProfileOutcome> {
    checkOrder(order)
    const inside = `/load/${order.name}`
    await this.run(["sh", "-c", 'rm -rf "$1" && mkdir -p "$1/log"', "sh", inside])
    await copyIn(this.node.containerId, inside, order.files)
    const env = { ...order.env, ...order.dashboard ? dashboardOf(order, inside) : {}, LOG_FOLDER: `${inside}/log`, K6_MAIL_MESSAGES_MAX: String(order.messagesMax) }
    const { exitCode, stderr } = await this.exec(["/run.sh", inside, `${order.name}.k6.ts`, String(order.secondsMax)], { env })
    await copyOut(this.node.containerId, inside, order.folder)
    return outcomeOf(join(order.folder, order.name), exitCode, stderr)
  }

  /** Messages that k6 has sent so far in a profile that runs, by its own count a second. */
  async begun(profile: string): Promise<number> {
    const { stdout } = await this.exec(["tail", "-c", "4000", `/load/${profile}/progress`], { often: true })
    return Number([...stdout.matchAll(/(\d+) complete and \d+ interrupted/g)].at(-1)?.[1] ?? 0)
  }

  /** Tells a running k6 to end, as its order's time does. Nothing is done where none runs. */
  async endProfile(): Promise<void> {
    await this.exec(["sh", "-c", "kill -INT $(pidof k6)"])
  }
}

/** k6's settings for a page without a server (port -1), with at most a thousand points in time. */
function dashboardOf({ secondsMax }: ProfileOrder, folder: string): Record<string, string> {
  return {
    K6_WEB_DASHBOARD: "true", K6_WEB_DASHBOARD_PORT: "-1", K6_WEB_DASHBOARD_EXPORT: `${folder}/dashboard.html`,
    K6_WEB_DASHBOARD_PERIOD: `${Math.max(1, Math.ceil(secondsMax / 1_000))}s`,
  }
}

/** Throws an InputError that names what is out of its bounds. */
export function checkOrder({ name, files, secondsMax, messagesMax }: ProfileOrder): void {
  const wrong = !nameForm.test(name) ? `The name ${JSON.stringify(name)} is none of a profile: small letters, digits and - make one`
    : !(`${name}.k6.ts` in files) ? `The profile ${name}.k6.ts is not among its files: ${Object.keys(files).join(", ")}`
    : Object.keys(files).some((file) => !fileForm.test(file)) ? `A file of profile ${name} has a name with other characters than letters, digits, ., - and _`
    : !isWithin(secondsMax, secondsAllowed) ? `secondsMax is ${secondsMax}, and 1 to ${secondsAllowed} are possible`
    : !isWithin(messagesMax, messagesAllowed) ? `messagesMax is ${messagesMax}, and 1 to ${messagesAllowed} are possible` : undefined
  if (wrong !== undefined) throw new InputError(wrong, { where: `the order of profile ${name}`, remedy: "correct it" })
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most
}

/** Reads what a run left in `folder`. Throws a LabFailure where there is nothing to judge. */
export async function outcomeOf(folder: string, exitCode: number, stderr: string): Promise<ProfileOutcome> {
  const ending = endings[exitCode]
  const [, real, user, system] = /^([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? []
  const said = await readFile(join(folder, "k6.log"), "utf8").catch(() => "")
  const summary = await readFile(join(folder, "summary.json"), "utf8").catch(() => undefined)
  if (ending === undefined || summary === undefined || system === undefined) {
    const words = said.trim() === "" ? stderr : said
    throw new LabFailure(`k6 ended with ${exitCode}: ${words.trim().split("\n").slice(-lastLinesMax).join("\n")}`, {
      where: join(folder, "k6.log"), remedy: "read that log; where it says nothing, the engine or the node's memory ended it",
    })
  }
  return {
    ending, cpuSeconds: Number(user) + Number(system), clockSeconds: Number(real),
    summary: JSON.parse(summary) as ProfileOutcome["summary"], folder,
  }
}
