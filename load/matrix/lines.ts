import { grouped } from "../electorate.ts"
import { chanceOfAnyNoise, chanceOfNoise, spreadOf, stallShareMax } from "./effects.ts"
import type { CellFigures, Lever, MatrixRun, Measurement } from "./record.ts"

type Lang = "fr" | "en"
type Spread = NonNullable<CellFigures["perSecond"]>

const statusWords: Record<Measurement["status"], Record<Lang, string>> = {
  "measured": { fr: "mesuré", en: "measured" },
  "stalled": { fr: "ARRÊTÉ", en: "STALLED" },
  "wrong": { fr: "EXEMPLAIRES FAUX", en: "WRONG COPIES" },
  "not-honest": { fr: "charge malhonnête, aucun chiffre", en: "load not honest, no figure" },
  "no-record": { fr: "relevé incomplet, aucun chiffre", en: "record not whole, no figure" },
  "failed": { fr: "le laboratoire a échoué", en: "the lab failed" },
}

/** What one load came to, in one line without its cell. */
export function measurementText(measurement: Measurement, lang: Lang): string {
  const { status, why, perSecond, cpuSecondsPer1000, silenceSeconds, silent, machineLoad } = measurement
  const silence = silent ? `; ${{ fr: "silence de", en: "silent for" }[lang]} ${silenceSeconds!.toFixed(1)} s` : ""
  if (status !== "measured") return `${statusWords[status][lang]}: ${why.map((one) => one[lang]).join("; ")}${silence}`
  return lang === "fr"
    ? `${figure(perSecond!)} destinataires par seconde, ${figure(cpuSecondsPer1000!)} s de processeur pour 1 000${silence} (machine chargée à ${machineLoad})`
    : `${figure(perSecond!)} recipients a second, ${figure(cpuSecondsPer1000!)} s of processor time for 1 000${silence} (machine load ${machineLoad})`
}

/** The table of all cells, the levers in order of their gain, and what was seen of stalls. */
export function matrixLines(run: MatrixRun, lang: Lang): string[] {
  const french = lang === "fr"
  const parameters = Object.entries(run.parameters).map(([name, value]) => `${name} ${grouped(value)}`).join(", ")
  return [
    `${french ? "matrice" : "matrix"} ${run.matrix}${french ? " : " : ": "}${run.summary[lang]}`,
    `${french ? "charge" : "load"} ${run.profile} (${parameters}); ${run.measurements.length}/${run.order.flat().length} ${french ? "charges" : "loads"}${
      run.labs.length > 1 ? french ? `, sur ${run.labs.length} laboratoires, après interruption` : `, on ${run.labs.length} labs, after an interruption` : ""}`,
    ...run.bases.map(({ name, release, digest, at }) =>
      `${name}${french ? " : " : ": "}${release} (${digest.slice(0, 15)}), ${Object.entries(at).map(([factor, level]) => `${factor} ${level}`).join(", ")}`),
    "", ...tableLines(run, lang), ...notMeasuredLines(run, lang),
    ...run.bases.flatMap(({ name }) => leverLines(run, name, lang)),
    "", ...stallLines(run, lang),
  ]
}

function tableLines({ figures }: MatrixRun, lang: Lang): string[] {
  const header = {
    fr: ["", "destinataires/s", "s de processeur pour 1 000", "dont moteur de listes", "débit / base", "processeur / base", "n"],
    en: ["", "recipients/s", "processor s for 1 000", "of it list engine", "rate / base", "processor / base", "n"],
  }[lang]
  const rows = figures.map(({ cell, perSecond, cpuSecondsPer1000, engineCpuSecondsPer1000, rateRatio, cpuRatio }) => [
    cell, ...[perSecond, cpuSecondsPer1000, engineCpuSecondsPer1000, rateRatio, cpuRatio].map((one) => one ? spreadText(one, lang) : "-"), String(perSecond?.n ?? 0),
  ])
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row) => row.map((text, column) => text.padEnd(widths[column]!)).join("  ").trimEnd())
}

function notMeasuredLines({ measurements }: MatrixRun, lang: Lang): string[] {
  return measurements.filter(({ status }) => status !== "measured")
    .map((one) => `${one.cell}, ${lang === "fr" ? "passage" : "repeat"} ${one.repeat + 1}: ${measurementText(one, lang)} (${one.folder})`)
}

