import { isDeepStrictEqual } from "node:util"
import { spread } from "../bench.ts"
import type { CellFigures, Lever, Measurement, MatrixRun } from "./record.ts"

type Plan = Pick<MatrixRun, "bases" | "factors" | "cells" | "measurements">
type Figure = "perSecond" | "cpuSecondsPer1000" | "engineCpuSecondsPer1000"

/** Median, smallest and largest; `null` without a sample. */
export function spreadOf(samples: readonly number[]): CellFigures["perSecond"] {
  return samples.length === 0 ? null : { ...spread(samples), n: samples.length }
}

/** What was measured of each cell, in the order of the plan, and beside its base. */
export function figuresOf(plan: Plan): CellFigures[] {
  return plan.cells.map((cell) => {
    const own = measuredOf(plan, cell.name)
    const samples = (figure: Figure) => own.flatMap((one) => one[figure] ?? [])
    const base = plan.cells.find((one) => one.base === cell.base && one.changed.length === 0)
    const isBase = base === undefined || base.name === cell.name
    return {
      cell: cell.name, perSecond: spreadOf(samples("perSecond")),
      cpuSecondsPer1000: spreadOf(samples("cpuSecondsPer1000")), engineCpuSecondsPer1000: spreadOf(samples("engineCpuSecondsPer1000")),
      rateRatio: isBase ? null : spreadOf(ratios(plan, cell.name, base.name, "perSecond")),
      cpuRatio: isBase ? null : spreadOf(ratios(plan, cell.name, base.name, "cpuSecondsPer1000")),
    }
  })
}

/**
 * What each level does to each base, and in a full design to each combination of the other levels: the ratios of pairs of loads of
 * one repeat that differ in that factor alone, the other one at the base's level. Those that move the rate most come first,
 * either way; those that are not told apart come last.
 */
export function leversOf(plan: Plan): Lever[] {
  const levers = plan.cells.flatMap((cell) => cell.changed.flatMap((factor): Lever[] => {
    const { at } = plan.bases.find(({ name }) => name === cell.base)!
    const other = plan.cells.find((one) => one.base === cell.base && isDeepStrictEqual(one.levels, { ...cell.levels, [factor]: at[factor] }))
    const rateRatio = other ? spreadOf(ratios(plan, cell.name, other.name, "perSecond")) : null
    if (!other || rateRatio === null) return []
    return [{
      base: cell.base, factor, from: at[factor]!, to: cell.levels[factor]!,
      beside: Object.fromEntries(other.changed.map((name) => [name, cell.levels[name]!])),
      rateRatio, cpuRatio: spreadOf(ratios(plan, cell.name, other.name, "cpuSecondsPer1000")), told: sideOf(rateRatio) !== "not told apart",
    }]
  }))
  return levers.sort((one, other) => Number(other.told) - Number(one.told) || effect(other) - effect(one))
}

/** On which side of 1 all ratios of a rate lie; where they lie on both, noise may have put them there. */
export function sideOf({ min, max }: { min: number; max: number }): "slower" | "faster" | "not told apart" {
  return max < 1 ? "slower" : min > 1 ? "faster" : "not told apart"
}

/** The chance that noise alone puts all of so many ratios on one side of 1. */
export function chanceOfNoise(pairs: number): number {
  return Math.min(1, 2 ** (1 - pairs))
}

/** The chance that noise alone does so for one at least of several levers. */
export function chanceOfAnyNoise(pairs: readonly number[]): number {
  return 1 - pairs.reduce((none, count) => none * (1 - chanceOfNoise(count)), 1)
}

/** Share of loads that may stall, at 95 % confidence, where none of so many did: (1 - share) ** loads = 0.05. */
export function stallShareMax(loads: number): number {
  return 1 - 0.05 ** (1 / loads)
}

function effect({ rateRatio: { median } }: Lever): number {
  return Math.abs(Math.log(median))
}

/** Of one cell's loads and another's in the same repeat: what drifts with the time drifts for both. */
function ratios(plan: Plan, cell: string, other: string, figure: Figure): number[] {
  return measuredOf(plan, cell).flatMap((one) => {
    const pair = measuredOf(plan, other).find(({ repeat }) => repeat === one.repeat)
    const [of, by] = [one[figure], pair?.[figure]]
    return of == null || by == null || by === 0 ? [] : [of / by]
  })
}

function measuredOf({ measurements }: Plan, cell: string): Measurement[] {
  return measurements.filter((one) => one.cell === cell && one.status === "measured")
}
