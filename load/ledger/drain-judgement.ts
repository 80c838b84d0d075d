import type { Gap } from "./ledger-summary.ts"
import type { DrainRecord } from "./load-record.ts"

/**
 * Whether the platform is known to have been empty at the end: its stages were looked at in the order in which mail passes
 * them, then the first one again, and nothing was found (a message leaves a stage only when it stands in a later one
 * already); this covers every node; it began after the last answer to a sender; and no copy came after it.
 */
export function judgeDrain(
  drain: DrainRecord | null, { lastAnsweredUs, lastReceivedUs }: { lastAnsweredUs: number | null; lastReceivedUs: number | null },
): Gap[] {
  const gap = (what: string): Gap => ({ what, where: "record.json, drain", missing: null })
  if (!drain) return [gap("nobody waited for the platform to drain")]
  const { nodes, order, looks } = drain
  const uncounted = nodes.filter((node) => !order.some((stage) => stage.node === node))
  if (uncounted.length > 0) return [gap(`nobody counted what is left in: ${uncounted.join(", ")}`)]
  const row = looks.slice(-order.length - 1)
  if (row.length <= order.length || row.some((look, index) => nameOf(look) !== nameOf(order[index % order.length]!))) {
    return [gap("the last looks are no whole row over all stages that ends with its first one again")]
  }
  const full = row.filter(({ left }) => left > 0)
  if (full.length > 0) return [gap(`mail was left in: ${full.map((look) => `${nameOf(look)} (${look.left})`).join(", ")}`)]
  if (row.some((look, index) => look.endedUs < look.startedUs || (index > 0 && look.startedUs < row[index - 1]!.endedUs))) {
    return [gap("the last looks do not follow one another in time")]
  }
  if (lastAnsweredUs !== null && row[0]!.startedUs < lastAnsweredUs) return [gap("the last looks began while mail was still sent")]
  if (lastReceivedUs !== null && lastReceivedUs > row.at(-1)!.endedUs) return [gap("mail was delivered after the platform had been found empty")]
  return []
}

function nameOf({ node, stage }: { node: string; stage: string }): string {
  return `${node} ${stage}`
}
