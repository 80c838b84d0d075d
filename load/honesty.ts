import type { LedgerSummary } from "./ledger/ledger-summary.ts"
import type { HonestyCheck, LoadCpu, StreamOutcome } from "./load-file.ts"
import type { HonestyBounds } from "./load-profile.ts"

/** What a load was, as far as its own honesty is concerned. */
export interface LoadFacts {
  streams: readonly StreamOutcome[]
  droppedIterations: number
  /** How k6 ended: only `passed` is the end of all that was asked. */
  ending: string
  cpu: LoadCpu
  ledger: LedgerSummary
  /** A rising rate: what is late or not begun is what it looks for, and says nothing against the load. */
  isRamp?: boolean
}

/**
 * Whether the harness kept to what makes a load say something: all messages begun, at the rate asked, none dropped, samples
 * behind every stream, and little processor time beside the platform's. What the platform did with it is no matter here.
 */
export function honestyOf({ streams, droppedIterations, ending, cpu, ledger, isRamp = false }: LoadFacts, bounds: HonestyBounds): HonestyCheck[] {
  const harnessPercent = Math.round((cpu.generatorPercent + cpu.catchersPercent) * 10) / 10
  return [
    ...streams.flatMap((stream) => [
      ...isRamp ? [] : [messagesBegun(stream), rateReached(stream, bounds)],
      ...samples(stream, ledger, isRamp ? stream.achieved.messages : stream.asked.messages),
    ]),
    ...isRamp ? [] : [noneDropped(droppedIterations)],
    {
      check: "ending", stream: null, is: ending === "passed" ? 1 : 0, must: 1, held: ending === "passed",
      sentence: { fr: `le générateur a terminé ainsi : ${ending} ; il faut « passed »`, en: `the generator ended so: ${ending}; it must be passed` },
    },
    {
      check: "cpu", stream: null, is: harnessPercent, must: bounds.cpuPercentMax,
      // Without a measured platform there is nothing to compare with.
      held: cpu.platformMs > 0 && harnessPercent <= bounds.cpuPercentMax,
      sentence: {
        fr: `générateur et serveurs d'arrivée ont pris ${harnessPercent} % du temps processeur de la plate-forme (${cpu.platformMs} ms) ; au plus ${bounds.cpuPercentMax} %`,
        en: `generator and receiving servers took ${harnessPercent} % of the platform's processor time (${cpu.platformMs} ms); at most ${bounds.cpuPercentMax} %`,
      },
    },
  ]
}

function noneDropped(droppedIterations: number): HonestyCheck {
  return {
    check: "dropped", stream: null, is: droppedIterations, must: 0, held: droppedIterations === 0,
    sentence: {
      fr: `${droppedIterations} messages étaient dus sans qu'une session soit libre ; il n'en faut aucun`,
      en: `${droppedIterations} messages were due while no session was free; there must be none`,
    },
  }
}

function messagesBegun({ name, asked, achieved }: StreamOutcome): HonestyCheck {
  return {
    check: "messages", stream: name, is: achieved.messages, must: asked.messages, held: achieved.messages === asked.messages,
    sentence: {
      fr: `flux ${name} : ${achieved.messages} messages envoyés, ${asked.messages} demandés`,
      en: `stream ${name}: ${achieved.messages} messages were sent, ${asked.messages} were asked for`,
    },
  }
}

function rateReached({ name, asked, achieved }: StreamOutcome, { rateRatioMin }: HonestyBounds): HonestyCheck {
  const must = Math.round(asked.perSecond * rateRatioMin * 1_000) / 1_000
  return {
    check: "rate", stream: name, is: achieved.perSecond, must, held: achieved.perSecond >= must,
    sentence: {
      fr: `flux ${name} : ${achieved.perSecond} messages par seconde, ${asked.perSecond} demandés, ${must} au moins`,
      en: `stream ${name}: ${achieved.perSecond} messages a second, ${asked.perSecond} asked for, ${must} at least`,
    },
  }
}

/** Every recipient of every message of a stream must be behind its figures; where the ledger concludes nothing, it says why. */
function samples({ name, target, audience, audienceRecipients }: StreamOutcome, { figures }: LedgerSummary, messages: number): HonestyCheck[] {
  if (figures === null) return []
  const must = messages * (target === "direct" ? 1 : audienceRecipients)
  const counts = figures.audiences.find((one) => one.name === audience)?.counts
  const is = counts === undefined ? 0 : counts.recipients - counts.fates.unexpected
  return [{
    check: "samples", stream: name, is, must, held: is >= must,
    sentence: {
      fr: `flux ${name} : ${is} destinataires au grand livre, ${must} au moins`,
      en: `stream ${name}: ${is} recipients in the ledger, ${must} at least`,
    },
  }]
}
