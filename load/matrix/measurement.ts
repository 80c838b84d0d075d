import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { Database, fileList, literal } from "../ledger/database.ts"
import { ledgerFile, type FileKind } from "../ledger/ledger-files.ts"
import type { LoadFile } from "../load-file.ts"
import type { Measurement } from "./record.ts"

type Taken = Pick<Measurement, "due" | "taken" | "seconds" | "silenceSeconds">
export type Outcome = Pick<Measurement,
  "status" | "why" | "due" | "taken" | "seconds" | "perSecond" | "cpuSecondsPer1000" | "engineCpuSecondsPer1000" | "silenceSeconds" | "silent">

/** What is said of a load that did not come to be. */
export const nothingMeasured: Omit<Outcome, "status" | "why"> = {
  due: 0, taken: 0, seconds: null, perSecond: null, cpuSecondsPer1000: null, engineCpuSecondsPer1000: null, silenceSeconds: null, silent: false,
}

/** What a load came to; `folder` holds its send log and acceptances, `engines` are the nodes of list engines. */
export async function measure(
  file: LoadFile, { folder, engines, silenceSecondsMax }: { folder: string; engines: readonly string[]; silenceSecondsMax: number },
): Promise<Outcome> {
  const taken = await takenOf(file, folder)
  const { status, why } = judged(file, taken)
  const silent = taken.silenceSeconds !== null && taken.silenceSeconds >= silenceSecondsMax
  if (status !== "measured") return { ...nothingMeasured, ...taken, status, why, silent }
  const per1000 = (ms: number) => rounded(ms / taken.taken)
  const engineMs = file.cpu!.nodes.filter(({ node }) => engines.includes(node)).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  return {
    ...taken, status, why, silent, perSecond: taken.seconds ? rounded(taken.taken / taken.seconds) : null,
    // Milliseconds for one copy are seconds for a thousand.
    cpuSecondsPer1000: per1000(file.cpu!.platformMs), engineCpuSecondsPer1000: per1000(engineMs),
  }
}

/** Copies of the lists' messages, or of all where no list is in the load, from the first acceptance to the last copy. */
async function takenOf({ streams }: LoadFile, folder: string): Promise<Taken> {
  const lists = streams.filter(({ target }) => target.includes("@"))
  const counted = lists.length > 0 ? lists : streams
  const due = counted.reduce((sum, { target, asked, audienceRecipients }) => sum + asked.messages * (target === "direct" ? 1 : audienceRecipients), 0)
  const names = await readdir(folder)
  const files = (kind: FileKind) => names.filter((name) => ledgerFile(name)?.kind === kind).map((name) => join(folder, name))
  if (files("submissions").length === 0 || files("acceptances").length === 0) return { due, taken: 0, seconds: null, silenceSeconds: null }
  using database = await Database.open({ memoryMb: 200, threads: 1, temporaryFolder: join(folder, "temporary") })
  const row = await database.row<{ taken: number; acceptedUs: number | null; lastUs: number | null; silenceUs: number | null }>(`
    with sent as (
      select id, answered_us from read_parquet(${fileList(files("submissions"))})
      where stream in (${counted.map(({ name }) => literal(name)).join(", ")}) and refused = 0),
    moment as (
      select received_us as us, true as is_copy from read_parquet(${fileList(files("acceptances"))}) semi join sent using (id)
      union all select min(answered_us), false from sent),
    step as (select us, is_copy, us - lag(us) over (order by us) as since_us from moment)
    select count_if(is_copy) as taken, min(us) filter (not is_copy) as accepted_us, max(us) filter (is_copy) as last_us,
      max(since_us) filter (is_copy) as silence_us
    from step`)
  return {
    due, taken: row.taken,
    seconds: row.acceptedUs === null || row.lastUs === null ? null : (row.lastUs - row.acceptedUs) / 1e6,
    silenceSeconds: row.silenceUs === null ? null : row.silenceUs / 1e6,
  }
}

function judged({ drainedUs, sentUs, honest, honesty, ledger, failure }: LoadFile, { due, taken }: Taken): Pick<Outcome, "status" | "why"> {
  if (failure || ledger === null) return { status: "failed", why: [{ fr: failure?.message ?? "sans grand livre", en: failure?.message ?? "without a ledger" }] }
  if (drainedUs === null && sentUs !== null) {
    return {
      status: "stalled",
      why: [{ fr: `${taken} exemplaires sur ${due} quand le temps donné pour distribuer a pris fin`, en: `${taken} of ${due} copies when the time to deliver was over` }],
    }
  }
  if (ledger.figures === null) return { status: "no-record", why: ledger.gaps.map(({ what }) => ({ fr: what, en: what })) }
  const { fates, marks } = ledger.figures.total
  const wrong = Object.entries({ ...fates, ...marks }).filter(([fate, count]) => fate !== "delivered-once" && fate !== "contradicted" && count > 0)
  if (wrong.length > 0 || taken < due) {
    const text = wrong.map(([fate, count]) => `${count} ${fate}`).join(", ") || `${taken} / ${due}`
    return { status: "wrong", why: [{ fr: text, en: text }] }
  }
  if (!honest) return { status: "not-honest", why: honesty.filter(({ held }) => !held).map(({ sentence }) => sentence) }
  return { status: "measured", why: [] }
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
