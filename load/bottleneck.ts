import type { Bottleneck } from "./load-file.ts"
import type { Series } from "./series.ts"
import { waitingSpools } from "../lab/sympa-spool.ts"

type Row = readonly (number | null)[]

/** From where on something counts as at its limit: assumptions of this project, in percent of the time unless they say otherwise. */
export const limits = {
  /** A copy that spends less in the platform, on average over all, is not held back by anything. */
  secondsInPlatform: 2,
  processOfCore: 85, machineBusy: 90, machineIsLabs: 60, throttled: 10, diskWait: 30, memoryWait: 10, receiverOfCore: 85,
} as const

/**
 * What held a load back, from what was seen while most was under way (at least half of the most that ever was): which queue
 * it stood in, and what was at its limit meanwhile. Where nothing was, processes wait for something else than a resource.
 */
export function bottleneckOf(series: Series): Bottleneck {
  const underWay = underWayIn(series)
  const inAll = sum(series.flow.delivered)
  const secondsEach = inAll === 0 ? 0 : sum(underWay) * series.stepSeconds / inAll
  const most = Math.max(0, ...underWay)
  const busySteps = underWay.flatMap((recipients, step) => recipients > 0 && recipients >= most / 2 ? [step] : [])
  const place = fullest(series.queues, busySteps)
  const facts = factsOf(series, busySteps)
  const evidence = [
    { fr: `en chemin : ${most} destinataires au plus, ${String(tenths(secondsEach)).replace(".", ",")} s chacun en moyenne`, en: `under way: ${most} recipients at most, ${tenths(secondsEach)} s each on average` },
    ...place ? [{ fr: `${place.queue} de ${place.node} : ${place.most} messages ou paquets au plus`, en: `${place.queue} of ${place.node}: ${place.most} messages or packets at most` }] : [],
    ...evidenceOf(facts),
  ]
  const found = secondsEach < limits.secondsInPlatform || busySteps.length === 0 ? nothing : cause(facts, place)
  return { ...found, queue: place?.queue ?? null, node: found.node ?? place?.node ?? null, evidence }
}

type Cause = Pick<Bottleneck, "kind" | "sentence"> & { node?: string }

const nothing: Cause = {
  kind: "none", sentence: { fr: "Rien n'a retenu cette charge : ce qui est entré est ressorti aussitôt.", en: "Nothing held this load back: what came in left at once." },
}

interface Facts {
  machineBusy: number | null; labOfBusy: number | null; cores: number
  diskWait: number | null; memoryWait: number | null
  /** The busiest of each, over the steps looked at. */
  process: { node: string; name: string; percent: number } | undefined
  platform: { node: string; percent: number } | undefined
  catcher: { node: string; percent: number } | undefined
  throttled: { node: string; percent: number } | undefined
}

function factsOf({ nodes, machine }: Series, steps: readonly number[]): Facts {
  const average = (row: Row | undefined) => mean(steps.flatMap((step) => row?.[step] ?? []))
  const busiest = (role: string, row: (node: Series["nodes"][number]) => Row) => nodes.filter((one) => one.role === role)
    .map((one) => ({ node: one.node, percent: average(row(one)) ?? 0 })).sort(byPercent)[0]
  const busy = average(machine?.busyPercent)
  const lab = nodes.reduce((total, { cpuPercent }) => total + (average(cpuPercent) ?? 0), 0)
  return {
    machineBusy: busy, cores: machine?.cores ?? 1, labOfBusy: busy && machine ? Math.min(100, lab / (busy * machine.cores) * 100) : null,
    diskWait: average(machine?.diskWaitPercent), memoryWait: average(machine?.memoryWaitPercent),
    process: nodes.filter(({ role }) => role === "platform")
      .flatMap(({ node, programs }) => programs.map(({ name, busiestPercent }) => ({ node, name, percent: average(busiestPercent) ?? 0 }))).sort(byPercent)[0],
    platform: busiest("platform", ({ cpuPercent }) => cpuPercent), catcher: busiest("catcher", ({ cpuPercent }) => cpuPercent),
    throttled: busiest("platform", ({ throttledPercent }) => throttledPercent),
  }
}

