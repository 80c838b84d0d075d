import type { LoadFile, StreamOutcome } from "./load-file.ts"

type Figures = NonNullable<NonNullable<LoadFile["ledger"]>["figures"]>

/** One step of a rising rate, and whether the platform followed. */
export interface Step { stream: string; perSecond: number; reachedPerSecond: number; p99Ms: number | null; kept: boolean; why: string }

const rateRatioMin = 0.95

/**
 * The steps of a ramp in their order. A step is kept where all its messages were begun, at 95 % of their rate at least, all
 * were accepted, and 99 of 100 had arrived within the length of the step: what is sent in a step leaves in a step.
 */
export function stepsOf(streams: readonly StreamOutcome[], figures: Figures | null): Step[] {
  return streams.map(({ name, audience, asked, achieved }) => {
    const p99Us = figures?.audiences.find((one) => one.name === audience)?.latency?.p99Us ?? null
    const stepMs = asked.messages / asked.perSecond * 1_000
    const why = achieved.messages < asked.messages ? `${achieved.messages} of ${asked.messages} messages begun`
      : achieved.perSecond < asked.perSecond * rateRatioMin ? `${achieved.perSecond} a second`
      : achieved.accepted < achieved.messages ? `${achieved.messages - achieved.accepted} messages refused`
      : p99Us === null ? "nothing is known of its arrival"
      : p99Us / 1_000 > stepMs ? `p99 ${Math.round(p99Us / 1_000)} ms, longer than the step` : ""
    return { stream: name, perSecond: asked.perSecond, reachedPerSecond: achieved.perSecond, p99Ms: p99Us === null ? null : Math.round(p99Us / 1_000), kept: why === "", why }
  })
}

/** The last step of those before which all were kept; null where the first one was not. */
export function kneeOf(steps: readonly Step[]): Step | null {
  const first = steps.findIndex(({ kept }) => !kept)
  return steps[(first < 0 ? steps.length : first) - 1] ?? null
}
