import { chart, type ChartLine, type Values } from "./chart.ts"
import type { Load } from "./load-shapes.ts"
import { html, type Fragment } from "./markup.ts"
import { speak, table } from "./page-parts.ts"
import type { Language } from "./result-shapes.ts"
import type { Series } from "./series-shapes.ts"
import { bytesWords, decimal, durationWords, number, percent } from "./words.ts"

const linesMax = 4

/** The course of a load: what held it back, and how arrival, queues, times and processors went; nothing of one that was not watched. */
export function courseBody({ observation }: Load, series: Series | null, lang: Language): Fragment {
  return html`${observation ? bottleneckBody(observation, lang) : null}${series ? charts(series, lang) : null}${observation ? marksTable(observation, lang) : null}`
}

type Observation = NonNullable<Load["observation"]>

function bottleneckBody({ bottleneck: { sentence, evidence } }: Observation, lang: Language): Fragment {
  return html`<p><strong>${sentence[lang]}</strong></p>
<ul class="plain">${evidence.map((fact) => html`<li>${fact[lang]}</li>`)}</ul>
`
}

function charts(series: Series, lang: Language): Fragment {
  const say = speak(lang)
  const { profile, stepSeconds, flow, latency, queues, nodes, machine } = series
  const drawn = (name: string, title: string, lines: ChartLine[], words: (value: number) => string, axisWords = words) =>
    lines.length === 0 ? null : chart({ id: `course-${profile}-${name}`, title, lines, stepSeconds, words, axisWords, lang })
  const count = (value: number) => number(value, lang)
  // Beside an axis there is no room for many digits.
  const shortCount = (value: number) => value >= 1e6 ? `${decimal(value / 1e6, lang)} M` : value >= 1e4 ? `${decimal(value / 1e3, lang)} k` : count(value)
  const ms = (value: number) => durationWords(value, lang)
  const seconds = (value: number) => `${decimal(value / 1_000, lang)} s`
  const core = (value: number) => percent(Math.round(value), lang)
  return html`${drawn("flow", say("Destinataires : dus, acceptés, servis ; et messages en attente", "Recipients: due, accepted, served; and messages waiting"), [
    { name: say("dus", "due"), values: upTo(flow.due) }, { name: say("acceptés", "accepted"), values: upTo(flow.accepted) },
    { name: say("servis", "served"), values: upTo(flow.delivered) },
    ...queues.length === 0 ? [] : [{ name: say("messages en attente, toutes files", "messages waiting, all queues"), values: allOf(queues.map(({ depth }) => depth)) }],
  ], count, shortCount)}${drawn("queues", say("Messages en attente, par file", "Messages waiting, by queue"),
    fullest(queues, ({ depth }) => depth).map(({ node, queue, depth }) => ({ name: `${node} ${queue}`, values: depth })), count, shortCount)}${
    latency.p50Ms.every((value) => value === null) ? null
      : drawn("latency", say("Temps depuis l'heure due, des exemplaires qui arrivent", "Time since due, of the copies that arrive"), [
        { name: say("médiane", "median"), values: latency.p50Ms }, { name: "90 %", values: latency.p90Ms }, { name: "99 %", values: latency.p99Ms },
      ], ms, seconds)}${drawn("processors", say("Processeur, en part d'un cœur", "Processor, share of one core"), [
    ...machine ? [{ name: say(`machine entière (${machine.cores} cœurs)`, `whole machine (${machine.cores} cores)`), values: machine.busyPercent.map((busy) => busy === null ? null : busy * machine.cores) }] : [],
    ...fullest(nodes, ({ cpuPercent }) => cpuPercent).slice(0, machine ? linesMax - 1 : linesMax).map(({ node, cpuPercent }) => ({ name: node, values: cpuPercent })),
  ], core)}`
}

function marksTable({ nodes, sampling }: Observation, lang: Language): Fragment {
  const say = speak(lang)
  const orDash = (value: number | null, words: (value: number) => string) => value === null ? "–" : words(value)
  return html`${table(say("Le plus qu'a pris chaque nœud", "The most that each node took"),
    [say("Nœud", "Node"), say("Processeur, d'un cœur", "Processor, of one core"), say("Mémoire", "Memory"), say("Fichiers ouverts", "Open files"), say("Files et données sur disque", "Queues and data on disk")],
    nodes.toSorted((one, other) => other.cpuPercent - one.cpuPercent).map(({ node, cpuPercent, memoryBytes, descriptors, diskBytes }) => [
      node, percent(Math.round(cpuPercent), lang), bytesWords(memoryBytes, lang), orDash(descriptors, (value) => number(value, lang)), orDash(diskBytes, (value) => bytesWords(value, lang)),
    ]))}
<p class="quiet">${say(`L'observation elle-même a pris ${decimal(sampling.percentOfCore, lang)} % d'un cœur (${number(sampling.looks, lang)} regards).`,
    `The observation itself took ${decimal(sampling.percentOfCore, lang)} % of one core (${number(sampling.looks, lang)} looks).`)}${
    sampling.gaps.map(({ node, why }) => say(` ${node} n'a pas été vu jusqu'au bout : ${why}.`, ` ${node} was not seen to the end: ${why}.`))}</p>`
}

/** All that came until each step. */
function upTo(amounts: readonly number[]): number[] {
  let total = 0
  return amounts.map((amount) => total += amount)
}

function allOf(rows: readonly Values[]): Values {
  return (rows[0] ?? []).map((_, step) => rows.every((row) => row[step] == null) ? null : rows.reduce((sum, row) => sum + (row[step] ?? 0), 0))
}

/** Those with most over the whole time, in that order. */
function fullest<Row>(rows: readonly Row[], values: (row: Row) => Values): Row[] {
  const held = (row: Row) => values(row).reduce<number>((sum, value) => sum + (value ?? 0), 0)
  return rows.filter((row) => held(row) > 0).toSorted((one, other) => held(other) - held(one)).slice(0, linesMax)
}
