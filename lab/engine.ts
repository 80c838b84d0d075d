import { PassThrough } from "node:stream"
import { getContainerRuntimeClient, type ContainerRuntimeClient } from "testcontainers"
import { getReaperImage } from "testcontainers/build/reaper/reaper.js"
import { LabFailure } from "./failure.ts"

/** The container engine's client, found the way Testcontainers finds it (`DOCKER_HOST`, then the local socket). */
export async function engine(): Promise<ContainerRuntimeClient> {
  try {
    return await getContainerRuntimeClient()
  } catch (cause) {
    throw new LabFailure("No container engine answers", {
      where: process.platform === "linux" ? "DOCKER_HOST, or /var/run/docker.sock" : "DOCKER_HOST, or the engine's socket",
      remedy: "start the engine, or let `npm run recette -- doctor` say what is missing", cause,
    })
  }
}

let reaper: Promise<boolean> | undefined

/**
 * True where Testcontainers' reaper (Ryuk) is on this machine: then it also watches over what a process starts.
 * It is never pulled on the way: where it is missing, the lab's own clean-up by labels (clean-up.ts) stands alone.
 */
export function reaperIsThere(): Promise<boolean> {
  return reaper ??= engine().then(({ container: { dockerode } }) =>
    dockerode.getImage(getReaperImage()).inspect().then(() => true, () => false))
}

export interface ExecOutcome { exitCode: number; stdout: string; stderr: string }
export interface ExecOptions { user?: string; env?: Record<string, string>; input?: string }

/**
 * Runs `command` in a container and returns what it printed, stdout and stderr apart.
 * A non-zero exit code is returned, not thrown; an engine that does not answer is a LabFailure naming `where`.
 */
export async function execIn(
  containerId: string, command: readonly string[], { user, env = {}, input }: ExecOptions = {}, where = containerId,
): Promise<ExecOutcome> {
  const { container: { dockerode } } = await engine()
  try {
    const exec = await dockerode.getContainer(containerId).exec({
      Cmd: [...command], AttachStdout: true, AttachStderr: true, AttachStdin: input !== undefined,
      Env: Object.entries(env).map(([name, value]) => `${name}=${value}`), ...(user ? { User: user } : {}),
    })
    const stream = await exec.start({ hijack: true, stdin: input !== undefined })
    const stdout = new PassThrough()
    const stderr = new PassThrough()
    dockerode.modem.demuxStream(stream, stdout, stderr)
    const ended = new Promise<void>((resolve, reject) => {
      stream.once("end", resolve)
      stream.once("close", resolve)
      stream.once("error", reject)
    })
    const texts = Promise.all([textOf(stdout), textOf(stderr)])
    if (input !== undefined) stream.end(input)
    await ended
    stdout.end()
    stderr.end()
    const [out, err] = await texts
    const { ExitCode } = await exec.inspect()
    return { exitCode: ExitCode ?? -1, stdout: out, stderr: err }
  } catch (cause) {
    throw notRun(command, where, cause)
  }
}

/** A command that the engine could not run, or not to its end. */
export function notRun(command: readonly string[], where: string, cause: unknown): LabFailure {
  return new LabFailure(`The engine could not run ${command[0]} in ${where}`, {
    where, remedy: "see whether the engine and that container still run (docker ps)", cause,
  })
}

async function textOf(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString("utf8")
}
