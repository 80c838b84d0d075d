import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { PassThrough, type Duplex } from "node:stream"
import { createInterface } from "node:readline"
import { z } from "zod"
import { engine } from "./engine.ts"
import type { NodeHandle } from "./handle.ts"
import { movingSpools, waitingSpools } from "./sympa-spool.ts"

const whole = z.int().min(0)
/** Processes of one program: all, those that run, those that wait for a disk, and the busiest one's share of a core in percent. */
const Program = z.tuple([whole, whole, whole, whole])

/** One look at a node, from inside (node-sampler.pl). Sums are since the container or the machine began. */
export const NodeSample = z.object({
  /** Microseconds since the epoch, to a hundredth of a second. */
  atUs: whole,
  /** Processor time of the container, and for how long its own limit held it back. */
  cpuNs: whole, throttledNs: whole,
  /** In use, without what the kernel would give back at once. */
  memoryBytes: whole,
  /** Files by queue or spool. */
  queues: z.record(z.string(), whole).optional(),
  /** In one node of a lab: the whole machine, with what runs beside the lab. */
  machine: z.object({
    cores: whole, busyTicks: whole, idleTicks: whole, diskTicks: whole, stolenTicks: whole, waitsUs: z.record(z.string(), whole),
  }).optional(),
  /** Every few looks: open files of all processes, the programs, and what queues and data take on disk. */
  descriptors: whole.optional(), programs: z.record(z.string(), Program).optional(), diskBytes: whole.optional(),
  /** Processor time of the looks themselves so far. */
  selfNs: whole,
})
export type NodeSample = z.infer<typeof NodeSample>

export interface SamplerOrder {
  everyMs: number
  /** Of a core, in percent: looks become rarer before they take more. */
  percentMax: number
  ofMachine: boolean
}

/** How long a sampler that has been told to end may take. */
const endMsMax = 2_000

/**
 * A process in a node's container that looks at it again and again and says what it sees. It ends with the connection, so
 * none outlives whoever started it. A node without perl is not seen: `ended` says why.
 */
export class NodeSampler {
  readonly node: NodeHandle
  /** Its last words where it ended by itself, for example because its container did. */
  ended: string | undefined
  private readonly stream: Duplex
  private readonly whenEnded: Promise<void>
  private constructor(node: NodeHandle, stream: Duplex, onSample: (sample: NodeSample, bytes: number) => void, demux: (out: PassThrough, errors: PassThrough) => void) {
    this.node = node
    this.stream = stream
    const [out, errors] = [new PassThrough(), new PassThrough({ encoding: "utf8" })]
    let said = ""
    errors.on("data", (text: string) => { said = (said + text).slice(-500) })
    createInterface({ input: out }).on("line", (line) => {
      const sample = sampleIn(line)
      if (sample) onSample(sample, line.length)
      else said = (said + line).slice(-500)
    })
    this.whenEnded = new Promise((resolve) => {
      for (const event of ["end", "close", "error"]) {
        stream.on(event, () => {
          this.ended ??= said.trim() === "" ? "its process ended" : said.trim()
          resolve()
        })
      }
    })
    demux(out, errors)
  }

  static async start(node: NodeHandle, { everyMs, percentMax, ofMachine }: SamplerOrder, onSample: (sample: NodeSample, bytes: number) => void): Promise<NodeSampler> {
    const { container: { dockerode } } = await engine()
    const exec = await dockerode.getContainer(node.containerId).exec({
      Cmd: ["perl", "-", String(everyMs), String(percentMax), ofMachine ? "1" : "0", ...watchedIn(node.component)],
      AttachStdin: true, AttachStdout: true, AttachStderr: true,
    })
    const stream = await exec.start({ hijack: true, stdin: true })
    const sampler = new NodeSampler(node, stream, onSample, (out, errors) => dockerode.modem.demuxStream(stream, out, errors))
    stream.write(await readFile(join(import.meta.dirname, "node-sampler.pl")))
    return sampler
  }

  async end(): Promise<void> {
    this.stream.end()
    let timer: NodeJS.Timeout | undefined
    await Promise.race([this.whenEnded, new Promise<void>((resolve) => { timer = setTimeout(resolve, endMsMax) })])
    clearTimeout(timer)
    this.stream.destroy()
  }
}

function sampleIn(line: string): NodeSample | undefined {
  try {
    return NodeSample.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

const postfixQueues = ["maildrop", "incoming", "active", "deferred", "hold"]

/** What of a component is counted, and where its mail and data lie, in the words of node-sampler.pl. */
export function watchedIn(component: string): string[] {
  const queues = (prefix: string) => postfixQueues.flatMap((name) => ["queue", `${prefix}${name}`, "0", `/var/spool/postfix/${name}`])
  const spools = [...movingSpools, ...waitingSpools]
    .flatMap((name) => ["queue", name, name === "bulk/pct" || name === "digest" ? "1" : "0", `/var/spool/sympa/${name}`])
  switch (component) {
    case "postfix": return [...queues(""), "folder", "/var/spool/postfix"]
    // Its own Postfix stands on both sides of Sympa.
    case "sympa": return [...queues("postfix/"), ...spools, "folder", "/var/spool/postfix", "folder", "/var/spool/sympa"]
    case "dovecot": return ["folder", "/var/mail"]
    // The files of a load's record.
    case "academies": case "internet": return ["folder", "/recette/load"]
    case "mariadb": return ["folder", "/var/lib/mysql"]
    default: return []
  }
}
