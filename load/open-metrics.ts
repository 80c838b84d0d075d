import type { Series } from "./series.ts"

/** One row of a family: a value for each step, `null` where nothing was seen. */
interface Row { labels: Record<string, string>; values: readonly (number | null)[] }
interface Family { name: string; type: "gauge" | "counter"; unit?: "seconds" | "bytes" | "ratio"; help: string; rows: Row[] }

/**
 * `load/<profile>/metrics.openmetrics.txt`: the course of a load in the text format of OpenMetrics 1.0, with the time of each
 * value, as Prometheus takes it in (`promtool tsdb create-blocks-from openmetrics`) and Grafana shows it.
 */
export function openMetricsText(series: Series): string {
  const lines = familiesOf(series).filter(({ rows }) => rows.length > 0).flatMap(({ name, type, unit, help, rows }) => [
    `# TYPE ${name} ${type}`, ...unit === undefined ? [] : [`# UNIT ${name} ${unit}`], `# HELP ${name} ${escaped(help)}`,
    ...rows.flatMap(({ labels, values }) => values.flatMap((value, step) => value === null ? [] : [
      `${name}${type === "counter" ? "_total" : ""}${labelText({ profile: series.profile, ...labels })} ${value} ${secondsText(series, step)}`,
    ])),
  ])
  return `${[...lines, "# EOF"].join("\n")}\n`
}

function familiesOf({ flow, latency, queues, nodes, machine }: Series): Family[] {
  const each = (row: (node: Series["nodes"][number]) => readonly (number | null)[]): Row[] =>
    nodes.map((one) => ({ labels: { node: one.node, role: one.role }, values: row(one) })).filter(({ values }) => values.some((value) => value !== null))
  const share = (row: readonly (number | null)[]) => row.map((percent) => percent === null ? null : Math.round(percent * 10) / 1_000)
  const quantiles = [["0.5", latency.p50Ms], ["0.9", latency.p90Ms], ["0.99", latency.p99Ms]] as const
  return [
    counted("recette_recipients_due", "Recipients whose messages were due.", flow.due),
    counted("recette_recipients_accepted", "Recipients whose messages the platform had accepted.", flow.accepted),
    counted("recette_copies_delivered", "Copies that receiving servers had.", flow.delivered),
    {
      name: "recette_delivery_latency_seconds", type: "gauge", unit: "seconds", help: "Time since their messages were due, of the copies that arrived in a step.",
      rows: quantiles.map(([quantile, row]) => ({ labels: { quantile }, values: row.map((ms) => ms === null ? null : ms / 1_000) })),
    },
    { name: "recette_queue_messages", type: "gauge", help: "Messages in a queue or spool, the most in a step.", rows: queues.map(({ node, queue, depth }) => ({ labels: { node, queue }, values: depth })) },
    { name: "recette_node_cpu_ratio", type: "gauge", unit: "ratio", help: "Processor time of a container, of one core.", rows: each(({ cpuPercent }) => share(cpuPercent)) },
    { name: "recette_node_throttled_ratio", type: "gauge", unit: "ratio", help: "Time for which the limit of a container held it back.", rows: each(({ throttledPercent }) => share(throttledPercent)) },
    { name: "recette_node_memory_bytes", type: "gauge", unit: "bytes", help: "Memory of a container in use.", rows: each(({ memoryBytes }) => memoryBytes) },
    { name: "recette_node_disk_bytes", type: "gauge", unit: "bytes", help: "What queues, spools and data of a container take on disk.", rows: each(({ diskBytes }) => diskBytes) },
    { name: "recette_node_open_descriptors", type: "gauge", help: "Open files of all processes of a container.", rows: each(({ descriptors }) => descriptors) },
    {
      name: "recette_machine_ratio", type: "gauge", unit: "ratio", help: "The whole machine: cores busy, and time in which somebody waited for a processor, a disk, memory.",
      rows: machine === null ? [] : [
        { labels: { what: "busy" }, values: share(machine.busyPercent) }, { labels: { what: "processor-wait" }, values: share(machine.cpuWaitPercent) },
        { labels: { what: "disk-wait" }, values: share(machine.diskWaitPercent) }, { labels: { what: "memory-wait" }, values: share(machine.memoryWaitPercent) },
      ],
    },
  ]
}

/** A counter rises: each step has all that came until its end. */
function counted(name: string, help: string, amounts: readonly number[]): Family {
  let total = 0
  return { name, type: "counter", help, rows: [{ labels: {}, values: amounts.map((amount) => total += amount) }] }
}

/** The end of a step, in seconds since the epoch. */
function secondsText({ startUs, stepSeconds }: Series, step: number): string {
  return ((startUs + (step + 1) * stepSeconds * 1e6) / 1e6).toFixed(3)
}

function labelText(labels: Record<string, string>): string {
  return `{${Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"')
}
