import { join } from "node:path"
import type { NodeCertificates } from "./certificates.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeDefinition } from "./platform.ts"
import { certificateDefects, type Behaviour } from "./world/behaviour.ts"
import type { CatcherConfiguration } from "./world/mail-catcher.ts"
import type { RecordingCounters, RecordingOrder } from "./world/load-recording.ts"
import type { Acceptance, Incomplete, Refusal } from "./world/mail-record.ts"
import type { SendOrder, SendOutcome } from "./world/smtp-client.ts"
import { queryOf, WorldControl } from "./world-control.ts"

const startupMsMax = 20_000

/** Base of the world's mail servers. `image` is the world's. */
export abstract class MailCatcherContainer extends InsideContainer {
  constructor(
    image: string, place: LabPlace, node: NodeDefinition, holderId: string,
    configuration: CatcherConfiguration, tls: NodeCertificates,
  ) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCommand(["/start.sh"])
    this.withEnvironment({ RECETTE_PART: "mail" })
    this.withCopyContentToContainer([
      { content: JSON.stringify(configuration), target: "/recette/catcher.json", mode: 0o644 },
      ...certificateDefects.flatMap((defect) => [
        { content: tls.defective[defect].certificate, target: `/recette/tls/${defect}/fullchain.pem`, mode: 0o644 },
        { content: tls.defective[defect].key, target: `/recette/tls/${defect}/key.pem`, mode: 0o600 },
      ]),
    ])
    this.withServerCertificate(tls)
  }
}

/** What is looked for; addresses in any case, times in microseconds since the epoch. All that is given must hold. */
export interface AcceptanceQuery {
  id?: string
  recipient?: string
  /** Envelope sender; empty for the null sender. */
  sender?: string
  domain?: string
  /** Host name of the server, for example `mx.ac-lyon.test`. */
  server?: string
  transaction?: string
  sinceUs?: number
}

export type RefusalQuery = Pick<AcceptanceQuery, "id" | "recipient" | "sender" | "server" | "sinceUs">
  & { stage?: Refusal["stage"] }

export interface CatcherCounters {
  acceptedRecipients: number; acceptedMessages: number; refused: number
  connections: number; open: number; incomplete: Incomplete
}

/** What the world's mail servers hold and how they behave. */
export abstract class StartedMailCatcherContainer extends StartedInsideContainer {
  private readonly control: WorldControl
  constructor(handle: LabHandle, name: string) {
    super(handle, name)
    this.control = new WorldControl(this.endpointFor("control"), name)
  }

  /**
   * Every acceptance, one for each recipient, oldest first. Throws a LabFailure where the answer would not be whole
   * (more than 50 000 rows, or rows that memory had to drop), so that an absence is never read from half a record.
   */
  async acceptances(query: AcceptanceQuery = {}): Promise<Acceptance[]> {
    const answer = await this.control.json<{ acceptances: Acceptance[]; more: boolean; incomplete: Incomplete }>(
      "GET", `/acceptances${queryOf({ ...query })}`)
    this.whole(answer.more || answer.incomplete.acceptancesDropped > 0, answer)
    return answer.acceptances
  }

  /** Every recipient's copy of the message with this `X-Recette-Id`. */
  async copiesOf(id: string): Promise<Acceptance[]> {
    return this.acceptances({ id })
  }

  /** What was refused, and how. Throws like `acceptances`. */
  async refusals(query: RefusalQuery = {}): Promise<Refusal[]> {
    const answer = await this.control.json<{ refusals: Refusal[]; more: boolean; incomplete: Incomplete }>(
      "GET", `/refusals${queryOf({ ...query })}`)
    this.whole(answer.more || answer.incomplete.refusalsDropped > 0, answer)
    return answer.refusals
  }

  /** The raw message of a transaction, as it arrived. Throws a LabFailure where it is no longer (or never was) held. */
  async message(transaction: string): Promise<Buffer> {
    return this.control.bytes(`/messages/${encodeURIComponent(transaction)}`)
  }

  /** Replaces the whole behaviour of a domain, from the next command on; `down` has taken effect on return. */
  async behave(domain: string, behaviour: Behaviour): Promise<void> {
    await this.control.json("PUT", `/behaviours/${domain}`, behaviour)
  }

  /** Back to accepting, with an empty greylist: one domain, or all without it. */
  async reset(domain?: string): Promise<void> {
    await this.control.json("DELETE", `/behaviours/${domain ?? ""}`)
  }

  /** The behaviours in force: empty in the lab's starting state. */
  async behaviours(): Promise<Record<string, Behaviour>> {
    return this.control.json("GET", "/behaviours")
  }

  /**
   * Sends a message from one of this node's servers, with that server's address and HELO name, without retry.
   * Refusals and a broken dialog are in the outcome, not thrown: look at `accepted`, `refused` and `failure`.
   */
  async send(order: SendOrder): Promise<SendOutcome> {
    return this.control.json("POST", "/send", order)
  }

  /**
   * Begins to write a load's copies to columnar files: they stand there alone, and `acceptances` does not list them; all
   * other mail stands in both. `run` is the first part of the load's ids, `writer` names the files.
   */
  async startRecording(order: RecordingOrder): Promise<void> {
    await this.control.json("POST", "/recording", order)
  }

  /** What has been recorded so far, for live display. */
  async recording(): Promise<RecordingCounters> {
    return this.control.json("GET", "/recording")
  }

  /** Ends the recording and fetches its files into a folder; the counts are the server's own, for the ledger to compare. */
  async endRecording(folder: string): Promise<RecordingCounters> {
    const counters = await this.control.json<RecordingCounters>("DELETE", "/recording")
    for (const name of counters.files) await this.control.download(`/recording/${name}`, join(folder, name))
    return counters
  }

  /** Ends the recording and leaves its files where they are: for a load that nobody will reconcile. */
  async dropRecording(): Promise<void> {
    await this.control.json("DELETE", "/recording")
  }

  async counters(): Promise<CatcherCounters> {
    return this.control.json("GET", "/counters")
  }

  private whole(isPartial: boolean, { incomplete }: { incomplete: Incomplete }): void {
    if (!isPartial) return
    throw new LabFailure(`The record of node ${this.node.name} is not whole: ${JSON.stringify(incomplete)}`, {
      where: `node ${this.node.name}, /recette/acceptances.ndjson`,
      remedy: "ask more narrowly (id, recipient, sinceUs), or read that file",
    })
  }
}
