import { PassThrough, type Duplex } from "node:stream"
import { engine, notRun, type ExecOutcome } from "./engine.ts"
import { Turn } from "./turn.ts"

/** What the shell writes once a command has ended: a NUL, which no text holds, and on stdout the exit code. */
const endOfStdout = /\0(\d+)\n$/
const endOfStderr = "\0\n"

/** A shell and what it has printed since the last command. */
interface Shell { stream: Duplex; answer: { stdout: string; stderr: string }; onNews: () => void; ended: boolean }

/**
 * A shell that stays in a container and runs one command after the other. For questions that are asked hundreds of times
 * a run: an exec of its own starts five processes of the engine for each. A shell that has ended, with its container or
 * otherwise, is replaced at the next question.
 */
export class CommandShell {
  private readonly containerId: string
  private readonly where: string
  private readonly turn = new Turn()
  private shell: Promise<Shell> | undefined
  constructor(containerId: string, where: string) {
    this.containerId = containerId
    this.where = where
  }

  /** What `command` printed, as UTF-8 text, and its exit code. A shell that ends meanwhile is a LabFailure. */
  async run(command: readonly string[]): Promise<ExecOutcome> {
    return this.turn.take(async () => {
      try {
        return await this.ask(command)
      } catch (cause) {
        this.shell = undefined
        throw notRun(command, this.where, cause)
      }
    })
  }

  private async ask(command: readonly string[]): Promise<ExecOutcome> {
    if ((await this.shell)?.ended) this.shell = undefined
    const shell = await (this.shell ??= this.open())
    const { answer } = shell
    answer.stdout = answer.stderr = ""
    return new Promise((resolve, reject) => {
      shell.onNews = () => {
        const exitCode = endOfStdout.exec(answer.stdout)?.[1]
        if (exitCode !== undefined && answer.stderr.endsWith(endOfStderr)) {
          resolve({
            exitCode: Number(exitCode), stdout: answer.stdout.replace(endOfStdout, ""), stderr: answer.stderr.slice(0, -endOfStderr.length),
          })
        } else if (shell.ended) {
          reject(new Error(`its shell ended: ${(answer.stderr || answer.stdout).trim()}`))
        }
      }
      shell.stream.write(`${command.map(quoted).join(" ")} </dev/null; printf '\\0%s\\n' $?; printf '\\0\\n' >&2\n`)
    })
  }

  private async open(): Promise<Shell> {
    const { container: { dockerode } } = await engine()
    const exec = await dockerode.getContainer(this.containerId)
      .exec({ Cmd: ["/bin/sh"], AttachStdin: true, AttachStdout: true, AttachStderr: true })
    const stream = await exec.start({ hijack: true, stdin: true })
    const shell: Shell = { stream, answer: { stdout: "", stderr: "" }, onNews: () => undefined, ended: false }
    const pipes = { stdout: new PassThrough({ encoding: "utf8" }), stderr: new PassThrough({ encoding: "utf8" }) }
    for (const name of ["stdout", "stderr"] as const) {
      pipes[name].on("data", (text: string) => {
        shell.answer[name] += text
        shell.onNews()
      })
    }
    dockerode.modem.demuxStream(stream, pipes.stdout, pipes.stderr)
    for (const event of ["end", "close", "error"]) {
      stream.on(event, () => {
        shell.ended = true
        shell.onNews()
      })
    }
    return shell
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
