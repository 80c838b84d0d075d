import { PassThrough, type Duplex } from "node:stream"
import { engine, notRun, type ExecOutcome } from "./engine.ts"

/** What the shell writes once a command has ended: a NUL, which no text holds, and on stdout the exit code. */
const endOfStdout = /\0(\d+)\n$/
const endOfStderr = "\0\n"
/** Longer than both. */
const endCharactersMax = 16

/** What came on both outputs of a command. */
interface Outputs { stdout: string; stderr: string }

/** A shell and what it has printed since the last command; `ends`: the last few characters of it. */
interface Shell { stream: Duplex; answer: Outputs; ends: Outputs; onNews: () => void; ended: boolean }

/**
 * Shells that stay in a container, each for one command at a time, as many as run side by side. For questions that are
 * asked hundreds of times a run: an exec of its own starts five processes of the engine for each. A shell that has ended,
 * with its container or otherwise, is not used again.
 */
export class CommandShells {
  private readonly containerId: string
  private readonly where: string
  private readonly free: Shell[] = []
  constructor(containerId: string, where: string) {
    this.containerId = containerId
    this.where = where
  }

  /**
   * What `command` printed, as UTF-8 text, and its exit code; `input` is its standard input, text without NUL. A shell
   * that ends meanwhile is a LabFailure.
   */
  async run(command: readonly string[], input?: string): Promise<ExecOutcome> {
    try {
      const shell = this.freeShell() ?? await this.open()
      const outcome = await ask(shell, command, input)
      this.free.push(shell)
      return outcome
    } catch (cause) {
      throw notRun(command, this.where, cause)
    }
  }

  private freeShell(): Shell | undefined {
    for (let shell = this.free.pop(); shell; shell = this.free.pop()) if (!shell.ended) return shell
    return undefined
  }

  private async open(): Promise<Shell> {
    const { container: { dockerode } } = await engine()
    const exec = await dockerode.getContainer(this.containerId)
      .exec({ Cmd: ["/bin/sh"], AttachStdin: true, AttachStdout: true, AttachStderr: true })
    const stream = await exec.start({ hijack: true, stdin: true })
    const shell: Shell = { stream, answer: { stdout: "", stderr: "" }, ends: { stdout: "", stderr: "" }, onNews: () => undefined, ended: false }
    const pipes = { stdout: new PassThrough({ encoding: "utf8" }), stderr: new PassThrough({ encoding: "utf8" }) }
    for (const name of ["stdout", "stderr"] as const) {
      pipes[name].on("data", (text: string) => {
        shell.answer[name] += text
        // The whole is read once, when it has ended: an answer of many megabytes comes in thousands of pieces.
        shell.ends[name] = (shell.ends[name] + text).slice(-endCharactersMax)
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

async function ask(shell: Shell, command: readonly string[], input: string | undefined): Promise<ExecOutcome> {
  const { answer, ends } = shell
  const words = command.map(quoted).join(" ")
  answer.stdout = answer.stderr = ends.stdout = ends.stderr = ""
  return new Promise((resolve, reject) => {
    shell.onNews = () => {
      const exitCode = endOfStdout.exec(ends.stdout)?.[1]
      if (exitCode !== undefined && ends.stderr.endsWith(endOfStderr)) {
        resolve({
          exitCode: Number(exitCode), stdout: answer.stdout.slice(0, answer.stdout.lastIndexOf("\0")), stderr: answer.stderr.slice(0, -endOfStderr.length),
        })
      } else if (shell.ended) {
        reject(new Error(`its shell ended: ${(answer.stderr || answer.stdout).trim()}`))
      }
    }
    const line = input === undefined ? `${words} </dev/null` : `printf %s ${quoted(input)} | ${words}`
    shell.stream.write(`${line}; printf '\\0%s\\n' $?; printf '\\0\\n' >&2\n`)
  })
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`
}
