import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import { academies } from "../../fixtures/academies.ts"
import { people } from "../../fixtures/people.ts"
import { Database, literal } from "./database.ts"
import type { LoadRecord } from "./load-record.ts"

/** The election's volume: 13 union lists, two messages each, to all electors: 26 624 000 deliveries. */
export const electors = 1_024_000
const lists = 13
const waves = 2
/** Electors who are served from one list before the next one has its turn. */
const turn = 1_000
const partRows = 1_000_000
const startUs = 1_795_536_318_000_000
const waveUs = 3_600_000_000
const turnUs = 100_000
const plantedEach = 3

/** What was planted, each as `id recipient`, sorted. */
export interface Planted { lost: string[]; duplicated: string[]; unexpected: string[]; altered: string[] }

/**
 * Writes a load as its writers would leave it: the same files for the same seed and number of electors (a multiple of
 * 1 000). The copies lie in the order in which they came, all lists of a wave in turn.
 */
export async function writeDeliveries(folder: string, { seed, electors, say }: { seed: number; electors: number; say: (line: string) => void }): Promise<Planted> {
  using database = await Database.open({ memoryMb: 1_000, threads: 2, temporaryFolder: join(folder, "temporary") })
  await makeMacros(database, seed)
  const total = electors * lists * waves
  const faults = faultsOf(seed, total)
  say(`writing ${total.toLocaleString("en")} deliveries`)
  await database.run(`copy (select list_address(list) as audience, place::integer as place, recipient(place) as recipient,
      0::bigint as since_us, ${Number.MAX_SAFE_INTEGER}::bigint as until_us
    from range(${lists}) as one(list), range(${electors}) as other(place) order by list, place)
    to ${literal(join(folder, "expected-fixtures.parquet"))} (format parquet)`)
  await database.run(`copy (select message_id(list, wave) as id, 'campagne' as stream, 'union' || list || '@syndicat.test' as sender,
      list_address(list) as target, content(list) as content, 0 as recipient_first, 1 as recipients, 0 as refused,
      ${startUs} + wave * ${waveUs} as intended_us, ${startUs} + wave * ${waveUs} + 40 as started_us,
      ${startUs} + wave * ${waveUs} + 9_000 as answered_us
    from range(${waves}) as one(wave), range(${lists}) as other(list))
    to ${literal(join(folder, "submissions-1.parquet"))} (format parquet)`)
  await database.run(`copy (select ''::varchar as id, '' as recipient, '' as class, '' as text limit 0)
    to ${literal(join(folder, "refusals-1.parquet"))} (format parquet)`)
  const parts = Math.ceil(total / partRows)
  for (let part = 0; part < parts; part += 1) {
    await writePart(database, part + 1, folder, `
      select * from ${copies(electors, `range(${part * partRows}, ${Math.min((part + 1) * partRows, total)})`, faults.altered)}
      where number not in (${faults.lost.join(", ")})`)
  }
  await writePart(database, parts + 1, folder, `select * from ${copies(electors, single(faults.duplicated))}`)
  await writePart(database, parts + 2, folder, `select * replace ('nobody' || number || '@ac-lyon.test' as recipient)
    from ${copies(electors, single(faults.unexpected))}`)
  await writeFile(join(folder, "record.json"), JSON.stringify(recordOf(total)))
  // Awaited here: the database closes on return, and a query that still runs would take the process with it.
  return await planted(database, electors, faults)
}

type Faults = Record<keyof Planted, number[]>

/** Numbers of copies, all different. */
function faultsOf(seed: number, total: number): Faults {
  const numbers = Array.from({ length: 4 * plantedEach }, (_, index) =>
    Math.floor(total / (4 * plantedEach)) * index + (seed * 7_919 + index * 104_729) % Math.floor(total / (4 * plantedEach)))
  const take = (from: number) => numbers.filter((_, index) => index % 4 === from)
  return { lost: take(0), duplicated: take(1), unexpected: take(2), altered: take(3) }
}

