import { request } from "node:http"
import { text } from "node:stream/consumers"
import { secretOf } from "../lab/lab-secret.ts"
import { eventually } from "../lab/eventually.ts"
import { ClaimFailed } from "./claim-failed.ts"
import type { Services } from "./services.ts"

/** What the antispam's history keeps of one message. */
export interface Judgement {
  "message-id": string
  action: string
  score: number
  user: string
  subject: string
  unix_time: number
  symbols: Record<string, { score: number; options?: string[] }>
}

export interface Statistics {
  scanned: number
  actions: Record<string, number>
  statfiles: { symbol: string; revision: number }[]
}

/** Longest wait for a row: it is written just after the answer to the edge, in ms. */
const rowMsMax = 5_000

/** Somebody of the team who asks the antispam of antispam-alias, over the network with a password, and on its server. */
export class AntispamOperator {
  private readonly services: Services
  constructor(services: Services) {
    this.services = services
  }

  /** Every row of the history, newest first. */
  async history(): Promise<Judgement[]> {
    return (JSON.parse((await this.ask("/history?from=0&to=4999")).text) as { rows: Judgement[] }).rows
  }

  /** The rows of a message, by its Message-ID or by a queue id of the edge; waits for the first. */
  async judgements(id: string): Promise<Judgement[]> {
    const wanted = id.replace(/^<|>$/g, "")
    return eventually(`the history knows ${wanted}`, async () => {
      const rows = (await this.history()).filter((row) => row["message-id"] === wanted || row.symbols["QUEUE_ID"]?.options?.includes(wanted))
      return rows.length > 0 && rows
    }, { withinMs: rowMsMax })
  }

  async statistics(): Promise<Statistics> {
    return JSON.parse((await this.ask("/stat")).text) as Statistics
  }

  /** How many messages are known as clean, now; `statistics` follows after some time. */
  async learnedClean(): Promise<number> {
    return Number(await this.services.rspamd.run(["redis-cli", "HGET", "RS", "learns_ham"]))
  }

  /** What the controller answers to somebody with this password; the operators' own without it. */
  async ask(
    path: string, { password = secretOf(this.services.handle, "rspamd-controller"), body }: { password?: string; body?: string } = {},
  ): Promise<{ status: number; text: string }> {
    try {
      return await this.answer(path, { password, ...body === undefined ? {} : { body } })
    } catch (cause) {
      await this.services.rspamd.run(["/ready.sh"])
      throw new ClaimFailed(`The antispam's controller does not answer: ${(cause as Error).message}`, { cause })
    }
  }

  /**
   * By node:http: the controller closes each connection, and fetch in Node.js 24 throws where nobody can catch it if that comes
   * before the answer's body was read (nodejs/undici issue 5360).
   */
  private async answer(path: string, { password, body }: { password: string; body?: string }): Promise<{ status: number; text: string }> {
    const { host, port } = this.services.rspamd.endpointFor("controller")
    return new Promise((resolve, reject) => {
      const asking = request({ host, port, path, method: body === undefined ? "GET" : "POST", headers: { Password: password }, agent: false }, (answer) => {
        text(answer).then((said) => resolve({ status: answer.statusCode ?? 0, text: said }), reject)
      })
      asking.once("error", reject)
      asking.end(body)
    })
  }

  /** Accounts on hold, with the reason. */
  async heldAccounts(): Promise<Map<string, string>> {
    const lines = (await this.services.rspamd.run(["/etc/rspamd/account", "held"])).split("\n").filter(Boolean)
    return new Map(lines.map((line) => line.split("\t") as [string, string]))
  }

  async releaseAccount(login: string, operator: string): Promise<void> {
    await this.services.rspamd.run(["/etc/rspamd/account", "release", login, operator])
  }

  /** Who let which account go, and when, one a line. */
  async accountReleases(): Promise<string[]> {
    return (await this.services.rspamd.run(["/etc/rspamd/account", "releases"])).split("\n").filter(Boolean)
  }
}
