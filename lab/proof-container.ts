import { PassThrough } from "node:stream"
import { createInterface } from "node:readline"
import type Dockerode from "dockerode"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { LABELS, ownerLabels, type Owner } from "./ownership.ts"

export interface ProofContainerOptions {
  run: string
  owner: Owner
  /** Image of the world around the platform: it has Node.js and the programs of lab/world in /world. */
  image: string
  /** Last part of the container's name; one at a time in a process. */
  purpose: string
  /** Program in /world that answers lines of JSON. */
  program: string
  hostConfig: Dockerode.HostConfig
}

type Reply = { error?: string }

/**
 * A short-lived container of the isolation's making or proof, which answers one JSON line for each one it is sent.
 * It is kept while it is needed, since starting a container costs far more than asking a running one.
 */
export class ProofContainer {
  readonly id: string
  readonly name: string
  private readonly container: Dockerode.Container
  private readonly stdin: NodeJS.WritableStream
  private readonly waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = []
  private said = ""
  private ended = false

  private constructor(name: string, container: Dockerode.Container, stream: NodeJS.ReadWriteStream) {
    this.id = container.id
    this.name = name
    this.container = container
    this.stdin = stream
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    container.modem.demuxStream(stream, stdout, stderr)
    createInterface({ input: stdout }).on("line", (line) => this.waiting.shift()?.resolve(JSON.parse(line) as Reply))
    stderr.on("data", (chunk: Buffer) => this.said = (this.said + chunk.toString()).slice(-2_000))
    for (const event of ["end", "close", "error"]) stream.on(event, () => this.fail())
  }

  static async start({ run, owner, image, purpose, program, hostConfig }: ProofContainerOptions): Promise<ProofContainer> {
    const { container: { dockerode } } = await engine()
    // A round of scenarios that a challenge has ended leaves its own containers, under their names, until the lab ends.
    const name = `recette-${run}-proof-${purpose}${owner.pid === process.pid ? "" : `-${process.pid}`}`
    const container = await dockerode.createContainer({
      name, Image: image, Entrypoint: ["/usr/local/bin/node", `/world/${program}`], Cmd: [],
      OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
      Labels: { ...ownerLabels(run, owner), [LABELS.role]: "proof" }, StopSignal: "SIGKILL",
      Healthcheck: { Test: ["NONE"] }, HostConfig: { ...hostConfig, LogConfig: { Type: "none", Config: {} } },
    })
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
    const proof = new ProofContainer(name, container, stream)
    try {
      await container.start()
    } catch (error) {
      await proof.remove()
      throw error
    }
    return proof
  }

  /** The program's reply; throws its own words where it could not, and a LabFailure where it is silent or gone. */
  async ask<T extends object>(request: object, { withinMs = 10_000 } = {}): Promise<T> {
    if (this.ended) throw this.failure("is gone")
    let timer: NodeJS.Timeout | undefined
    const reply = await new Promise<Reply>((resolve, reject) => {
      timer = setTimeout(() => reject(this.failure(`gave no reply within ${withinMs} ms`)), withinMs)
      this.waiting.push({ resolve, reject })
      this.stdin.write(`${JSON.stringify(request)}\n`)
    }).finally(() => clearTimeout(timer))
    if (reply.error !== undefined) throw new Error(`${this.name}: ${reply.error}`)
    return reply as T
  }

  /** Process id of the program, as the host counts. */
  async pid(): Promise<number> {
    return (await this.container.inspect()).State.Pid
  }

  /** Removes the container; that it is gone already, or about to be, is no error. */
  async remove(): Promise<void> {
    this.ended = true
    await this.container.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404 && error.statusCode !== 409) throw error
    })
  }

  private fail(): void {
    this.ended = true
    for (const { reject } of this.waiting.splice(0)) reject(this.failure("ended"))
  }

  private failure(what: string): LabFailure {
    return new LabFailure(`The container ${this.name} ${what}: ${this.said.trim() || "it said nothing"}`, {
      where: this.name, remedy: "see whether the engine still runs (docker ps), then start again",
    })
  }
}
