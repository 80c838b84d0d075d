import { engine } from "./engine.ts"
import { InputError } from "./failure.ts"
import type { LabHandle } from "./handle.ts"

const anyShell = ["/bin/sh", "-c", "command -v bash > /dev/null && exec bash; exec sh"]

/**
 * Runs a command, or a shell, in a node's container, with this process's own input, output and terminal. Returns its exit
 * code. Throws InputError for a node that is not there or does not run.
 */
export async function runInNode({ nodes, run }: LabHandle, node: string, command: readonly string[]): Promise<number> {
  const id = nodes[node]?.containerId
  if (id === undefined) {
    throw new InputError(`The lab has no node ${node}`, { where: `run ${run}`, remedy: `use one of ${Object.keys(nodes).join(", ")}` })
  }
  const { container: { dockerode } } = await engine()
  const container = dockerode.getContainer(id)
  const { State: { Running: isRunning, Paused: isPaused } } = await container.inspect()
  if (!isRunning || isPaused) {
    throw new InputError(`The node ${node} does not run: no command can be run in it`, { where: `run ${run}`, remedy: `see logs/${node}.log, or start it again: docker start ${id.slice(0, 12)}` })
  }
  const { stdin, stdout, stderr } = process
  const isTerminal = stdin.isTTY && stdout.isTTY
  const exec = await container.exec({
    Cmd: command.length > 0 ? [...command] : anyShell, AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: isTerminal,
  })
  const stream = await exec.start({ hijack: true, stdin: true, Tty: isTerminal })
  const fit = (): void => void exec.resize({ h: stdout.rows, w: stdout.columns }).catch(() => undefined)
  if (isTerminal) {
    stdin.setRawMode(true)
    stdout.on("resize", fit)
    fit()
    stream.pipe(stdout)
  } else {
    dockerode.modem.demuxStream(stream, stdout, stderr)
  }
  stdin.pipe(stream)
  try {
    await new Promise<void>((resolve, reject) => stream.once("end", resolve).once("close", resolve).once("error", reject))
    return (await exec.inspect()).ExitCode ?? 1
  } finally {
    if (isTerminal) stdin.setRawMode(false)
    stdin.unpipe(stream)
    stdin.pause()
  }
}
