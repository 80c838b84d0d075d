import { Faker, base as locale } from "@faker-js/faker"
import { spread, type BenchFigure } from "./bench.ts"
import { sideOf } from "./matrix/effects.ts"

// Whether a platform that was made slower is told apart from noise: pairs of loads, and the same rule by which a matrix tells a
// lever (matrix/effects.ts): all ratios of the rate lie on one side of 1.

/** How the platform was during a load. `again`: as it is, a second time, for pairs in which nothing differs. */
export type Side = "as it is" | "again" | "slowed"
export const sides: readonly Side[] = ["as it is", "again", "slowed"]

/** One load; `perSecond` is `null` where it gave no figure, and `why` says why. */
export interface SideLoad {
  run: number; pair: number; side: Side; perSecond: number | null; why: string[]
  /** Cores that the slowed node had; `null`: all of them. */
  cores: number | null
  machineLoad: number; seconds: number
}

export type Said = ReturnType<typeof sideOf>

/** How slow the platform is to be made, as a ratio of its rate. */
export const wanted = 0.8

/** The loads of a run: so many times all three sides, each time in an order of its own that the seed gives again. */
export function orderOfRun(pairs: number, seed: number): Pick<SideLoad, "pair" | "side">[] {
  const faker = new Faker({ locale, seed })
  return Array.from({ length: pairs }, (_, pair) => faker.helpers.shuffle([...sides]).map((side) => ({ pair, side }))).flat()
}

/** Rate of one side by that of the other, for each pair of a run that has both. */
export function ratiosOf(loads: readonly SideLoad[], side: Side, other: Side): number[] {
  return [...Map.groupBy(loads, ({ pair }) => pair).values()].flatMap((pair) => {
    const [one, by] = [side, other].map((wantedSide) => pair.find((load) => load.side === wantedSide)?.perSecond)
    return one == null || by == null || by === 0 ? [] : [one / by]
  })
}

/** What is said of the ratios of a run; with fewer pairs than it was to have, nothing is told apart. */
export function verdictOf(ratios: readonly number[], pairs: number): Said {
  return ratios.length < pairs || ratios.length === 0 ? "not told apart" : sideOf(spread(ratios))
}

/** A limit that was tried: cores that the slowed node had, and both rates, in messages a second. */
export interface Trial { cores: number; asItIs: number; slowed: number }

/** So many of the last trials say what the limit must be: other work on the machine comes and goes. */
const trialsRemembered = 5

/** The trial that a pair of a run was as well; `undefined` where one of its loads gave no figure. */
export function trialIn(pair: readonly Pick<SideLoad, "side" | "perSecond" | "cores">[]): Trial | undefined {
  const [asItIs, slowed] = (["as it is", "slowed"] as const).map((side) => pair.find((load) => load.side === side))
  if (asItIs?.perSecond == null || slowed?.perSecond == null || slowed.cores === null) return undefined
  return { cores: slowed.cores, asItIs: asItIs.perSecond, slowed: slowed.perSecond }
}

/**
 * The limit under which the rate should be `wanted` of what it is. What a processor limits has a rate in proportion to it, and
 * from trial to trial the machine differs more than that; where a limit was too wide to bite, this one is narrower.
 */
export function coresFor(all: readonly Trial[]): number {
  const trials = all.slice(-trialsRemembered)
  const perCore = spread(trials.map(({ cores, slowed }) => slowed / cores)).median
  return wanted * spread(trials.map(({ asItIs }) => asItIs)).median / perCore
}

/** Figures of all runs: what was told apart, what was falsely, and how much slower the platform really was. */
export function slowerFigures(loads: readonly SideLoad[], pairs: number): BenchFigure[] {
  const runs = [...Map.groupBy(loads, ({ run }) => run).values()]
  const said = (side: Side, are: readonly Said[]) => runs.map((run) => are.includes(verdictOf(ratiosOf(run, side, "as it is"), pairs)) ? 1 : 0)
  const ratios = (side: Side) => runs.flatMap((run) => ratiosOf(run, side, "as it is"))
  const rates = (side: Side) => loads.flatMap((load) => load.side === side ? load.perSecond ?? [] : [])
  return [
    { what: `runs of ${pairs} pairs in which the slowed platform was said to be slower`, unit: "", samples: said("slowed", ["slower"]), must: 0.9, aim: 1, bound: "at-least", judgedBy: "mean" },
    { what: "runs with a false alarm: said to differ where nothing did", unit: "", samples: said("again", ["slower", "faster"]), must: null, aim: 0.1, judgedBy: "mean" },
    { what: "rate slowed / as it is, each pair", unit: "x", samples: ratios("slowed"), must: null, aim: 0.75, bound: "at-least" },
    { what: "rate as it is again / as it is, each pair", unit: "x", samples: ratios("again"), must: null, aim: null },
    { what: "messages a second as it is", unit: "/s", samples: [...rates("as it is"), ...rates("again")], must: null, aim: null },
    { what: "messages a second slowed", unit: "/s", samples: rates("slowed"), must: null, aim: null },
  ]
}
