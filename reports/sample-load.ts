import { LoadFile, type Load, type LoadFigures } from "./load-shapes.ts"
import type { Requirement } from "./result-shapes.ts"

export const list = "info-personnels@listes.education.test"

type Counts = LoadFigures["total"]

export function sampleCounts(recipients: number, part: Partial<Counts["fates"]> = {}, rest: Partial<Counts> = {}): Counts {
  const others = Object.values(part).reduce((sum, count) => sum + count, 0)
  return {
    recipients, fates: { "delivered-once": recipients - others, duplicated: 0, lost: 0, unexpected: 0, bounced: 0, refused: 0, recovered: 0, ...part },
    marks: { altered: 0, contradicted: 0 }, extraCopies: 0, duplicatedUnanswered: 0, ...rest,
  }
}

/** A load of two streams that went well: 10 direct messages, and one to a list of 20. For tests. */
export function sampleLoad(part: Partial<Load> = {}): Load {
  const latency = { samples: 20, minUs: 90_000, p50Us: 400_000, p90Us: 900_000, p99Us: 1_200_000, maxUs: 1_234_000 }
  const reached = (maxUs: number) => [50, 90, 99, 100].map((percent) => ({ percent, messages: 1, never: 0, medianUs: maxUs, maxUs }))
  const achieved = { lagP99Ms: 2, lagMaxMs: 4 }
  return LoadFile.parse({
    schema: "recette.load/v1", profile: "smoke", run: "l1", startedUs: 1_795_536_318_000_000, sentUs: 1_795_536_328_000_000,
    drainedUs: 1_795_536_338_000_000, failure: null, droppedIterations: 0, ending: "passed", honest: true,
    streams: [
      { name: "lettre", senderClass: "institution", target: list, audience: list, audienceRecipients: 20, asked: { messages: 1, perSecond: 0.5 },
        achieved: { messages: 1, accepted: 1, perSecond: 0.5, ...achieved } },
      { name: "notes", senderClass: "application", target: "direct", audience: "notes", audienceRecipients: 5, asked: { messages: 10, perSecond: 1 },
        achieved: { messages: 10, accepted: 10, perSecond: 1, ...achieved } },
    ],
    cpu: { nodes: [{ node: "postfix", role: "platform", cpuMs: 900 }, { node: "generator", role: "generator", cpuMs: 40 }], clockMs: 20_000,
      platformMs: 900, generatorPercent: 4.4, catchersPercent: 0 },
    honesty: [{ check: "dropped", stream: null, held: true, is: 0, must: 0, sentence: { fr: "aucun", en: "none" } }],
    ledger: { conclusion: "reconciled", gaps: [], figures: {
      messages: 11, total: sampleCounts(30), latency, foreign: { acceptances: 0 }, examples: [],
      audiences: [{ name: list, counts: sampleCounts(20), latency, messages: 1, reached: reached(31_200_000) },
        { name: "notes", counts: sampleCounts(10), latency, messages: 10, reached: reached(1_000_000) }],
    } },
    ...part,
  })
}

/** The same, with what `change` does to its figures. */
export function changedLoad(change: (figures: LoadFigures) => void, part: Partial<Load> = {}): Load {
  const load = sampleLoad(part)
  change(load.ledger!.figures!)
  return load
}

export function sampleExample(offence: string, recipients: number): LoadFigures["examples"][number] {
  return {
    offence, recipients,
    first: [{
      id: "l1.notes.1.3", recipient: "anne@ac-lyon.test", fate: offence, altered: false, stream: "notes", audience: "notes", copies: 0,
      told: "accepted", bounce: null, transactions: [], path: [{ node: "postfix", key: "4X", line: "4X: message-id=<l1.notes.1.3@education.test>" }],
    }],
  }
}

/** Requirements that a load proves, one of each kind. */
export const loadRequirements: Partial<Requirement>[] = (["lost", "duplicated", "unexpected", "altered", "everybody-reached", "refused"] as const)
  .map((load, index) => ({
    id: `PERF-${String(index + 9).padStart(2, "0")}`, proof: { load }, severity: "bloquante",
    bounds: load === "everybody-reached" ? { everybodyMsMax: 60_000 } : {},
  }))
