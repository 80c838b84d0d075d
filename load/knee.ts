import type { LoadFile, StreamOutcome } from "./load-file.ts"
import type { Sentence } from "./load-profile.ts"

type Figures = NonNullable<NonNullable<LoadFile["ledger"]>["figures"]>

/** One step of a rising rate, and whether the platform followed. */
export interface Step { stream: string; perSecond: number; reachedPerSecond: number; p99Ms: number | null; kept: boolean; /** In what it was not kept. */ why: Sentence | null }

const rateRatioMin = 0.95

/**
 * The steps of a ramp in their order. A step is kept where all its messages were begun, at 95 % of their rate at least, all
 * were accepted, and 99 of 100 had arrived within the length of the step: what is sent in a step leaves in a step.
 */
export function stepsOf(streams: readonly StreamOutcome[], figures: Figures | null): Step[] {
  return streams.map(({ name, audience, asked, achieved }) => {
    const p99Us = figures?.audiences.find((one) => one.name === audience)?.latency?.p99Us ?? null
    const stepMs = asked.messages / asked.perSecond * 1_000
    const p99Ms = p99Us === null ? null : Math.round(p99Us / 1_000)
    const both = (fr: string, en: string): Sentence => ({ fr, en })
    const refused = achieved.messages - achieved.accepted
    const why = achieved.messages < asked.messages ? both(`${achieved.messages} messages commencés sur ${asked.messages}`, `${achieved.messages} of ${asked.messages} messages begun`)
      : achieved.perSecond < asked.perSecond * rateRatioMin ? both(`${achieved.perSecond} par seconde`, `${achieved.perSecond} a second`)
      : refused > 0 ? both(`${refused} messages refusés`, `${refused} messages refused`)
      : p99Ms === null ? both("rien n'est connu de son arrivée", "nothing is known of its arrival")
      : p99Ms > stepMs ? both(`99 % en ${p99Ms} ms, plus que le palier`, `p99 ${p99Ms} ms, longer than the step`) : null
    return { stream: name, perSecond: asked.perSecond, reachedPerSecond: achieved.perSecond, p99Ms, kept: why === null, why }
  })
}

/** The last step of those before which all were kept; null where the first one was not. */
export function kneeOf(steps: readonly Step[]): Step | null {
  const first = steps.findIndex(({ kept }) => !kept)
  return steps[(first < 0 ? steps.length : first) - 1] ?? null
}
