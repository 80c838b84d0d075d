import { StartedAcademiesContainer } from "../lab/academies.ts"
import { StartedInternetContainer } from "../lab/internet.ts"
import type { LabHandle } from "../lab/handle.ts"
import type { LoadRecord } from "./ledger/load-record.ts"
import { recordMailboxes } from "./mailbox-record.ts"

type Writers = LoadRecord["writers"]["acceptances"]

/** All who take mail of a load: the academies, the catch-all internet, and the platform's own mailboxes. */
export class Recorders {
  private readonly handle: LabHandle
  private readonly run: string
  private readonly catchers: (StartedAcademiesContainer | StartedInternetContainer)[]
  private startedUs = 0
  private refusedBefore = 0

  /** `run` is the first part of the load's ids. */
  constructor(handle: LabHandle, run: string) {
    this.handle = handle
    this.run = run
    this.catchers = [
      ...nodesOf(handle, "academies").map((name) => new StartedAcademiesContainer(handle, name)),
      ...nodesOf(handle, "internet").map((name) => new StartedInternetContainer(handle, name)),
    ]
  }

  async start(): Promise<void> {
    this.startedUs = Date.now() * 1_000
    this.refusedBefore = await this.refused()
    await Promise.all(this.catchers.map((catcher) => catcher.startRecording({ writer: this.writerOf(catcher.node.name), run: this.run })))
  }

  /** Recipients that they have refused since the start. */
  async refusals(): Promise<number> {
    return await this.refused() - this.refusedBefore
  }

  private async refused(): Promise<number> {
    const counters = await Promise.all(this.catchers.map((catcher) => catcher.counters()))
    return counters.reduce((total, { refused }) => total + refused, 0)
  }

  /** Copies that the academies and the internet have taken so far. */
  async taken(): Promise<number> {
    const counters = await Promise.all(this.catchers.map((catcher) => catcher.recording()))
    return counters.reduce((total, { recipients }) => total + recipients, 0)
  }

  /**
   * Ends all records, fetches them into `folder` and returns what each of the servers counted by itself. `trees`: by the name
   * of a stream, the mailbox that keeps its copies for all their recipients.
   */
  async end(folder: string, trees: ReadonlyMap<string, string>): Promise<Writers> {
    const writers: Writers = []
    for (const catcher of this.catchers) {
      const { writer, recipients } = await catcher.endRecording(folder)
      writers.push({ writer, counted: { recipients } })
    }
    for (const node of nodesOf(this.handle, "dovecot")) {
      const writer = this.writerOf(node)
      writers.push({ writer, counted: { recipients: await recordMailboxes(this.handle, { node, folder, writer, sinceUs: this.startedUs, trees }) } })
    }
    return writers
  }

  /** Ends what can be ended, after something failed: the next load could not record otherwise. */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.catchers.map((catcher) => catcher.dropRecording()))
  }

  private writerOf(node: string): string {
    return `${node}-${this.run}`
  }
}

function nodesOf({ nodes }: LabHandle, component: string): string[] {
  return Object.values(nodes).filter((node) => node.component === component).map(({ name }) => name)
}
