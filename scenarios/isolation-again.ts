import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { LabHandle } from "../lab/handle.ts"
import { proveIsolation } from "../lab/isolation-proof.ts"
import { IsolationRefused, type IsolationRecord } from "../lab/isolation-record.ts"
import { HostAgent, type IsolationRules } from "../lab/isolation-rules.ts"
import { makeDouble } from "../lab/outside-double.ts"
import { runningWorldImage } from "../lab/world-image.ts"

let proof: Promise<IsolationRecord> | undefined

/**
 * The isolation of this lab as it is at this moment, by the probes of its start: a new outside double, and each node
 * once more. Made once for each worker. A way out is in the record, not thrown; where the start was by inspection
 * only, so is this.
 */
export async function proveAgain(handle: LabHandle): Promise<IsolationRecord> {
  return proof ??= prove(handle)
}

/**
 * Packets that the rules around this lab have turned back so far, on the host's side; `undefined` where the isolation is by
 * inspection only. Probes are among them: ask while nobody else proves.
 */
export async function packetsTurnedBack(handle: LabHandle): Promise<number | undefined> {
  const { run, owner, resultsFolder } = handle
  const { means } = JSON.parse(readFileSync(join(resultsFolder, "isolation.json"), "utf8")) as IsolationRecord
  if (means !== "rules") return undefined
  const agent = await HostAgent.start({ run, owner, image: await runningWorldImage(handle), purpose: "host-count" })
  try {
    return (await agent.counters(run)).reduce((sum, { packets }) => sum + packets, 0)
  } finally {
    await agent.remove()
  }
}

async function prove(handle: LabHandle): Promise<IsolationRecord> {
  const { run, owner, network, outerNetwork } = handle
  const image = await runningWorldImage(handle)
  const place = { run, owner, network, outerNetwork, image }
  const atStart = JSON.parse(readFileSync(join(handle.resultsFolder, "isolation.json"), "utf8")) as IsolationRecord
  const rules: IsolationRules = atStart.means === "rules"
    ? { means: "rules", agent: await HostAgent.start({ run, owner, image, purpose: "host-again" }) }
    : { means: "inspection", reason: atStart.reason ?? "as at the start" }
  const double = await makeDouble(place, rules, handle.gateway.containerId)
  try {
    return await proveIsolation({ handle, rules, double })
  } catch (error) {
    if (error instanceof IsolationRefused) return error.record
    throw error
  } finally {
    await double.remove()
  }
}
