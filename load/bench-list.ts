import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { ListName } from "../fixtures/lists.ts"
import { ownership, type Ownership } from "../lab/own-lab.ts"
import { projectFolder } from "../lab/state-folder.ts"
import { withBenchLab } from "./bench-lab.ts"
import type { BenchContext, BenchFigure, BenchOutcome } from "./bench.ts"
import { Database, fileList, literal } from "./ledger/database.ts"
import { ledgerFile } from "./ledger/ledger-files.ts"
import type { LoadFile } from "./load-file.ts"
import type { LoadProfile } from "./load-profile.ts"
import { runLoad } from "./run-load.ts"

/** The settings `tuned` of ariel-pr/2026.2, the release under which long lists are measured. */
export const tuned = { name: "ariel-pr/2026.2, tuned", path: join(projectFolder, "fixtures/settings/ariel-pr/tuned") } as const

/** "For a list with 20 000 subscribers, it takes 5 minutes to send a message to 90% of subscribers" (Sympa, README.md). */
export const readmePerSecond = 20_000 * 0.9 / (5 * 60)

/** A reminder's size (profiles/reminder.ts): a text without an attachment. */
const bytes = 10_000
const drainMsMax = 3 * 3_600_000

export interface ListOrder {
  /** Names the load. */
  name: string
  /** `info-elections`: nobody may leave, copies go in packets. `info-personnels`: each copy is its member's own (RFC 8058). */
  list: ListName
  members: number
}

/** A list that was served: its load, and in how many transactions the copies came. */
export interface ServedList { file: LoadFile; transactions: Transactions | null }

/** `single`: transactions with one copy. */
export interface Transactions { copies: number; transactions: number; single: number }

/** One message to one list, spread over the 30 academies, that waits for no moderator. */
export function listProfile({ name, list, members }: ListOrder): LoadProfile {
  return {
    name,
    streams: [{
      name: "lettre", senderClass: "institution", target: { kind: "list", list, members, atOnce: true },
      messages: 1, perSecond: 0.5, bytes, vus: 1,
    }],
    sendMsMax: 120_000, drainMsMax, honesty: { rateRatioMin: 0.95, cpuPercentMax: 50 },
  }
}

/** Serves a list as often as asked, each time on a lab of its own, with the settings `tuned`. Bounded: three hours to drain. */
export async function serveList(order: ListOrder, { repeats, seed, say }: Pick<BenchContext, "repeats" | "seed" | "say">): Promise<BenchOutcome> {
  const owner = ownership("en")
  const profile = listProfile(order)
  const served: ServedList[] = []
  for (let turn = 0; turn < repeats; turn += 1) {
    served.push(await withBenchLab({ release: tuned.path, seed: seed + turn }, owner, async ({ lab: { handle }, folder }, { stop }: Ownership) => {
      say(`making a list of ${order.members} members`)
      const file = await runLoad({ handle, profile, seed: seed + turn, runFolder: folder, say, signal: stop })
      return { file, transactions: await transactionsIn(join(folder, "ledger", profile.name), file.run) }
    }))
    const { file: { ledger } } = served.at(-1)!
    say(`run ${turn + 1} of ${repeats}: ${JSON.stringify(ledger?.figures?.total.fates ?? ledger?.gaps)}`)
  }
  return { figures: listFigures(served, order.members), samplesMin: 1, versions: { release: tuned.name }, measurements: served }
}

/** In how many transactions a load's copies came, by the records of the servers that took them; `null` without a record. */
export async function transactionsIn(folder: string, run: string): Promise<Transactions | null> {
  const files = (await readdir(folder)).filter((name) => ledgerFile(name)?.kind === "acceptances").map((name) => join(folder, name))
  if (files.length === 0) return null
  using database = await Database.open({ memoryMb: 500, threads: 2, temporaryFolder: join(folder, "temporary") })
  return await database.row<Transactions & Record<string, unknown>>(`
    with each_one as (
      select transaction, node, count(*) as copies from read_parquet(${fileList(files)}) where starts_with(id, ${literal(`${run}.`)}) group by all)
    select coalesce(sum(copies), 0)::bigint as copies, count(*) as transactions, count_if(copies = 1) as single from each_one`)
}

/** What a served list came to. `members`: how many there really were; it stands in the first figure's name. */
export function listFigures(served: readonly ServedList[], members: number): BenchFigure[] {
  const files = served.map(({ file }) => file)
  const reached = (percent: number) => files.flatMap((file) => secondsUntil(file, percent) ?? [])
  const all = `${members.toLocaleString("en")} members`
  const plain = (what: string, unit: string, samples: number[]): BenchFigure => ({ what, unit, samples, must: null, aim: null })
  const rate = (what: string, percent: number): BenchFigure => ({
    ...plain(what, "/s", reached(percent).map((seconds) => members * percent / 100 / seconds)), aim: readmePerSecond, bound: "at-least",
  })
  return [
    { ...plain(`${all}: without exactly one unaltered copy, by the ledger`, "", files.flatMap((file) => wrongCopies(file, members) ?? [])), must: 0, judgedBy: "worst" },
    plain("copies that came in a transaction of their own", "%", served.flatMap(({ transactions: one }) => one && one.copies > 0 ? [one.single / one.copies * 100] : [])),
    ...[50, 90, 99, 100].map((percent) => plain(`${percent} % of them have it after`, "s", reached(percent))),
    rate("members a second, up to 90 % of them (Sympa's README: 60)", 90), rate("members a second, all of them", 100),
    ...nodeFigures(files),
    plain("most memory of this process, since it began", "MB", files.flatMap(({ memory }) => memory ? [megabytes(memory.recetteBytes)] : [])),
    plain("most memory of the ledger", "MB", files.flatMap(({ memory }) => memory ? [megabytes(memory.ledgerBytes)] : [])),
    plain("generator and receiving servers of the platform's processor time", "%", files.flatMap(({ cpu }) => cpu ? [cpu.generatorPercent + cpu.catchersPercent] : [])),
  ]
}

/** High-water marks of each node, by the observation; of the disk where mail, data or a load's record lie on it. */
function nodeFigures(files: readonly LoadFile[]): BenchFigure[] {
  const seen = files.flatMap(({ observation }) => observation?.nodes ?? [])
  const marks = [["memory", "memoryBytes"], ["disk", "diskBytes"]] as const
  return marks.flatMap(([name, key]) => [...Map.groupBy(seen, ({ node }) => node)].flatMap(([node, own]) => {
    const samples = own.flatMap((one) => one[key] ?? []).map(megabytes)
    return samples.length === 0 ? [] : [{ what: `most ${name} of node ${node}`, unit: "MB", samples, must: null, aim: null }]
  }))
}

/** What the ledger counted is a fact; that it found nothing wrong is none where the generator was not honest. */
export function wrongCopies({ honest, ledger }: LoadFile, members: number): number | undefined {
  if (ledger?.figures == null) return undefined
  const { fates, marks } = ledger.figures.total
  const wrong = members - fates["delivered-once"] + fates.unexpected + marks.altered
  return honest || wrong > 0 ? wrong : undefined
}

/** Until so many per cent of the members had the message, from when it was due. */
export function secondsUntil({ ledger }: LoadFile, percent: number): number | undefined {
  const us = ledger?.figures?.audiences[0]?.reached.find((one) => one.percent === percent)?.maxUs
  return us == null ? undefined : us / 1_000_000
}

function megabytes(bytesUsed: number): number {
  return bytesUsed / 1e6
}