function leverLines({ levers, cells }: MatrixRun, base: string, lang: Lang): string[] {
  const own = levers.filter((lever) => lever.base === base)
  if (own.length === 0) return []
  const french = lang === "fr"
  const told = own.filter((lever) => lever.told)
  const noise = own.filter((lever) => !lever.told)
  const fewest = Math.min(...own.map(({ rateRatio: { n } }) => n))
  const any = chanceOfAnyNoise(own.map(({ rateRatio: { n } }) => n))
  const lost = cells.filter((cell) => cell.base === base && cell.changed.length === 1)
    .filter(({ changed, levels }) => !own.some(({ factor, to }) => factor === changed[0] && to === levels[factor]))
  return [
    "", french ? `leviers autour de ${base}, le plus fort d'abord` : `levers around ${base}, the strongest first`,
    ...told.map((lever, place) => `  ${place + 1}. ${leverText(lever, lang)}`),
    ...noise.length === 0 ? [] : [`  ${french ? "pas distingués du bruit" : "not told apart from noise"}: ${noise.map((lever) => leverText(lever, lang)).join("; ")}`],
    ...lost.length === 0 ? [] : [`  ${french ? "sans chiffre" : "without a figure"}: ${lost.map(({ name }) => name).join(", ")}`],
    french ? `  le bruit seul mettrait ${fewest} rapports du même côté de 1 avec une probabilité de ${percent(chanceOfNoise(fewest))}, et ceux d'un de ces ${own.length} leviers au moins de ${percent(any)}`
      : `  noise alone would put ${fewest} ratios on one side of 1 with a chance of ${percent(chanceOfNoise(fewest))}, and those of one at least of these ${own.length} levers of ${percent(any)}`,
  ]
}

function leverText({ factor, from, to, beside, rateRatio, cpuRatio }: Lever, lang: Lang): string {
  const french = lang === "fr"
  const { median, min, max } = rateRatio
  const cpu = cpuRatio ? `, ${french ? "temps processeur" : "processor time"} ×${spreadText(cpuRatio, lang)}` : ""
  const others = Object.entries(beside).map(([name, level]) => `${name} ${level}`).join(", ")
  return `${factor} ${from} → ${to}${others && ` (${others})`}: ${french ? "débit" : "rate"} ×${figure(median)} (${figure(min)} ${french ? "à" : "to"} ${figure(max)}, n ${rateRatio.n})${cpu}`
}

function stallLines({ measurements, silenceSecondsMax }: MatrixRun, lang: Lang): string[] {
  const loads = measurements.filter(({ status }) => ["measured", "stalled", "wrong"].includes(status))
  const stalls = loads.filter(({ status, silent }) => status === "stalled" || silent)
  const longest = spreadOf(loads.flatMap(({ silenceSeconds }) => silenceSeconds ?? []))
  const french = lang === "fr"
  if (loads.length === 0) return []
  const silence = longest ? french ? ` ; plus long silence ${figure(longest.max)} s` : `; longest silence ${figure(longest.max)} s` : ""
  if (stalls.length > 0) {
    return [french ? `arrêts : ${stalls.length} en ${loads.length} charges (${stalls.map(({ cell, folder }) => `${cell}, ${folder}`).join("; ")})${silence}`
      : `stalls: ${stalls.length} in ${loads.length} loads (${stalls.map(({ cell, folder }) => `${cell}, ${folder}`).join("; ")})${silence}`]
  }
  const share = percent(stallShareMax(loads.length))
  return [french ? `arrêts : aucun en ${loads.length} charges (silence de ${silenceSecondsMax} s ou plus, ou exemplaires manquants à la fin)${silence} ; au plus ${share} des charges, à 95 %`
    : `stalls: none in ${loads.length} loads (silence of ${silenceSecondsMax} s or more, or copies missing at the end)${silence}; at most ${share} of loads, at 95 %`]
}

function spreadText({ median, min, max }: Spread, lang: Lang): string {
  return `${figure(median)} (${figure(min)} ${lang === "fr" ? "à" : "to"} ${figure(max)})`
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)))
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`
}
