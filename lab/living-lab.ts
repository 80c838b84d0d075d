import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { createConnection } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { engine } from "./engine.ts"
import { FrontDoorProcess, runIn } from "./front-door-process.ts"
import type { LabHandle } from "./handle.ts"
import type { HostAgent } from "./isolation-rules.ts"
import { LABELS } from "./ownership.ts"

/** How a lab is: the same at any two times between which nobody touched it. */
export interface Condition {
  /** Id, state and start of every container, in a fixed order. */
  containers: string[]
  networks: string[]
  hasRules: boolean
  /** First line of the edge, through the gateway. */
  greeting: string
}

/** A lab beside the one under test, in a process of its own, that must not be touched by what happens to the other. */
export class LivingLab {
  readonly command: FrontDoorProcess
  private readonly folder: string
  private constructor(command: FrontDoorProcess, folder: string) {
    this.command = command
    this.folder = folder
  }

  static async start(): Promise<LivingLab> {
    const folder = mkdtempSync(join(tmpdir(), "recette-living-"))
    const lab = new LivingLab(FrontDoorProcess.lab(["--out", folder]), folder)
    await lab.command.says(/^lab \S+ is up: /m)
    return lab
  }

  get handle(): LabHandle {
    return JSON.parse(readFileSync(join(this.folder, runIn(this.folder)!, "lab.json"), "utf8")) as LabHandle
  }

  async condition(agent: HostAgent): Promise<Condition> {
    const { run, gateway } = this.handle
    const { container: { dockerode } } = await engine()
    const filters = { label: [`${LABELS.run}=${run}`] }
    const [containers, networks, runs] = await Promise.all([
      dockerode.listContainers({ all: true, filters }), dockerode.listNetworks({ filters }), agent.runs(),
    ])
    const states = await Promise.all(containers.map(async ({ Id }) => {
      const { State: { Status, StartedAt }, RestartCount } = await dockerode.getContainer(Id).inspect()
      return `${Id} ${Status} ${StartedAt} ${RestartCount}`
    }))
    return {
      containers: states.sort(), networks: networks.map(({ Id }) => Id).sort(), hasRules: runs.includes(run),
      greeting: await greetingAt(gateway.ports["postfix.smtp"]!),
    }
  }

  /** Ends it as Ctrl-C does. */
  async end(): Promise<void> {
    this.command.interrupt()
    await this.command.ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function greetingAt(port: number): Promise<string> {
  const socket = createConnection({ host: "127.0.0.1", port, timeout: 10_000 })
  try {
    return await new Promise((resolve, reject) => {
      socket.once("data", (data) => resolve(data.toString().trim())).once("error", reject)
      socket.once("timeout", () => reject(new Error("no greeting within 10000 ms")))
    })
  } finally {
    socket.destroy()
  }
}
