import { join } from "node:path"
import { academies } from "../../fixtures/academies.ts"
import { list as listFixture } from "../../fixtures/lists.ts"
import { markOf } from "../../fixtures/mark.ts"
import type { LabHandle } from "../../lab/handle.ts"
import { StartedMariaDbContainer } from "../../lab/mariadb.ts"
import { ownership } from "../../lab/own-lab.ts"
import { platformOfRun } from "../../lab/platform.ts"
import { unlessStopped } from "../../lab/stop-signal.ts"
import { StartedSympaContainer, type IncludeOutcome, type MailingList } from "../../lab/sympa.ts"
import { withBenchLab } from "../bench-lab.ts"
import type { BenchContext, BenchFigure, BenchOutcome } from "../bench.ts"
import { Observation } from "../observation.ts"
import { peaksIn, type Peak, type Span } from "../observed-peaks.ts"
import { academyPeople } from "../prepare.ts"

const release = "ariel-pr/2026.2"
/** Of the members, who leave and who come before the third include. */
const changedShare = 0.01
const watched = ["sympa", "mariadb"]

export const membersByDefault = 1_400_000
/** Three includes of so many take hours, and their counts are exact: one run says it. */
export const repeatsByDefault = 1

export type IncludeName = "first" | "unchanged" | "changed"
const texts: Record<IncludeName, string> = {
  first: "first include", unchanged: "include in which nothing changed", changed: "include in which 1 % left and 1 % came",
}

/** One include: its time, what Sympa said of it, and how the members then stood beside those of the database. */
export interface Include { name: IncludeName; seconds: number; outcome: IncludeOutcome; due: Rows; are: Rows; expected: { added: number; updated: number } }

/** How many, and a checksum of their addresses in which their order does not count. */
export interface Rows { count: number; checksum: string }

export interface IncludeRun { members: number; writeSeconds: number; includes: Include[]; peaks: Peak[] }

/**
 * A list whose members come from the staff database by SQL: how long its include takes, at first, when nothing changed and when
 * one in a hundred left and as many came, and the most memory meanwhile; exactly the members of the database are on it each time.
 * Sympa's own hourly include is held, which would do the work of one of the three. No bound of time.
 */
export async function run({ repeats, seed, say, members }: BenchContext): Promise<BenchOutcome> {
  const owner = ownership("en")
  const runs: IncludeRun[] = []
  for (let turn = 0; turn < repeats; turn += 1) {
    // The lab gives a source 6 s, in which a million rows are not read; production gives it 300.
    const order = { release, seed: seed + turn, unshortened: ["sql_fetch_timeout"] }
    runs.push(await withBenchLab(order, owner, ({ lab: { handle }, folder }, { stop }) =>
      unlessStopped(stop, includesOn(handle, { folder, seed: seed + turn, members, say }))))
  }
  return { figures: includeFigures(runs), samplesMin: 1, versions: { release }, measurements: runs }
}

async function includesOn(
  handle: LabHandle, { folder, seed, members, say }: Pick<BenchContext, "seed" | "members" | "say"> & { folder: string },
): Promise<IncludeRun> {
  const sympa = new StartedSympaContainer(handle)
  const mariadb = new StartedMariaDbContainer(handle)
  const observed = join(folder, "load", "observation.ndjson")
  const spans: Span[] = []
  const includes: Include[] = []
  try {
    await using observation = await Observation.start(handle, observed)
    await sympa.holdTasks()
    const source = await makeSource(sympa, handle)
    const changed = Math.round(members * changedShare)
    const people = academyPeople({ seed, mark: source.mark, each: Math.ceil((members + changed) / academies.length) })
    const add = (from: number, until: number) => mariadb.addAgents(people.slice(from, until).map((person) => ({ ...person, post: source.mark })))
    const started = performance.now()
    await add(0, members)
    const writeSeconds = (performance.now() - started) / 1_000
    say(`${members} agents written in ${Math.round(writeSeconds)} s`)
    const include = async (name: IncludeName, expected: Include["expected"]) => {
      const fromUs = nowUs()
      const outcome = await sympa.include(source.list)
      spans.push({ name, fromUs, untilUs: nowUs() })
      const seconds = (spans.at(-1)!.untilUs - fromUs) / 1e6
      includes.push({ name, seconds, outcome, expected, ...await rowsOf(mariadb, source) })
      say(`${texts[name]}: ${seconds.toFixed(1)} s, ${JSON.stringify(outcome)}, ${includes.at(-1)!.are.count} members`)
    }
    spans.push({ name: "rest", fromUs: nowUs(), untilUs: nowUs() })
    await include("first", { added: members, updated: 0 })
    await include("unchanged", { added: 0, updated: members })
    await mariadb.query("UPDATE staff.agent SET active = 0 WHERE post = ? ORDER BY address LIMIT ?", [source.mark, changed])
    await add(members, members + changed)
    await include("changed", { added: changed, updated: members - changed })
    await observation.end()
    return { members, writeSeconds, includes, peaks: await peaksIn(observed, spans, watched) }
  } finally {
    await Promise.all([sympa.close(), mariadb.close()])
  }
}