/** The first that holds; what is named first would show as one of those after it as well. */
function cause(facts: Facts, place: Place | undefined): Cause {
  const { machineBusy, labOfBusy, diskWait, memoryWait, process, platform, catcher, throttled } = facts
  const is = (value: number | null | undefined, limit: number): value is number => value != null && value >= limit
  const at = place ? { fr: ` Le courrier attend dans ${place.queue} de ${place.node}.`, en: ` Mail waits in ${place.queue} of ${place.node}.` } : { fr: "", en: "" }
  const say = (kind: Cause["kind"], fr: string, en: string, node?: string): Cause => ({ kind, sentence: { fr: fr + at.fr, en: en + at.en }, ...node === undefined ? {} : { node } })
  if (throttled && is(throttled.percent, limits.throttled)) {
    return say("limit", `La limite de processeur du conteneur ${throttled.node} le freine.`, `The processor limit of container ${throttled.node} slows it down.`, throttled.node)
  }
  if (place?.queue.endsWith("deferred")) {
    return say("receivers-refuse", "Les serveurs d'arrivée refusent pour un temps : le courrier est remis à plus tard.", "Receiving servers refuse for a while: mail is put off.")
  }
  if (is(diskWait, limits.diskWait)) return say("disk", "Le disque : des processus l'attendent.", "The disk: processes wait for it.")
  if (is(memoryWait, limits.memoryWait)) return say("memory", "La mémoire : des processus attendent qu'il s'en libère.", "Memory: processes wait for some to become free.")
  if (process && is(process.percent, limits.processOfCore)) {
    return say("process", `Un seul processus, ${process.name} de ${process.node}, occupe un cœur à lui seul.`, `A single process, ${process.name} of ${process.node}, takes a core for itself.`, process.node)
  }
  if (is(machineBusy, limits.machineBusy)) {
    if (!is(labOfBusy, limits.machineIsLabs)) {
      return say("machine-shared", "La machine est saturée par d'autres travaux que ce laboratoire : ceci ne dit rien de la plate-forme.", "The machine is saturated by other work than this laboratory: this says nothing of the platform.")
    }
    return say("machine", `Les processeurs de la machine ; ${platform?.node ?? "–"} en prend le plus.`, `The machine's processors; ${platform?.node ?? "–"} takes most of them.`, platform?.node)
  }
  if (catcher && is(catcher.percent, limits.receiverOfCore)) {
    return say("receivers", `Le serveur d'arrivée ${catcher.node} occupe un cœur : il appartient au laboratoire, non à la plate-forme.`,
      `The receiving server ${catcher.node} takes a core: it belongs to the laboratory, not to the platform.`, catcher.node)
  }
  return say("nobody-busy", "Personne n'est occupé : ni processeur, ni disque, ni mémoire ne manque ; des processus attendent par réglage (pauses, nombre d'envois à la fois).",
    "Nobody is busy: neither processor nor disk nor memory is short; processes wait by their settings (pauses, deliveries at once).")
}

function evidenceOf({ machineBusy, labOfBusy, cores, diskWait, memoryWait, process, platform, catcher, throttled }: Facts): Bottleneck["evidence"] {
  const fact = (value: number | null | undefined, fr: (percent: string) => string, en: (percent: string) => string) => {
    if (value == null) return []
    const percent = `${Math.round(value)} %`
    return [{ fr: fr(percent), en: en(percent) }]
  }
  return [
    ...fact(machineBusy, (is) => `machine (${cores} cœurs) : occupée à ${is}`, (is) => `machine (${cores} cores): ${is} busy`),
    ...fact(labOfBusy, (is) => `dont ce laboratoire : ${is}`, (is) => `of it this laboratory: ${is}`),
    ...fact(platform?.percent, (is) => `nœud le plus occupé, ${platform!.node} : ${is} d'un cœur`, (is) => `busiest node, ${platform!.node}: ${is} of a core`),
    ...fact(process?.percent, (is) => `processus le plus occupé, ${process!.name} de ${process!.node} : ${is} d'un cœur`, (is) => `busiest process, ${process!.name} of ${process!.node}: ${is} of a core`),
    ...fact(catcher?.percent, (is) => `serveur d'arrivée ${catcher!.node} : ${is} d'un cœur`, (is) => `receiving server ${catcher!.node}: ${is} of a core`),
    ...fact(diskWait, (is) => `attente du disque : ${is} du temps`, (is) => `waiting for the disk: ${is} of the time`),
    ...fact(memoryWait, (is) => `attente de mémoire : ${is} du temps`, (is) => `waiting for memory: ${is} of the time`),
    ...fact(throttled?.percent || null, (is) => `freiné par sa limite, ${throttled!.node} : ${is} du temps`, (is) => `held back by its limit, ${throttled!.node}: ${is} of the time`),
  ]
}

/** Recipients that the platform has accepted and that have nothing yet, at the end of each step. */
export function underWayIn({ flow: { accepted, delivered } }: Pick<Series, "flow">): number[] {
  let recipients = 0
  return accepted.map((came, step) => {
    recipients += came - delivered[step]!
    return Math.max(0, recipients)
  })
}

interface Place { node: string; queue: string; most: number }

/** The queue that held most over these steps; what waits for a person there is not held back. */
function fullest(queues: Series["queues"], steps: readonly number[]): Place | undefined {
  return queues.filter(({ queue }) => !waitingSpools.includes(queue)).map(({ node, queue, depth }) => {
    const there = steps.map((step) => depth[step] ?? 0)
    return { node, queue, held: sum(there), most: Math.max(0, ...there) }
  }).filter(({ held }) => held > 0).sort((one, other) => other.held - one.held)[0]
}

function byPercent(one: { percent: number }, other: { percent: number }): number {
  return other.percent - one.percent
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function mean(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : sum(numbers) / numbers.length
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10
}
