import { serveList } from "../bench-list.ts"
import type { BenchContext, BenchFigure, BenchOutcome } from "../bench.ts"

export const membersByDefault = 100_000
/** A run takes two hours and its counts are exact: one says it. */
export const repeatsByDefault = 1

/**
 * One message to one list that one may leave: each of its members has a copy of their own, with their own link to leave in one
 * click (RFC 8058), as ariel-pr/2026.2 has it by itself.
 */
export async function run(context: BenchContext): Promise<BenchOutcome> {
  const { figures, ...outcome } = await serveList({ name: "personalised-100000", list: "info-personnels", members: context.members }, context)
  return { ...outcome, figures: figures.map(asOwnCopies) }
}

/** A copy that came together with another one was not its member's own: then something else was measured. */
export function asOwnCopies(figure: BenchFigure): BenchFigure {
  return figure.what.startsWith("copies that came in a transaction") ? { ...figure, must: 100, bound: "at-least", judgedBy: "worst" } : figure
}
