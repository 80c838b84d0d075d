import { join } from "node:path"
import { eventually, StillNotTrue } from "../lab/eventually.ts"
import type { LabHandle } from "../lab/handle.ts"
import { StartedInsideContainer } from "../lab/inside-container.ts"
import { LogNews } from "./log-news.ts"

const logsMsMax = 30_000
/** A log that somebody follows has a line of its node within that time. */
const followedMsMax = 3_000
/** Components with a Postfix, whose logs say what became of each recipient. */
const components: readonly string[] = ["postfix", "sympa"]

/**
 * Has this process follow the logs that nobody follows: of a node that a scenario stopped and started again, its process did,
 * and has ended.
 */
export async function followLogs(handle: LabHandle, logsFolder: string, run: string): Promise<Disposable> {
  const ends = await Promise.all(nodesOf(handle).map(async (node) => {
    const since = Math.floor(Date.now() / 1_000)
    const isFollowed = await marked(node, { logsFolder, mark: `load ${run} begins`, withinMs: followedMsMax }).then(() => true, (error: unknown) => {
      if (error instanceof StillNotTrue) return false
      throw error
    })
    return isFollowed ? () => undefined : (await node.followLog(since)).end
  }))
  return { [Symbol.dispose]: () => ends.forEach((end) => end()) }
}

/**
 * Waits until the files in `logsFolder` hold all that the Postfix of every node has logged so far: a line that goes the same
 * way behind all others has arrived.
 */
export async function awaitLogs(handle: LabHandle, logsFolder: string, run: string): Promise<void> {
  await Promise.all(nodesOf(handle).map((node) => marked(node, { logsFolder, mark: `load ${run} has drained`, withinMs: logsMsMax })))
}

function nodesOf(handle: LabHandle): StartedInsideContainer[] {
  return Object.values(handle.nodes).filter(({ component }) => components.includes(component)).map(({ name }) => new StartedInsideContainer(handle, name))
}

/** Writes a line and waits until it has come. Throws StillNotTrue where it does not. */
async function marked(node: StartedInsideContainer, { logsFolder, mark, withinMs }: { logsFolder: string; mark: string; withinMs: number }): Promise<void> {
  const { name } = node.node
  const news = await LogNews.from(join(logsFolder, `${name}.log`))
  await node.run(["postlog", "-p", "info", "-t", "recette", mark])
  await eventually(`the log of ${name} holds "${mark}"`, () => news.bring(mark), { withinMs })
}
