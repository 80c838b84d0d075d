import { setTimeout as pause } from "node:timers/promises"
import type { Container } from "dockerode"
import { execIn } from "./engine.ts"
import { LabFailure } from "./failure.ts"

const defaultStartupMsMax = 60_000
const everyMs = 100

/**
 * Waits until the image's own protocol dialog (`/ready.sh`) ends with 0, polled by exec.
 * A container that dies ends the wait at once, with its last log lines; so does the end of the budget.
 */
export class ReadyScript {
  private startupMsMax = defaultStartupMsMax
  private startupMsSet = false
  private readonly command: string[]
  private readonly node: string
  private readonly lastLines: () => string
  constructor(command: string[], node: string, lastLines: () => string) {
    this.command = command
    this.node = node
    this.lastLines = lastLines
  }

  withStartupTimeout(ms: number): this {
    this.startupMsMax = ms
    this.startupMsSet = true
    return this
  }
  isStartupTimeoutSet(): boolean { return this.startupMsSet }
  getStartupTimeout(): number { return this.startupMsMax }

  async waitUntilReady(container: Container): Promise<void> {
    const deadline = performance.now() + this.startupMsMax
    let last = ""
    while (performance.now() < deadline) {
      const { State } = await container.inspect()
      if (!State.Running) {
        throw this.failure(`Node ${this.node} ended with ${State.ExitCode} before it was ready`)
      }
      try {
        const { exitCode, stdout, stderr } = await execIn(container.id, this.command, {}, `node ${this.node}`)
        if (exitCode === 0) return
        last = (stderr || stdout).trim()
      } catch (error) {
        last = String(error)
      }
      await pause(everyMs)
    }
    throw this.failure(`Node ${this.node} was not ready after ${this.startupMsMax} ms: ${last}`)
  }

  private failure(message: string): LabFailure {
    return new LabFailure(`${message}\n${this.lastLines()}`, {
      where: `logs/${this.node}.log`, remedy: "read that log; a setting of the release may stop this component",
    })
  }
}