async function makeMacros(database: Database, seed: number): Promise<void> {
  const names = people({ seed, count: 500, domain: "x.test" }).map(({ address }) => address.replace(/\d*@.*/, ""))
  const domains = academies.map(({ domain }) => domain)
  const listOf = (texts: readonly string[]) => `[${texts.map(literal).join(", ")}]`
  await database.run(`create temp macro recipient(place) as
    ${listOf(names)}[(hash(place, ${seed}) % ${names.length})::bigint + 1] || place || '@' || ${listOf(domains)}[place % ${domains.length} + 1]`)
  await database.run("create temp macro list_address(list) as 'campagne-' || lpad((list + 1)::varchar, 2, '0') || '@listes.education.test'")
  await database.run("create temp macro message_id(list, wave) as 'bench.campagne.' || wave || '.' || list")
  await database.run("create temp macro content(list) as sha256('campagne ' || list)")
}

/** Copies by number: wave after wave, in turns of 1 000 electors of each list. */
function copies(electors: number, numbers: string, altered: readonly number[] = []): string {
  const perWave = electors * lists
  const perRound = turn * lists
  return `(
    select number, message_id(list, wave) as id, recipient(place) as recipient,
      (${startUs} + wave * ${waveUs} + round * ${turnUs} + 10_000 + hash(number) % ${2 * turnUs})::bigint as received_us,
      ${altered.length === 0 ? "content(list)" : `if(number in (${altered.join(", ")}), sha256('altered'), content(list))`} as content
    from (
      select number, number // ${perWave} as wave, number % ${perWave} // ${perRound} as round,
        number % ${perRound} // ${turn} as list, number % ${perWave} // ${perRound} * ${turn} + number % ${turn} as place
      from ${numbers} as all_numbers(number)))`
}

function single(numbers: readonly number[]): string {
  return `(select unnest([${numbers.join(", ")}]))`
}

async function writePart(database: Database, part: number, folder: string, query: string): Promise<void> {
  await database.run(`copy (
    select id, recipient, 'academies' as node, received_us, content, true as answered, 'academies-bench-' || number // 50 as transaction
    from (${query})) to ${literal(join(folder, `acceptances-academies.${part}.parquet`))} (format parquet)`)
}

async function planted(database: Database, electors: number, faults: Faults): Promise<Planted> {
  const of = async (numbers: readonly number[]) => database.rows<{ number: number; id: string; recipient: string }>(
    `select number, id, recipient from ${copies(electors, single(numbers))}`)
  const named = async (numbers: readonly number[]) => (await of(numbers)).map(({ id, recipient }) => `${id} ${recipient}`).sort()
  return {
    lost: await named(faults.lost), duplicated: await named(faults.duplicated), altered: await named(faults.altered),
    unexpected: (await of(faults.unexpected)).map(({ id, number }) => `${id} nobody${number}@ac-lyon.test`).sort(),
  }
}

function recordOf(total: number): LoadRecord {
  const at = startUs + waves * waveUs
  const look = (node: string, stage: string, number: number) =>
    ({ node, stage, left: 0, startedUs: at + number * 1_000, endedUs: at + number * 1_000 + 500 })
  return {
    schema: "recette.load-record/v1", profile: "bench", run: "bench", streams: [{ name: "campagne", senderClass: "union" }],
    writers: {
      submissions: [{ writer: "1", counted: { messages: lists * waves, accepted: lists * waves, refused: 0 } }],
      acceptances: [{ writer: "academies", counted: { recipients: total - plantedEach + 2 * plantedEach } }], bounces: [],
    },
    drain: {
      nodes: ["postfix", "sympa"], order: [{ node: "postfix", stage: "queue" }, { node: "sympa", stage: "spools" }],
      looks: [look("postfix", "queue", 0), look("sympa", "spools", 1), look("postfix", "queue", 2)],
    },
  }
}
