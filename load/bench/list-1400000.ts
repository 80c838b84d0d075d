import { serveList } from "../bench-list.ts"
import type { BenchContext, BenchOutcome } from "../bench.ts"

/** Agents of three ministries in 2022 (ac-amiens.fr): the largest electorate with a source. */
export const membersByDefault = 1_400_000
/** A run takes an hour or more and its counts are exact: one says it. */
export const repeatsByDefault = 1

/**
 * One message to one list of 1.4 million members that nobody may leave, whose copies go in packets: everyone exactly once, by
 * the ledger, how fast, and what it takes of memory and disk.
 */
export async function run(context: BenchContext): Promise<BenchOutcome> {
  return serveList({ name: "list-1400000", list: "info-elections", members: context.members }, context)
}
