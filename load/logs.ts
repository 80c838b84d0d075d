import { join } from "node:path"
import { eventually } from "../lab/eventually.ts"
import type { LabHandle } from "../lab/handle.ts"
import { StartedInsideContainer } from "../lab/inside-container.ts"
import { LogNews } from "./log-news.ts"

const logsMsMax = 30_000
/** Components with a Postfix, whose logs say what became of each recipient. */
const components: readonly string[] = ["postfix", "sympa"]

/**
 * Waits until the files in `logsFolder` hold all that the Postfix of every node has logged so far: a line that goes the same
 * way behind all others has arrived.
 */
export async function awaitLogs(handle: LabHandle, logsFolder: string, run: string): Promise<void> {
  const mark = `load ${run} has drained`
  const nodes = Object.values(handle.nodes).filter(({ component }) => components.includes(component))
  await Promise.all(nodes.map(async ({ name }) => {
    const news = await LogNews.from(join(logsFolder, `${name}.log`))
    await new StartedInsideContainer(handle, name).run(["postlog", "-p", "info", "-t", "recette", mark])
    await eventually(`the log of ${name} holds "${mark}"`, () => news.bring(mark), { withinMs: logsMsMax })
  }))
}
