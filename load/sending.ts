import { readdir, readFile, rename } from "node:fs/promises"
import { join } from "node:path"
import type { ProfileOutcome, ProfileOrder } from "../lab/generator.ts"
import type { GeneratorCrew } from "../lab/generator-crew.ts"
import type { LabHandle } from "../lab/handle.ts"
import { postfixServices } from "../lab/postfix.ts"
import type { LoadProfile } from "./load-profile.ts"
import { scriptFiles, type PreparedStream } from "./prepare.ts"

/** What the generators of a load came to, together. */
export interface Sending {
  /** By the name of each in the send log. `summary`: k6's own, `null` of one that did not get to its end. */
  writers: readonly { writer: string; summary: ProfileOutcome["summary"] | null }[]
  droppedIterations: number
  /** The worst of all endings; `killed` where one did not get to its end. */
  ending: ProfileOutcome["ending"] | "killed"
  /** Of those that did not, by the node. */
  failures: ReadonlyMap<string, Error>
}

export interface SendingOrder {
  profile: LoadProfile
  prepared: readonly PreparedStream[]
  /** First part of the ids of all messages. */
  run: string
  /** The run's folder: what k6 leaves goes into `load/`. */
  runFolder: string
  /** Where the send logs go. */
  ledgerFolder: string
  /** Each generator leaves k6's own dashboard as a page. */
  dashboard: boolean
}

/** Messages beyond those asked for, before k6 is ended as one that runs away. */
const messagesSpare = 100
const fromBestToWorst: readonly Sending["ending"][] = ["passed", "thresholds", "time", "aborted", "killed"]

/**
 * Has a profile sent: by the lab's generator alone, or in equal shares (k6's execution segments) by several at once, who begin
 * together when each of them is ready. Throws the failure of the first where none got to its end.
 */
export async function sendAll(crew: GeneratorCrew, order: SendingOrder): Promise<Sending> {
  const { generators } = crew
  const orders = await ordersOf(crew, order)
  const ended = Promise.allSettled(generators.map((generator, index) => generator.runProfile(orders[index]!)))
  if (generators.length > 1) {
    try {
      await Promise.all(generators.map((generator) => generator.awaitReady()))
      await Promise.all(generators.map((generator) => generator.begin()))
    } catch (error) {
      await Promise.allSettled(generators.map((generator) => generator.endProfile()))
      throw firstFailure(await ended) ?? error
    }
  }
  const outcomes = await ended
  for (const { name, folder } of orders) await moveSendLog(join(folder, name), order.ledgerFolder)
  if (outcomes.every(({ status }) => status === "rejected")) throw firstFailure(outcomes)
  return together(generators.map(({ node }, index) => ({ writer: node.name, outcome: outcomes[index]! })))
}

async function ordersOf(crew: GeneratorCrew, { profile, prepared, run, runFolder, dashboard }: SendingOrder): Promise<ProfileOrder[]> {
  const { handle, generators } = crew
  const messages = profile.streams.reduce((total, stream) => total + stream.messages, 0)
  const script = await readFile(profile.script ?? join(import.meta.dirname, "profiles", "streams.k6.ts"), "utf8")
  return generators.map(({ node }, index) => {
    const name = shareName(profile.name, node.name, index)
    return {
      name, folder: join(runFolder, "load"), dashboard, files: { ...scriptFiles(prepared), [`${name}.k6.ts`]: script },
      // Shares need not be equal: a stream with fewer sessions than there are generators is sent by some of them.
      secondsMax: Math.ceil(profile.sendMsMax / 1_000), messagesMax: messages + messagesSpare,
      env: { ...environmentOf(handle), NAME: node.hostname, RUN: run, WRITER: node.name },
      ...(generators.length === 1 ? {} : { segment: { index, of: generators.length } }),
    }
  })
}

function shareName(profile: string, node: string, index: number): string {
  return index === 0 ? profile : `${profile}-${node}`
}

/** Messages that the generators of a load have sent so far, by their own counts a second. */
export async function sentSoFar({ generators }: GeneratorCrew, profile: string): Promise<number> {
  const counts = await Promise.all(generators.map((generator, index) => generator.begun(shareName(profile, generator.node.name, index))))
  return counts.reduce((sum, one) => sum + one, 0)
}

/** Messages that k6 had sent when it ended: its progress, told each second, may lack those of the last one. */
export function sentAtAll({ writers }: Pick<Sending, "writers">): number {
  return writers.reduce((sum, { summary }) => sum + Number(summary?.metrics["iterations"]?.["count"] ?? 0), 0)
}

/** What the scripts must know of the platform that they write to. */
export function environmentOf({ nodes }: Pick<LabHandle, "nodes">): { EDGE: string; SUBMISSION: string } {
  return { EDGE: Object.values(nodes).find(({ component }) => component === "postfix")!.hostname, SUBMISSION: String(postfixServices.submission) }
}

function firstFailure(outcomes: readonly PromiseSettledResult<ProfileOutcome>[]): unknown {
  return outcomes.flatMap((outcome) => outcome.status === "rejected" ? [outcome.reason as unknown] : [])[0]
}

function together(ended: readonly { writer: string; outcome: PromiseSettledResult<ProfileOutcome> }[]): Sending {
  const endings = ended.map(({ outcome }) => outcome.status === "fulfilled" ? outcome.value.ending : "killed")
  const dropped = ended.map(({ outcome }) => outcome.status === "fulfilled" ? Number(outcome.value.summary.metrics["dropped_iterations"]?.["count"] ?? 0) : 0)
  return {
    writers: ended.map(({ writer, outcome }) => ({ writer, summary: outcome.status === "fulfilled" ? outcome.value.summary : null })),
    droppedIterations: dropped.reduce((sum, one) => sum + one, 0),
    ending: fromBestToWorst.findLast((ending) => endings.includes(ending))!,
    failures: new Map(ended.flatMap(({ writer, outcome }) => outcome.status === "rejected" ? [[writer, outcome.reason as Error] as const] : [])),
  }
}

/** Files that are not ended come along: the ledger says so. One that was killed may have left none. */
async function moveSendLog(from: string, into: string): Promise<void> {
  const names = await readdir(join(from, "log")).catch(() => [])
  for (const name of names) await rename(join(from, "log", name), join(into, name))
}