interface Source { list: MailingList; mark: string }

/** A list that includes all active agents with a post of their own; there are none yet, so it is made empty. */
async function makeSource(sympa: StartedSympaContainer, handle: LabHandle): Promise<Source> {
  const mark = markOf("l", handle.run)
  const fixture = listFixture("info-elections", { domain: platformOfRun(handle.resultsFolder).domains[0]!, mark })
  const query = `SELECT address, CONCAT(given_name, ' ', family_name) FROM agent WHERE active = 1 AND post = '${mark}'`
  return { mark, list: await sympa.createList({ ...fixture, includeSql: { query } }) }
}

/** Who must be on the list, and who is. */
async function rowsOf(mariadb: StartedMariaDbContainer, { mark, list }: Source): Promise<{ due: Rows; are: Rows }> {
  const rows = async (column: string, from: string, values: unknown[]) => {
    // 60 bits of each address' hash, as text: a number would lose some of them.
    const [row] = await mariadb.query<{ count: number; checksum: string }>(
      `SELECT COUNT(*) AS count, HEX(BIT_XOR(CAST(CONV(LEFT(MD5(LOWER(${column})), 15), 16, 10) AS UNSIGNED))) AS checksum FROM ${from}`, values)
    return { count: Number(row!.count), checksum: row!.checksum }
  }
  return {
    due: await rows("address", "staff.agent WHERE active = 1 AND post = ?", [mark]),
    are: await rows("user_subscriber", "sympa.subscriber_table WHERE list_subscriber = ? AND robot_subscriber = ?", [list.name, list.robot]),
  }
}

export function includeFigures(runs: readonly IncludeRun[]): BenchFigure[] {
  const plain = (what: string, unit: string, samples: number[]): BenchFigure => ({ what, unit, samples, must: null, aim: null })
  const peak = (span: string, node: string, key: "memoryBytes" | "diskBytes") => runs.flatMap(({ peaks }) =>
    peaks.filter((one) => one.span === span && one.node === node).flatMap((one) => one[key] === null ? [] : [one[key] / 1e6]))
  const names = Object.keys(texts) as IncludeName[]
  const all = `${(runs[0]?.members ?? 0).toLocaleString("en")} members by SQL`
  return [
    { ...plain(`${all}: includes after which others were on the list than were due`, "", runs.map(({ includes }) => includes.filter(isWrong).length)), must: 0, judgedBy: "worst" },
    ...names.map((name) => plain(texts[name], "s", runs.flatMap(({ includes }) => includes.filter((one) => one.name === name).map(({ seconds }) => seconds)))),
    ...watched.flatMap((node) => [
      plain(`most memory of node ${node}: before`, "MB", peak("rest", node, "memoryBytes")),
      ...names.map((name) => plain(`most memory of node ${node}: ${texts[name]}`, "MB", peak(name, node, "memoryBytes"))),
    ]),
    plain("disk of the database: before", "MB", peak("rest", "mariadb", "diskBytes")),
    plain("disk of the database: at the end", "MB", peak("changed", "mariadb", "diskBytes")),
  ]
}

/** Sympa's own counts must be what was changed, too: else the include did another work than the one that was timed. */
function isWrong({ due, are, outcome: { included, failed }, expected }: Include): boolean {
  const [source, ...others] = included
  const worked = failed.length === 0 && others.length === 0 && source?.added === expected.added && source.updated === expected.updated
  return !worked || due.count !== are.count || due.checksum !== are.checksum
}

function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000)
}
