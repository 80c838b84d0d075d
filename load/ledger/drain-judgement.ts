import type { Gap } from "./ledger-summary.ts"
import type { LoadRecord } from "./load-record.ts"

/**
 * Whether the platform is known to have been empty at the end: every stage of every node was looked at, in one row in
 * the order in which mail passes them, then the first one again, and nothing was found (a message leaves a stage only
 * when it stands in a later one already). The row began after the last answer to a sender, and nothing came after it.
 */
export function judgeDrain(
  drain: LoadRecord["drain"], { lastAnsweredUs, lastReceivedUs }: { lastAnsweredUs: number | null; lastReceivedUs: number | null },
): Gap[] {
  const gap = (what: string, missing: number | null = null): Gap => ({ what, where: "record.json, drain", missing })
  if (!drain) return [gap("nobody waited for the platform to drain")]
  const { nodes, looks } = drain
  const nameOf = ({ node, stage }: { node: string; stage: string }) => `${node} ${stage}`
  const wanted = nodes.flatMap(({ node, stages }) => stages.map((stage) => nameOf({ node, stage })))
  const unseen = wanted.filter((name) => !looks.some((look) => nameOf(look) === name))
  if (unseen.length > 0) return [gap(`nobody counted what is left in: ${unseen.join(", ")}`)]
  const row = looks.slice(-wanted.length - 1)
  const left = row.filter(({ left }) => left > 0)
  if (left.length > 0) return [gap(`mail was left in: ${left.map((look) => `${nameOf(look)} (${look.left})`).join(", ")}`)]
  const [first, last] = [row[0]!, row.at(-1)!]
  if (row.length <= wanted.length || new Set(row.map(nameOf)).size < wanted.length || nameOf(first) !== nameOf(last)) {
    return [gap("the last looks are no whole row over all stages that ends with its first one again")]
  }
  if (row.some((look, index) => look.endedUs < look.startedUs || (index > 0 && look.startedUs < row[index - 1]!.endedUs))) {
    return [gap("the last looks do not follow one another in time")]
  }
  if (lastAnsweredUs !== null && first.startedUs < lastAnsweredUs) return [gap("the last looks began while mail was still sent")]
  if (lastReceivedUs !== null && lastReceivedUs > last.endedUs) return [gap("mail was delivered after the platform had been found empty")]
  return []
}
