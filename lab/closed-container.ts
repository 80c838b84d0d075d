import { engine, execIn } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { LABELS, ownerLabels, type Owner } from "./ownership.ts"

/** What a command cost: user and system time by rusage, and the clock's. */
export interface Cost { cpuSeconds: number; clockSeconds: number }

/** Where Postfix's smtp-sink listens in the container, on loopback. */
export const sink = { host: "127.0.0.1", port: 2525 } as const

const commandSecondsMax = 180
const killAfterSeconds = 5
/** Connections that the sink takes at once; its default is 256. */
const sinkClientsMax = 512
const sinkBacklog = 1_000
/** Bash's `time` asks getrusage for its children; what the command says is shown only where it failed. */
const measureScript = `output=$(mktemp); TIMEFORMAT="%3R %3U %3S"
time timeout --kill-after=${killAfterSeconds} ${commandSecondsMax} "$@" >"$output" 2>&1
code=$?; [ "$code" = 0 ] || tail --lines=20 "$output"; rm "$output"; exit "$code"`

/**
 * A container of the image bench, without a network: what is measured in it meets only Postfix's smtp-sink, on the
 * loopback of a namespace of its own. It carries the labels of its owner, so that a dead run's is swept.
 */
export class ClosedContainer {
  private readonly id: string
  private readonly name: string
  private constructor(id: string, name: string) {
    this.id = id
    this.name = name
  }

  static async start({ run, owner, image }: { run: string; owner: Owner; image: string }): Promise<ClosedContainer> {
    const { container: { dockerode } } = await engine()
    const name = `recette-${run}-bench`
    const container = await dockerode.createContainer({
      name, Image: image, StopSignal: "SIGKILL", Labels: { ...ownerLabels(run, owner), [LABELS.role]: "component" },
      Cmd: ["smtp-sink", "-u", "nobody", "-m", String(sinkClientsMax), `${sink.host}:${sink.port}`, String(sinkBacklog)],
      HostConfig: { NetworkMode: "none", Init: true, LogConfig: { Type: "none", Config: {} } },
    })
    const closed = new ClosedContainer(container.id, name)
    try {
      await container.start()
    } catch (error) {
      await closed.remove()
      throw error
    }
    return closed
  }

  /** Runs a command to its end and says what it cost. Throws a LabFailure with its last words where it failed. */
  async measure(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Cost> {
    const { exitCode, stdout, stderr } = await execIn(
      this.id, ["bash", "-c", measureScript, "measure", ...command], { env: { ...env } }, `container ${this.name}`)
    const [, real, user, system] = /^([\d.]+) ([\d.]+) ([\d.]+)$/m.exec(stderr) ?? []
    if (exitCode !== 0 || system === undefined) {
      throw new LabFailure(`${command[0]} ended with ${exitCode}: ${(stdout || stderr).trim()}`, {
        where: `container ${this.name}: ${command.join(" ")}`, remedy: "see the reason there",
      })
    }
    return { cpuSeconds: Number(user) + Number(system), clockSeconds: Number(real) }
  }

  /** What a command prints on both channels, whatever its exit code. */
  async said(command: readonly string[]): Promise<string> {
    const { stdout, stderr } = await execIn(this.id, command, {}, `container ${this.name}`)
    return `${stdout}${stderr}`.trim()
  }

  async remove(): Promise<void> {
    const { container: { dockerode } } = await engine()
    await dockerode.getContainer(this.id).remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404 && error.statusCode !== 409) throw error
    })
  }
}
